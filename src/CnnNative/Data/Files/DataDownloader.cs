// Downloads that can be interrupted at any moment: bytes go to NAME.part, a later attempt asks for the rest, and the file gets
// its name only when its checksum is right. So a file with its name is always whole.

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace CnnNative;

/// <summary>Fetches files of data sets. Safe to use from several threads, for different files.</summary>
/// <param name="client">The client to fetch them with; it stays the caller's.</param>
public sealed class DataDownloader(HttpClient client)
{
    private const int ProgressStep = 1 << 18;

    private readonly HttpClient _client = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>The largest file that is accepted where its size is not known in advance.</summary>
    public long MaxBytes { get; init; } = 16L << 30;

    /// <summary>Fetches those of some files that are not there yet, one after the other.</summary>
    /// <param name="files">The files.</param>
    /// <param name="folder">Where they go; it is made if it does not exist.</param>
    /// <param name="progress">Told how far each file is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <exception cref="IOException">A file could not be fetched or written, or its checksum is not right; it says which
    /// URL.</exception>
    public async Task DownloadAsync(
        IReadOnlyList<DataFile> files, string folder, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach (DataFile file in files)
        {
            await DownloadAsync(file, folder, progress, cancellationToken);
        }
    }

    /// <summary>Fetches a file unless it is there.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">Where it goes; it is made if it does not exist.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="IOException">It could not be fetched or written, or its checksum is not right; it says which
    /// URL.</exception>
    public async Task<string> DownloadAsync(
        DataFile file, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.Combine(folder, file.Name), part = $"{path}.part";
        if (File.Exists(path))
        {
            return path;
        }

        Directory.CreateDirectory(folder);
        try
        {
            bool resumed = await FetchAsync(file, part, progress, cancellationToken);
            if (await WrongChecksumAsync(file, part, cancellationToken) is { } found)
            {
                // The part may have been of an older file; a fresh attempt tells.
                File.Delete(part);
                if (!resumed)
                {
                    throw Mismatch(file, found);
                }

                await FetchAsync(file, part, progress, cancellationToken);
                if (await WrongChecksumAsync(file, part, cancellationToken) is { } again)
                {
                    File.Delete(part);
                    throw Mismatch(file, again);
                }
            }
        }
        catch (HttpRequestException error)
        {
            throw new IOException($"{file.Source} could not be fetched: {error.Message}", error);
        }
        catch (IOException error) when (!error.Message.Contains(file.Source.ToString(), StringComparison.Ordinal))
        {
            throw new IOException($"{file.Source} could not be fetched: {error.Message}", error);
        }
        catch (TaskCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{file.Source} could not be fetched: the server did not answer in time.", error);
        }

        File.Move(part, path, overwrite: true);
        return path;
    }

    /// <summary>Fetches what is missing of a part; true if it went on from an earlier attempt.</summary>
    private async Task<bool> FetchAsync(
        DataFile file, string part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        long have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using HttpRequestMessage request = new(HttpMethod.Get, file.Source);
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
        }

        using HttpResponseMessage response = await _client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // The part is as long as the file, or longer; its checksum decides.
            return true;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new IOException(
                $"{file.Source} could not be fetched: the server answered {(int)response.StatusCode} {response.ReasonPhrase},"
                + " expected 200.");
        }

        bool resumes = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == have;
        if (have > 0 && response.StatusCode == HttpStatusCode.PartialContent && !resumes)
        {
            throw new IOException(
                $"{file.Source} could not be fetched: the server gave the range {response.Content.Headers.ContentRange},"
                + $" expected one from {have} on.");
        }

        long start = resumes ? have : 0;
        long? total = start + response.Content.Headers.ContentLength;
        CheckLength(file, total);
        await using FileStream stream = new(part, resumes ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        await CopyAsync(file, response.Content, stream, start, total ?? file.Length, progress, cancellationToken);
        return resumes;
    }

    private async Task CopyAsync(
        DataFile file, HttpContent content, FileStream stream, long received, long? total, IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        await using Stream source = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[1 << 16];
        long reported = received;
        progress?.Report(new DownloadProgress(file.Name, received, total));
        int count;
        while ((count = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            received += count;
            CheckLength(file, received > (file.Length ?? MaxBytes) ? received : null);
            if (received - reported >= ProgressStep)
            {
                reported = received;
                progress?.Report(new DownloadProgress(file.Name, received, total));
            }
        }

        if (total is { } expected && received < expected)
        {
            throw new IOException(
                $"{file.Source} could not be fetched: the connection ended after {received} of {expected} bytes; another attempt"
                + " goes on there.");
        }

        progress?.Report(new DownloadProgress(file.Name, received, total));
    }

    private void CheckLength(DataFile file, long? length)
    {
        if (length is not { } bytes)
        {
            return;
        }

        if (file.Length is { } expected && bytes != expected)
        {
            throw new IOException(
                $"{file.Source} has {bytes} bytes or more, expected {expected}; it is not the file that was meant.");
        }

        if (bytes > MaxBytes)
        {
            throw new IOException($"{file.Source} has {bytes} bytes or more, expected at most {MaxBytes} ({nameof(MaxBytes)}).");
        }
    }

    /// <summary>The checksum of a file, if it is not the expected one.</summary>
    private static async Task<string?> WrongChecksumAsync(DataFile file, string path, CancellationToken cancellationToken)
    {
        string[] parts = file.Checksum.Split(':');
        await using FileStream stream = File.OpenRead(path);
        byte[] hash = parts switch
        {
            ["sha256", _] => await SHA256.HashDataAsync(stream, cancellationToken),
            ["md5", _] => await Md5Async(stream, cancellationToken),
            _ => throw new ArgumentException(
                $"{file.Source}: the checksum is '{file.Checksum}', expected sha256:DIGITS or md5:DIGITS."),
        };
        string found = Convert.ToHexStringLower(hash);
        return found.Equals(parts[1], StringComparison.OrdinalIgnoreCase) ? null : $"{parts[0]}:{found}";
    }

    // The mirrors of MNIST publish nothing else; what it must find is damage, not a forger.
#pragma warning disable CA5351
    private static async Task<byte[]> Md5Async(Stream stream, CancellationToken cancellationToken) =>
        await MD5.HashDataAsync(stream, cancellationToken);
#pragma warning restore CA5351

    private static IOException Mismatch(DataFile file, string found) => new(
        $"{file.Source}: the checksum is {found}, expected {file.Checksum}; the file was removed.");
}
