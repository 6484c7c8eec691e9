// Tensors as .npz files, the format of numpy.savez: a zip file with a .npy file for each array. The zip format is .NET's; the
// checksums, which .NET does not compare, are compared here.

using System.Collections.ObjectModel;
using System.IO.Compression;
using CnnNative.Files;

namespace CnnNative;

/// <summary>Reads and writes named tensors as NumPy's .npz files.</summary>
/// <remarks>Safe to call from several threads at once.</remarks>
public static class NpzFile
{
    private const string Extension = ".npy";

    // One bit of a deflated stream stands for at most 258 bytes every 2 bits, which is 1032 to 1.
    private const long LargestRatio = 1032;

    // The earliest date that a zip file can hold, which numpy.savez writes too: the same tensors make the same bytes.
    private static readonly DateTimeOffset _date = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads all arrays of a file, compressed or not.</summary>
    /// <param name="path">The file, as numpy.savez and numpy.savez_compressed write it.</param>
    /// <returns>The tensors in the order of the file, by their names without ".npy"; the caller disposes them. The element types
    /// are those of <see cref="NpyFile.Read(string)"/>.</returns>
    /// <exception cref="InvalidDataException">The file is not a .npz file, is cut short or damaged, or holds an array that is not
    /// supported. The message names the file, the array and the reason.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TensorCollection Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads all arrays from a stream; see <see cref="Read(string)"/>.</summary>
    /// <param name="stream">The stream; if it cannot seek, it is copied into memory first.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataException">See <see cref="Read(string)"/>.</exception>
    public static TensorCollection Read(Stream stream, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        using ZipArchive archive = Open(stream, name);
        var tensors = new TensorCollection();
        try
        {
            foreach (ZipArchiveEntry entry in Entries(archive, name))
                Read(entry, name, tensors);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors as float32. An existing file is replaced only when everything was written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors, which are written in this order.</param>
    /// <param name="compress">Whether to compress them; weights hardly become smaller by it.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        AtomicFile.Write(path, stream => Write(stream, tensors, compress));
    }

    /// <summary>Writes tensors as float32 to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="tensors">The tensors, which are written in this order.</param>
    /// <param name="compress">Whether to compress them.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        CompressionLevel level = compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (name.Length == 0)
                throw new ArgumentException("A tensor has an empty name, which a .npz file cannot hold.", nameof(tensors));
            ZipArchiveEntry entry = archive.CreateEntry(name + Extension, level);
            entry.LastWriteTime = _date;
            using Stream target = entry.Open();
            NpyFile.Write(target, tensor);
        }
    }

    private static ZipArchive Open(Stream stream, string name)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{name}: the file is not a .npz file, or is cut short: {error.Message}", error);
        }
    }

    private static ReadOnlyCollection<ZipArchiveEntry> Entries(ZipArchive archive, string name)
    {
        try
        {
            return archive.Entries;
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{name}: the list of arrays is damaged: {error.Message}", error);
        }
    }

    private static void Read(ZipArchiveEntry entry, string name, TensorCollection tensors)
    {
        if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"{name}: the file '{entry.FullName}' within it is no array, expected names that end with {Extension}.");
        }

        string key = entry.FullName[..^Extension.Length], what = $"{name}, array '{key}'";
        if (tensors.ContainsKey(key))
            throw new InvalidDataException($"{name}: the array '{key}' occurs twice.");
        if (entry.Length / LargestRatio > entry.CompressedLength)
        {
            throw new InvalidDataException(
                $"{what}: {entry.CompressedLength} bytes are said to hold {entry.Length} compressed ones, which cannot be.");
        }

        try
        {
            using Stream stream = entry.Open();
            var content = new ChecksumStream(stream, Crc32.Append);
            Tensor tensor = NpyFile.Read(content, what, entry.Length);
            try
            {
                CheckEnd(entry, content, what);
                tensors.Add(key, tensor);
            }
            catch
            {
                tensor.Dispose();
                throw;
            }
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(what, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"{what}: the zip file is damaged, or made in a way that is not supported: {error.Message}", error);
        }
    }

    private static void CheckEnd(ZipArchiveEntry entry, ChecksumStream content, string what)
    {
        Span<byte> next = stackalloc byte[1];
        if (content.Read(next) != 0)
            throw new InvalidDataException($"{what}: there are bytes after the last element.");
        if (content.Value != entry.Crc32)
        {
            throw new InvalidDataException(
                $"{what}: its checksum is {content.Value:x8}, expected {entry.Crc32:x8}; the file is damaged.");
        }
    }
}
