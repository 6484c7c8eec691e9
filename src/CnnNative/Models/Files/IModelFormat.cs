// Kinds of files that hold a whole model. A file's ending chooses one, so that every program and every command takes any of them.
// The core knows ONNX by name alone: whoever does not reference that package does not carry it along.

namespace CnnNative.Models;

/// <summary>Reads and writes models in one kind of file. Made for one use.</summary>
internal interface IModelFormat
{
    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputShapes">Shapes of inputs as the file orders their dimensions, by name; an input may be left out where
    /// nothing but its batch is open.</param>
    /// <param name="forRuns">The model is compiled and nothing else: its weights may stay in the file, which stays open.</param>
    Model Load(string path, IReadOnlyDictionary<string, Shape>? inputShapes, bool forRuns = false);

    /// <summary>Writes a model. The file appears whole or not at all.</summary>
    void Save(Model model, string path);
}

internal static class ModelFormats
{
    /// <summary>The ending of ONNX models.</summary>
    public const string OnnxEnding = ".onnx";

    /// <summary>The format that a file's ending stands for: ONNX, or this library's own for any other.</summary>
    /// <exception cref="NotSupportedException">The package that reads it is not there.</exception>
    public static IModelFormat For(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetExtension(path).Equals(OnnxEnding, StringComparison.OrdinalIgnoreCase)
            ? FindOnnx() ?? throw new NotSupportedException(
                $"{path}: ONNX models need the package CnnNative.Onnx, which this program does not reference " +
                "(dotnet add package CnnNative.Onnx).")
            : new CnnModelFormat();
    }

    /// <summary>The format of the other assembly, or null where that is missing, or belongs to another copy of this one. Trimmers
    /// and ahead-of-time compilers understand a name that is written out in this place, and keep the type.</summary>
    private static IModelFormat? FindOnnx() =>
        Type.GetType("CnnNative.Onnx.OnnxModelFormat, CnnNative.Onnx", throwOnError: false) is { } type
            ? Activator.CreateInstance(type) as IModelFormat
            : null;
}
