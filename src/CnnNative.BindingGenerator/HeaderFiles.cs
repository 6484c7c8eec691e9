// The files of one public header: the header itself and its parts, which are the headers that it includes from the folder with
// its own name beside it (cnn.h: "cnn/base.h" and so on). native/CMakeLists.txt takes the same files in the same order.

using System.Text;
using System.Text.RegularExpressions;

namespace CnnNative.BindingGenerator;

internal sealed partial class HeaderFiles
{
    private readonly HashSet<string> _paths;

    private HeaderFiles(IReadOnlyList<string> paths)
    {
        _paths = [.. paths];
        Text = string.Concat(paths.Select(ReadText));
    }

    /// <summary>The text of all files: the header, then its parts in the order in which it includes them.</summary>
    public string Text { get; }

    /// <summary>Finds the files of a header.</summary>
    /// <exception cref="GeneratorException">The header or one of its parts is not there.</exception>
    public static HeaderFiles Of(string path)
    {
        if (!File.Exists(path))
        {
            throw new GeneratorException($"the header '{path}' does not exist.");
        }

        string full = Path.GetFullPath(path), folder = Path.GetFileNameWithoutExtension(path) + "/";
        List<string> paths = [full];
        foreach (string name in Inclusions().Matches(ReadText(full)).Select(match => match.Groups[1].Value))
        {
            string part = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(full)!, name));
            if (!name.StartsWith(folder, StringComparison.Ordinal) || paths.Contains(part))
            {
                continue;
            }

            paths.Add(File.Exists(part) ? part : throw new GeneratorException($"'{path}' includes '{name}', which does not exist."));
        }

        return new HeaderFiles(paths);
    }

    /// <summary>Whether a path, as the compiler names it, is one of the files.</summary>
    public bool Contains(string path) => path.Length > 0 && _paths.Contains(Path.GetFullPath(path));

    /// <summary>The text without carriage returns, because a checkout with other line ends must give the same hash.</summary>
    private static string ReadText(string path) =>
        Encoding.UTF8.GetString(File.ReadAllBytes(path)).Replace("\r", "", StringComparison.Ordinal);

    [GeneratedRegex("^#include \"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Inclusions();
}
