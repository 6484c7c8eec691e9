// Data sets that are not there yet are fetched, which somebody who waits is told. From where, and whether at all, can be said: on
// a train, in a company, in a test there is no web.

using System.Globalization;
using CnnNative.Imaging;

namespace CnnNative.Cli;

/// <summary>Where data sets come from.</summary>
/// <param name="Mirror">A folder on the web with a folder for each data set; null for where its authors have it.</param>
/// <param name="IsOffline">Whether nothing is fetched.</param>
internal sealed record DataDownload(Uri? Mirror, bool IsOffline)
{
    private const string MirrorVariable = "CNN_DATA_MIRROR", OfflineVariable = "CNN_OFFLINE";

    /// <summary>What options say, or else the environment.</summary>
    /// <exception cref="UserException">The mirror is no address.</exception>
    public static DataDownload From(string? mirror, bool offline)
    {
        string source = mirror is null ? MirrorVariable : "--data-mirror";
        mirror ??= Environment.GetEnvironmentVariable(MirrorVariable) is { Length: > 0 } set ? set : null;
        bool isWeb = Uri.TryCreate(mirror?.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address)
            && address.Scheme is "http" or "https";
        return mirror is null || isWeb
            ? new DataDownload(
                mirror is null ? null : address,
                offline || Environment.GetEnvironmentVariable(OfflineVariable) is { Length: > 0 } and not "0")
            : throw new UserException($"{source} is '{mirror}', expected an address that starts with http:// or https://.");
    }

    /// <summary>Opens what a word names, and fetches a known data set that is not there.</summary>
    public async Task<DataSource> OpenAsync(
        string text, string? folder, ImageDatasetOptions? pictures, CancellationToken cancellation)
    {
        if (IsOffline)
        {
            try
            {
                return DataSource.Open(text, folder, pictures);
            }
            catch (UserException error) when (error.InnerException is FileNotFoundException)
            {
                throw new UserException($"{error.Message} Nothing was fetched, as --offline or {OfflineVariable} says.", error);
            }
        }

        using HttpMessageHandler handler = Mirror is null
            ? new SocketsHttpHandler()
            : new MirrorHandler(new Uri(Mirror, text + "/")) { InnerHandler = new SocketsHttpHandler() };
        using HttpClient client = new(handler);
        using ProgressLine progress = new(text);
        try
        {
            return await DataSource.OpenAsync(text, folder, pictures, client, progress, cancellation);
        }
        catch (UserException error) when (error.InnerException is IOException)
        {
            string from = Mirror is null ? "" : $" The mirror is {Mirror}.";
            throw new UserException($"{error.Message}{from} --offline asks for no download.", error);
        }
    }

    /// <summary>Asks another server for the same files.</summary>
    private sealed class MirrorHandler(Uri folder) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(folder, request.RequestUri!.Segments[^1]);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>One line that says how far it is, on a terminal again and again, elsewhere once for each file.</summary>
    private sealed class ProgressLine(string name) : IProgress<DownloadProgress>, IDisposable
    {
        private readonly bool _isTerminal = !Console.IsErrorRedirected;
        private string _file = "";

        public void Report(DownloadProgress value)
        {
            string size = value.Total is { } total ? $" of {Megabytes(total)}" : "";
            if (_isTerminal)
            {
                Console.Error.Write($"\rfetching {name}: {value.File}, {Megabytes(value.Received)}{size} MB\u001b[K");
            }
            else if (_file != value.File)
            {
                string whole = value.Total is { } all ? $", {Megabytes(all)} MB" : "";
                Console.Error.WriteLine($"fetching {name}: {value.File}{whole}");
            }

            _file = value.File;
        }

        public void Dispose()
        {
            if (_isTerminal && _file.Length > 0)
            {
                Console.Error.WriteLine();
            }
        }

        private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
    }
}
