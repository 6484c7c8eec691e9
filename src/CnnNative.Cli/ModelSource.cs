// What --model and MODEL name: a network of the zoo, a description in JSON, or a model in a file, .cnn or .onnx. One place turns
// the word into a model, so that every command understands the same words.

namespace CnnNative.Cli;

internal static class ModelSource
{
    // Its output is a class for each pixel, which no data set here has.
    private const string PerPixel = "unet-small";

    /// <summary>The endings of files that hold a model or its description.</summary>
    public const string Endings = ".cnn, .onnx or .json";

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
    public static bool IsFile(string text) => Path.GetExtension(text).ToLowerInvariant() is ".cnn" or ".json" or ".onnx";

    /// <summary>Refuses a word that is neither a network's name nor that of a model's file.</summary>
    public static void RequireKnown(string what, string text)
    {
        if (!IsFile(text) && !Names.Contains(Usual(text)))
        {
            string found = Directory.Exists(text) ? "a folder" : Path.HasExtension(text) ? "no model's file" : "no network's name";
            throw new UserException(
                $"{what} is '{text}', which is {found}; expected {string.Join(", ", Names)}, or a file that ends with {Endings}.");
        }
    }

    /// <summary>Loads a model to train.</summary>
    /// <param name="path">A .cnn, .onnx or .json file.</param>
    /// <param name="seed">Where first weights come from.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model ForTraining(string path, ulong seed) => FromFile("--model", path, seed);

    /// <summary>The model with a new last layer; the given one is disposed.</summary>
    public static Model WithHead(string name, Model model, int classes, ulong seed)
    {
        using (model)
        {
            try
            {
                return model.WithHead(classes, seed);
            }
            catch (Exception error) when (error is InvalidOperationException or ShapeException)
            {
                throw new UserException(
                    $"--new-head: {name} is no classifier whose last layer could be replaced: {error.Message}", error);
            }
        }
    }

    /// <summary>Makes a network of the zoo to train.</summary>
    /// <param name="text">A network's name.</param>
    /// <param name="input">The shape of a picture: height x width x channels.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="seed">Where first weights come from.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model ForTraining(string text, Shape input, int classes, ulong seed)
    {
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
    /// <param name="text">A network's name, or a file.</param>
    /// <param name="shapes">Shapes of inputs that a file leaves open; null for none.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model ForReading(string text, IReadOnlyDictionary<string, Shape>? shapes = null)
    {
        RequireKnown("MODEL", text);
        return IsFile(text) ? FromFile("MODEL", text, seed: 0, shapes) : Zoo.Create(text);
    }

    /// <summary>Loads a trained model.</summary>
    /// <param name="path">A .cnn or .onnx file.</param>
    /// <param name="shapes">Shapes of inputs that a file leaves open; null for none.</param>
    /// <returns>The model, which the caller disposes.</returns>
    public static Model Load(string path, IReadOnlyDictionary<string, Shape>? shapes = null)
    {
        RequireFile("MODEL", path);
        return Open(path, shapes);
    }

    /// <summary>Refuses what is no file.</summary>
    public static void RequireFile(string what, string path)
    {
        if (!File.Exists(path))
        {
            throw new UserException(
                $"{what} is '{path}', which {(Directory.Exists(path) ? "is a folder" : "does not exist")}; expected a file.");
        }
    }

    private static Model FromFile(string what, string path, ulong seed, IReadOnlyDictionary<string, Shape>? shapes = null)
    {
        RequireFile(what, path);
        return Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase)
            ? Model.LoadDescription(path, seed)
            : Open(path, shapes);
    }

    private static Model Open(string path, IReadOnlyDictionary<string, Shape>? shapes)
    {
        try
        {
            return Model.Load(path, shapes);
        }
        catch (ShapeException error) when (shapes is not { Count: > 0 })
        {
            string advice = shapes is null
                ? $"'cnn convert {Path.GetFileName(path)} OUT --shape NAME=SIZES' makes a model of it."
                : "--shape NAME=SIZES says it.";
            throw new UserException($"{error.Message} {advice}", error);
        }
    }
}
