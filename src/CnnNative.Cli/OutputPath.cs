// Files that a command is going to write. What cannot be written is told before the work and not after it.

namespace CnnNative.Cli;

internal static class OutputPath
{
    /// <summary>Checks a file's path; null is no file.</summary>
    public static string? File(string option, string? path, params ReadOnlySpan<string> endings)
    {
        if (path is null)
        {
            return null;
        }

        if (endings.Length > 0 && !endings.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            throw new UserException($"{option} is '{path}', expected a name that ends with {string.Join(" or ", endings)}.");
        }

        if (Directory.Exists(path))
        {
            throw new UserException($"{option} is '{path}', which is a folder; expected a file.");
        }

        CheckParents(option, path);
        return path;
    }

    /// <summary>Checks a folder's path; null is no folder.</summary>
    public static string? Folder(string option, string? path)
    {
        if (path is null)
        {
            return null;
        }

        if (System.IO.File.Exists(path))
        {
            throw new UserException($"{option} is '{path}', which is a file; expected a folder.");
        }

        CheckParents(option, path);
        return path;
    }

    /// <summary>Makes the folder of a file that is about to be written.</summary>
    public static void MakeFolderOf(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Makes sure that a file can be written, by writing one beside it that is gone at once. For work that is too long to
    /// find out afterwards.</summary>
    public static void RequireWritable(string option, string path)
    {
        string probe = $"{Path.GetFullPath(path)}.{Environment.ProcessId}.tmp";
        try
        {
            MakeFolderOf(path);
            using FileStream stream = new(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{option} is '{path}', which cannot be written: {AtomicFile.Reason(error, probe)}", error);
        }
    }

    private static void CheckParents(string option, string path)
    {
        for (string? parent = Path.GetDirectoryName(Path.GetFullPath(path)); parent is not null;
            parent = Path.GetDirectoryName(parent))
        {
            if (System.IO.File.Exists(parent))
            {
                throw new UserException($"{option} is '{path}', but '{parent}' is a file.");
            }
        }
    }
}
