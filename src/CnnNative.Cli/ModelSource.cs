// What --model and MODEL name: a network of the zoo, a description in JSON, or a model in a file. One place turns the word into a
// model, so that every command understands the same words.

namespace CnnNative.Cli;

internal static class ModelSource
{
    /// <summary>The networks that are known by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["lenet", "tutorial"];

    /// <summary>Whether a word names a file rather than a network.</summary>
    public static bool IsFile(string text) => Path.GetExtension(text).ToLowerInvariant() is ".cnn" or ".json";

    /// <summary>Whether a word is a network's name or a file's.</summary>
    public static bool IsKnown(string text) => IsFile(text) || Names.Contains(text);

    /// <summary>What to throw for a word that is neither.</summary>
    public static UserException Unknown(string text) =>
        new($"--model is '{text}', expected {string.Join(", ", Names)}, or a file that ends with .json or .cnn.");

    /// <summary>Makes or loads a model to train.</summary>
    /// <param name="text">A network's name, a .json or a .cnn file.</param>
    /// <param name="input">The shape of a picture: height x width x channels.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="seed">Where first weights come from.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model ForTraining(string text, Shape input, int classes, ulong seed)
    {
        if (IsFile(text))
        {
            RequireFile("--model", text);
            return Path.GetExtension(text).Equals(".json", StringComparison.OrdinalIgnoreCase)
                ? Model.LoadDescription(text, seed)
                : Model.Load(text);
        }

        try
        {
            return Create(text, input, classes, seed);
        }
        catch (ShapeException error)
        {
            throw new UserException($"--model {text} does not suit pictures of {input}: {error.Message}", error);
        }
    }

    /// <summary>Loads or makes a model to look at: a file, or a network as it was published.</summary>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model ForReading(string text)
    {
        if (!IsKnown(text))
        {
            string what = Path.HasExtension(text) || Directory.Exists(text) ? "which is neither" : "which is no network's name";
            throw new UserException($"MODEL is '{text}', {what}; expected {string.Join(", ", Names)}, or a file that ends with .json or .cnn.");
        }

        return ForTraining(text, (28, 28, 1), 10, seed: 0);
    }

    /// <summary>Loads a trained model.</summary>
    /// <param name="path">A .cnn file.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model Load(string path)
    {
        RequireFile("MODEL", path);
        return Model.Load(path);
    }

    private static void RequireFile(string what, string path)
    {
        if (!File.Exists(path))
        {
            throw new UserException($"{what} is '{path}', which {(Directory.Exists(path) ? "is a folder" : "does not exist")}; expected a file.");
        }
    }

    private static Model Create(string name, Shape input, int classes, ulong seed) => name switch
    {
        "lenet" => new Sequential(input)
        {
            new Conv2d(6, 5, Padding.Same), new Relu(), new MaxPool2d(2), new Conv2d(16, 5), new Relu(), new MaxPool2d(2),
            new Flatten(), new Linear(120), new Relu(), new Linear(84), new Relu(), new Linear(classes),
        }.Build(seed),
        "tutorial" => new Sequential(input)
        {
            new Conv2d(12, 3, Padding.Same), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(classes),
        }.Build(seed),
        _ => throw Unknown(name),
    };
}
