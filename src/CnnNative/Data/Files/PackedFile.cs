// Files as they are distributed: plain or gzip, told apart by their first bytes because names lie. A header is believed only as
// far as the file could possibly hold what it announces, so that a few bytes cannot ask for gigabytes.

using System.IO.Compression;

namespace CnnNative;

internal static class PackedFile
{
    // Deflate cannot shrink data further than this (RFC 1951: 258 bytes for two bits, less the codes' own share).
    private const long BestRatio = 1032;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The largest number of bytes that can come out of it.</param>
    public static Stream Open(string path, out long limit)
    {
        if (Directory.Exists(path))
        {
            throw new FileNotFoundException($"'{path}' is a folder, expected a file.", path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file '{path}' (looked for {Path.GetFullPath(path)}).", path);
        }

        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        bool packed;
        try
        {
            Span<byte> start = stackalloc byte[2];
            packed = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 2 && start is [0x1f, 0x8b];
            file.Position = 0;
        }
        catch
        {
            file.Dispose();
            throw;
        }

        limit = packed ? checked(file.Length * BestRatio) : file.Length;
        return packed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>Fills a span, and says which file ends too early.</summary>
    public static void Fill(Stream stream, Span<byte> bytes, string name, string what)
    {
        int read;
        try
        {
            read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException error)
        {
            throw Corrupt(name, error);
        }

        if (read < bytes.Length)
        {
            throw new InvalidDataException(
                $"{name}: the file ends after {read} of the {bytes.Length} bytes of its {what}; it is cut short.");
        }
    }

    /// <summary>Reads what must not be there, which also makes a packed stream look at its checksum.</summary>
    public static void ExpectEnd(Stream stream, string name, string what)
    {
        try
        {
            if (stream.ReadByte() >= 0)
            {
                throw new InvalidDataException($"{name}: the file goes on after its {what}, expected its end there.");
            }
        }
        catch (InvalidDataException error) when (!error.Message.StartsWith(name, StringComparison.Ordinal))
        {
            throw Corrupt(name, error);
        }
    }

    public static InvalidDataException Corrupt(string name, Exception error) =>
        new($"{name}: the compressed data is corrupt ({error.Message.TrimEnd('.')}), expected a complete gzip file.", error);
}
