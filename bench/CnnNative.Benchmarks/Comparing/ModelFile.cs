// The models to compare: files as they are given, and all ONNX files of folders.

namespace CnnNative.Benchmarks.Comparing;

/// <summary>A model and what it is called.</summary>
internal sealed record ModelFile(string Path, string Name)
{
    private const string Extension = ".onnx";

    /// <summary>The models of files and folders, without repetitions.</summary>
    /// <exception cref="CompareException">A path does not exist, or a folder has no model.</exception>
    public static IReadOnlyList<ModelFile> Find(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Below).Select(System.IO.Path.GetFullPath).Distinct().Select(path => new ModelFile(path, NameOf(path)))];

    private static string[] Below(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new CompareException($"'{path}' does not exist.");
        }

        string[] files = Directory.GetFiles(path, "*" + Extension, SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new CompareException($"the folder '{path}' has no file that ends with {Extension}.");
    }

    /// <summary>The file's name; that of its folder where every model is called the same.</summary>
    private static string NameOf(string path)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        string? folder = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path));
        return name == "model" && !string.IsNullOrEmpty(folder) ? folder : name;
    }
}
