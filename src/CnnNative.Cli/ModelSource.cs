// What --model and MODEL name: a network of the zoo, a description in JSON, or a model in a file. One place turns the word into a
// model, so that every command understands the same words.

namespace CnnNative.Cli;

internal static class ModelSource
{
    // Its output is a class for each pixel, which no data set here has.
    private const string PerPixel = "unet-small";

    /// <summary>The networks that are known by name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Zoo.Names.Select(Usual)];

    /// <summary>The name by which people know a network, of those that it has.</summary>
    public static string Usual(string name) => name switch
    {
        "lenet5" => "lenet",
        "squeezenet1_1" => "squeezenet",
        _ => name,
    };

    /// <summary>Whether a word names a file rather than a network.</summary>
    public static bool IsFile(string text) => Path.GetExtension(text).ToLowerInvariant() is ".cnn" or ".json";

    /// <summary>Whether a word is a network's name or a file's.</summary>
    public static bool IsKnown(string text) => IsFile(text) || Names.Contains(Usual(text));

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
            return FromFile("--model", text, seed);
        }

        try
        {
            return text == PerPixel
                ? throw new UserException(
                    $"--model {text} has a class for each pixel; 'cnn train' trains networks with one class a picture.")
                : Zoo.Create(text, input, classes, seed);
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
            throw new UserException(
                $"MODEL is '{text}', {what}; expected {string.Join(", ", Names)}, or a file that ends with .json or .cnn.");
        }

        return IsFile(text) ? FromFile("MODEL", text, seed: 0) : Zoo.Create(text);
    }

    /// <summary>Loads a trained model.</summary>
    /// <param name="path">A .cnn file.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model Load(string path)
    {
        RequireFile("MODEL", path);
        return Model.Load(path);
    }

    private static Model FromFile(string what, string path, ulong seed)
    {
        RequireFile(what, path);
        return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? Model.LoadDescription(path, seed)
            : Model.Load(path);
    }

    private static void RequireFile(string what, string path)
    {
        if (!File.Exists(path))
        {
            throw new UserException(
                $"{what} is '{path}', which {(Directory.Exists(path) ? "is a folder" : "does not exist")}; expected a file.");
        }
    }
}
