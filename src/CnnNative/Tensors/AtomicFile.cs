// Files appear whole or not at all: everything is written to a neighbour first and flushed to the disk, and the neighbour then
// takes the place of the target. A full disk, an exception, Ctrl+C or a power cut leaves the old file and no part of a new one.

namespace CnnNative;

internal static class AtomicFile
{
    /// <summary>Writes a file whole, or throws and leaves what was there.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why.</exception>
    /// <remarks>The renaming itself is not flushed: .NET opens no folder, so fsync cannot be asked for one. After a power cut the
    /// name may therefore still stand for the old file, which is whole; a part of the new one it never stands for. A process
    /// that is killed leaves the neighbour behind, whose name is the target's, some letters, and ".tmp".</remarks>
    public static void Write(string path, Action<Stream> write)
    {
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target) ?? target;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"Cannot write '{path}': there is no folder '{folder}'.");
        }

        if (Directory.Exists(target))
        {
            throw new IOException($"Cannot write '{path}': it is a folder, expected the name of a file.");
        }

        string temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception)
        {
            Delete(temporary);
            switch (exception)
            {
                case UnauthorizedAccessException:
                    throw new IOException($"Cannot write '{path}': writing to the folder '{folder}' is not allowed.", exception);
                case IOException:
                    throw new IOException($"Cannot write '{path}': {Reason(exception, temporary, target)}", exception);
                default:
                    throw;
            }
        }
    }

    /// <summary>What the system said, for a sentence that has named the file already. .NET puts the path behind the reason or into
    /// it.</summary>
    /// <param name="exception">An exception of the file system.</param>
    /// <param name="paths">Full paths that are left out.</param>
    public static string Reason(Exception exception, params ReadOnlySpan<string> paths)
    {
        string reason = exception.Message;
        foreach (string path in paths)
        {
            reason = reason.Replace($" : '{path}'", "", StringComparison.Ordinal).Replace($" '{path}'", "", StringComparison.Ordinal);
        }

        return $"{reason.TrimEnd('.')}.";
    }

    /// <summary>What went wrong before is what the caller has to know, so nothing that goes wrong here may hide it.</summary>
    private static void Delete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
