// A file of a data set as the web has it: where, and how to know that it is the right one.

namespace CnnNative;

/// <summary>A file that can be downloaded and checked.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="Checksum">"sha256:" or "md5:" and the digits in hexadecimal, as whoever offers the file publishes it. MD5 finds
/// damage and the wrong file, but not a file that was forged on purpose.</param>
/// <param name="Length">Its size in bytes, if known.</param>
public sealed record DataFile(Uri Source, string Checksum, long? Length = null)
{
    /// <summary>The name of the file: the last part of <see cref="Source"/>.</summary>
    public string Name => Path.GetFileName(Uri.UnescapeDataString(Source.Segments[^1]));
}

/// <summary>How far a download is.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Received">Bytes that are there, those of an earlier attempt included.</param>
/// <param name="Total">Bytes of the whole file; null where the server does not say.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);
