// Downloads over a real connection to this machine: whole, in pieces, from servers that misbehave, and without any server.

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CnnNative.Tests.Data;

public sealed class DataDownloaderTests : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly DataFolder _folder = new();
    private readonly byte[] _content = [.. Enumerable.Range(0, 700_000).Select(i => (byte)(i * i >> 7))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string FinalPath => _folder.PathOf("digits.gz");

    private string PartPath => _folder.PathOf("digits.gz.part");

    [Theory]
    [InlineData("sha256")]
    [InlineData("md5")]
    public async Task A_file_is_fetched_once_and_progress_reaches_its_end(string kind)
    {
        await using TestFileServer server = new(_content);
        Steps steps = new();

        string path = await Downloader().DownloadAsync(File(server, kind), _folder.FullName, steps, Stop);
        await Downloader().DownloadAsync(File(server, kind), _folder.FullName, steps, Stop);

        Assert.Equal(FinalPath, path);
        AssertWhole();
        Assert.Equal([-1], server.Requests);
        Assert.Equal(new DownloadProgress("digits.gz", 0, _content.Length), steps.All[0]);
        Assert.Equal(new DownloadProgress("digits.gz", _content.Length, _content.Length), steps.All[^1]);
        Assert.Equal(steps.All.Select(step => step.Received).Order(), steps.All.Select(step => step.Received));
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_ended()
    {
        await using TestFileServer server = new(_content) { Cuts = { } };
        server.Cuts.Enqueue(200_000);
        server.Cuts.Enqueue(100_000);

        IOException error = await Assert.ThrowsAsync<IOException>(Fetch);
        Assert.StartsWith($"{server.Url} could not be fetched: ", error.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(FinalPath));
        await Assert.ThrowsAsync<IOException>(Fetch);
        await Fetch();

        AssertWhole();
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(-1, server.Requests[0]);
        Assert.InRange(server.Requests[1], 1, 200_000);
        Assert.InRange(server.Requests[2], server.Requests[1], 300_000);

        Task Fetch() => Downloader().DownloadAsync(File(server), _folder.FullName, null, Stop);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(700_000)]
    public async Task A_part_of_another_file_is_replaced_by_a_fresh_one(int length)
    {
        await using TestFileServer server = new(_content);
        _folder.Write("digits.gz.part", new byte[length]);

        await Downloader().DownloadAsync(File(server), _folder.FullName, null, Stop);

        AssertWhole();
        Assert.Equal([length, -1], server.Requests);
    }

    [Fact]
    public async Task A_part_that_is_whole_needs_only_its_name()
    {
        await using TestFileServer server = new(_content);
        _folder.Write("digits.gz.part", _content);

        await Downloader().DownloadAsync(File(server), _folder.FullName, null, Stop);

        AssertWhole();
        Assert.Equal([_content.Length], server.Requests);
    }

    [Fact]
    public async Task A_server_without_ranges_gives_the_whole_file_again()
    {
        await using TestFileServer server = new(_content) { IgnoresRanges = true };
        _folder.Write("digits.gz.part", _content.AsSpan(0, 1234));

        await Downloader().DownloadAsync(File(server), _folder.FullName, null, Stop);

        AssertWhole();
        Assert.Equal([1234], server.Requests);
    }

    [Fact]
    public async Task A_file_with_the_wrong_checksum_is_refused_and_removed()
    {
        await using TestFileServer server = new(_content);
        DataFile file = File(server) with { Checksum = $"sha256:{new string('0', 64)}" };

        string message = await Refused(file);

        Assert.Equal(
            $"{server.Url}: the checksum is {Checksum("sha256")}, expected {file.Checksum}; the file was removed.", message);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task A_missing_file_is_named_by_its_url()
    {
        await using TestFileServer server = new(_content) { Status = HttpStatusCode.NotFound };

        Assert.Equal(
            $"{server.Url} could not be fetched: the server answered 404 NotFound, expected 200.", await Refused(File(server)));
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task A_server_that_gives_another_range_is_refused()
    {
        await using TestFileServer server = new(_content) { GivesWrongRange = true };
        _folder.Write("digits.gz.part", _content.AsSpan(0, 1234));

        Assert.Contains("expected one from 1234 on", await Refused(File(server)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_size_is_refused_before_it_is_fetched()
    {
        await using TestFileServer server = new(_content);

        Assert.Contains(
            $"has 700000 bytes or more, expected 5;", await Refused(File(server) with { Length = 5 }), StringComparison.Ordinal);
        DataDownloader small = new(_client) { MaxBytes = 1000 };
        IOException error = await Assert.ThrowsAsync<IOException>(
            () => small.DownloadAsync(File(server), _folder.FullName, null, Stop));
        Assert.Contains("expected at most 1000 (MaxBytes)", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public async Task Without_a_server_the_message_says_what_could_not_be_fetched()
    {
        // A port that was free a moment ago.
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Uri url = new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/digits.gz");
        listener.Stop();

        Assert.StartsWith(
            $"{url} could not be fetched: ", await Refused(new DataFile(url, Checksum("md5"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_download_keeps_what_it_has()
    {
        await using TestFileServer server = new(_content);
        using CancellationTokenSource cancelled = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Steps steps = new() { OnStep = step => { if (step.Received > 0) cancelled.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Downloader().DownloadAsync(File(server), _folder.FullName, steps, cancelled.Token));
        Assert.False(System.IO.File.Exists(FinalPath));
        Assert.True(new FileInfo(PartPath).Length > 0);

        await Downloader().DownloadAsync(File(server), _folder.FullName, null, Stop);
        AssertWhole();
    }

    [Fact]
    public void The_published_files_have_checksums_and_names()
    {
        DataFile[] files = [.. Mnist.Files, .. FashionMnist.Files, Cifar10.Archive, Cifar100.Archive];

        Assert.Equal("train-images-idx3-ubyte.gz", Mnist.Files[0].Name);
        Assert.All(files, file => Assert.Matches("^(sha256:[0-9a-f]{64}|md5:[0-9a-f]{32})$", file.Checksum));
        Assert.Equal(files.Length, files.Select(file => file.Checksum).Distinct().Count());
    }

    [Fact]
    public async Task Mnist_is_downloaded_only_where_its_files_are_missing()
    {
        byte[] images = DataFolder.Idx([1, 1, 1], [9]), labels = DataFolder.Idx([1], [3]);
        foreach (string part in new[] { "train", "t10k" })
        {
            _folder.Write($"{part}-images-idx3-ubyte.gz", DataFolder.Pack(images));
            _folder.Write($"{part}-labels-idx1-ubyte.gz", DataFolder.Pack(labels));
        }

        TrainTestSets sets = await Mnist.DownloadAsync(_client, _folder.FullName, null, Stop);

        Assert.Equal(3, sets.Test.LabelOf(0));
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private DataDownloader Downloader() => new(_client);

    private DataFile File(TestFileServer server, string kind = "sha256") => new(server.Url, Checksum(kind));

    private string Checksum(string kind)
    {
#pragma warning disable CA5351 // What the mirrors of MNIST publish.
        byte[] hash = kind == "md5" ? MD5.HashData(_content) : SHA256.HashData(_content);
#pragma warning restore CA5351
        return $"{kind}:{Convert.ToHexStringLower(hash)}";
    }

    private async Task<string> Refused(DataFile file) =>
        (await Assert.ThrowsAsync<IOException>(() => Downloader().DownloadAsync(file, _folder.FullName, null, Stop))).Message;

    private void AssertWhole()
    {
        Assert.Equal(_content, System.IO.File.ReadAllBytes(FinalPath));
        Assert.False(System.IO.File.Exists(PartPath));
    }

    /// <summary>Reports at once, which <see cref="Progress{T}"/> does not.</summary>
    private sealed class Steps : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public Action<DownloadProgress>? OnStep { get; init; }

        public void Report(DownloadProgress value)
        {
            All.Add(value);
            OnStep?.Invoke(value);
        }
    }
}
