// Weights that a model keeps in files beside it. A model may come from anywhere, so it only reaches files below its own folder.

using System.Globalization;
using CnnNative.Onnx.Schema;
using Microsoft.Win32.SafeHandles;

namespace CnnNative.Onnx.Reading;

/// <summary>The files of a model besides its own.</summary>
/// <param name="folder">The model's folder; null for a model that came without one, which then has no external data.</param>
internal sealed class ExternalData(string? folder) : IDisposable
{
    private readonly Dictionary<string, SafeFileHandle> _files = new(StringComparer.Ordinal);

    /// <summary>No folder.</summary>
    public static ExternalData None { get; } = new(null);

    /// <summary>Finds the bytes of a tensor.</summary>
    /// <param name="proto">The tensor.</param>
    /// <param name="bytes">How many are expected.</param>
    /// <param name="where">What to call the tensor in messages.</param>
    /// <exception cref="CnnFormatException">The file lies outside the folder, is not there, or is too short.</exception>
    public FileRange Find(TensorProto proto, long bytes, string where)
    {
        (string location, long offset, long length) = Entries(proto, bytes, where);
        if (length != bytes)
        {
            throw new CnnFormatException($"{where}: the external data has {length} bytes, expected {bytes}.");
        }

        try
        {
            SafeFileHandle file = Open(location, where);
            long size = RandomAccess.GetLength(file);
            return offset >= 0 && offset <= size - bytes
                ? new FileRange(file, offset, bytes)
                : throw new CnnFormatException(
                    $"{where}: the external data starts at byte {offset} of '{location}' and has {bytes} bytes, " +
                    $"but the file has {size}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CnnFormatException($"{where}: the external data '{location}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Closes the files, once nothing reads from them any more.</summary>
    public void Dispose()
    {
        lock (_files)
        {
            foreach (SafeFileHandle file in _files.Values)
            {
                file.Dispose();
            }
        }
    }

    private SafeFileHandle Open(string location, string where)
    {
        lock (_files)
        {
            if (!_files.TryGetValue(location, out SafeFileHandle? file))
            {
                _files[location] = file = File.OpenHandle(
                    Resolve(location, where), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            }

            return file;
        }
    }

    private static (string Location, long Offset, long Length) Entries(TensorProto proto, long bytes, string where)
    {
        string? location = null;
        long offset = 0, length = bytes;
        foreach (StringStringEntryProto entry in proto.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(entry, where);
                    break;
                case "length":
                    length = Number(entry, where);
                    break;
            }
        }

        return string.IsNullOrEmpty(location)
            ? throw new CnnFormatException($"{where}: the external data has no location.")
            : (location, offset, length);
    }

    private static long Number(StringStringEntryProto entry, string where) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new CnnFormatException(
                $"{where}: the external data's {entry.Key} is '{entry.Value}', expected a whole number.");

    /// <summary>The full path, links resolved, which must be below the folder.</summary>
    private string Resolve(string location, string where)
    {
        if (folder is null)
        {
            throw new CnnFormatException(
                $"{where}: the tensor is kept in '{location}', but the model was read without a folder.");
        }

        string root = Path.GetFullPath(folder), path = Path.GetFullPath(Path.Combine(root, location));
        if (!IsBelow(root, path))
        {
            throw new CnnFormatException(
                $"{where}: the external data '{location}' lies outside the model's folder, where it is not read.");
        }

        if (!File.Exists(path))
        {
            throw new CnnFormatException($"{where}: the external data '{location}' is not there; it belongs beside the model.");
        }

        string final = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return final == path || IsBelow(root, final)
            ? path
            : throw new CnnFormatException(
                $"{where}: the external data '{location}' is a link out of the model's folder, where it is not read.");
    }

    private static bool IsBelow(string root, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
