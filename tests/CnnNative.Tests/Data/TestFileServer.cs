// A web server on this machine that serves one file, as well or as badly as a test asks for.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CnnNative.Tests.Data;

internal sealed class TestFileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly byte[] _content;

    public TestFileServer(byte[] content)
    {
        _content = content;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Bytes after which the next answers are cut off, one entry for each.</summary>
    public Queue<int> Cuts { get; } = new();

    public bool IgnoresRanges { get; init; }

    public bool GivesWrongRange { get; init; }

    /// <summary>Answers with this status and nothing else.</summary>
    public HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

    /// <summary>The first byte of each range that was asked for; -1 for a request without one.</summary>
    public List<long> Requests { get; } = [];

    /// <summary>The paths that were asked for.</summary>
    public List<string> Paths { get; } = [];

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/folder/digits.gz");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using NetworkStream stream = client.GetStream();
            string header = await ReadHeaderAsync(stream);
            Paths.Add(header.Split(' ').ElementAtOrDefault(1) ?? "");
            await AnswerAsync(stream, RangeStart(header));
        }
    }

    private async Task<string> ReadHeaderAsync(NetworkStream stream)
    {
        StringBuilder header = new();
        byte[] buffer = new byte[4096];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
                break;
            header.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return header.ToString();
    }

    private static long RangeStart(string header)
    {
        const string name = "Range: bytes=";
        int at = header.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? -1 : long.Parse(
            header.AsSpan(at + name.Length, header.IndexOf('-', at) - at - name.Length), CultureInfo.InvariantCulture);
    }

    private async Task AnswerAsync(NetworkStream stream, long range)
    {
        Requests.Add(range);
        long start = IgnoresRanges ? 0 : Math.Max(range, 0);
        if (Status != HttpStatusCode.OK || start >= _content.Length)
        {
            HttpStatusCode status = Status != HttpStatusCode.OK ? Status : HttpStatusCode.RequestedRangeNotSatisfiable;
            await WriteAsync(stream, $"HTTP/1.1 {(int)status} {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }

        bool partial = start > 0;
        long claimed = GivesWrongRange ? 0 : start;
        string line = partial
            ? $"206 Partial Content\r\nContent-Range: bytes {claimed}-{_content.Length - 1}/{_content.Length}"
            : "200 OK";
        await WriteAsync(stream, $"HTTP/1.1 {line}\r\nContent-Length: {_content.Length - start}\r\nConnection: close\r\n\r\n");
        int count = Cuts.Count > 0 ? Cuts.Dequeue() : _content.Length;
        await stream.WriteAsync(_content.AsMemory((int)start, (int)Math.Min(count, _content.Length - start)), _stop.Token);
    }

    private async Task WriteAsync(NetworkStream stream, string text) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
}
