// What --data names: a data set by its name, a folder of pictures, or a file. One place turns the word into samples, so that
// every command understands the same words and answers a wrong one in the same way.

using System.Text;
using CnnNative.Imaging;

namespace CnnNative.Cli;

/// <summary>The data of a run.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Train">What to train on.</param>
/// <param name="Validation">What to look at while training; null if none was set aside.</param>
/// <param name="Test">What to measure on at the end; null if there is none.</param>
internal sealed record DataSource(string Name, IDataset Train, IDataset? Validation, IDataset? Test)
{
    private const string Embedded = "mnist-10k";

    private static readonly KnownData[] _known =
    [
        new("mnist", Mnist.Load, Mnist.DownloadAsync),
        new("fashion-mnist", FashionMnist.Load, FashionMnist.DownloadAsync),
        new("cifar10", Cifar10.Load, Cifar10.DownloadAsync),
        new("cifar100", Cifar100.Load, Cifar100.DownloadAsync),
    ];

    private delegate Task<TrainTestSets> Download(
        HttpClient client, string? folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken);

    /// <summary>The names that are known without a file.</summary>
    public static IReadOnlyList<string> Names { get; } = [Embedded, .. _known.Select(data => data.Name)];

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => Train.Schema.ClassNames!;

    /// <summary>Opens what a word names, and fetches a known data set that is not there.</summary>
    /// <param name="text">A name, a folder of pictures, or a file of comma-separated values.</param>
    /// <param name="dataDir">The folder of data sets, which has a folder of each one's name or is itself that folder; null for
    /// the cache.</param>
    /// <param name="options">How pictures of a folder or a list are read; the defaults if null.</param>
    /// <param name="client">The client to fetch with.</param>
    /// <param name="progress">Told how far a download is.</param>
    /// <param name="cancellationToken">Stops a download; a later call goes on from there.</param>
    /// <exception cref="UserException">There is no such name, folder or file, or the data set could not be fetched.</exception>
    public static async Task<DataSource> OpenAsync(
        string text, string? dataDir, ImageDatasetOptions? options, HttpClient client, IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        KnownData? known = Array.Find(_known, data => data.Name == text);
        if (known is null)
        {
            return Open(text, dataDir, options);
        }

        try
        {
            return known.Open(dataDir);
        }
        catch (FileNotFoundException)
        {
            return await known.FetchAsync(dataDir, client, progress, cancellationToken);
        }
    }

    /// <summary>Opens what a word names.</summary>
    /// <param name="text">A name, a folder of pictures, or a file of comma-separated values.</param>
    /// <param name="dataDir">The folder of data sets, which has a folder of each one's name or is itself that folder; null for
    /// the cache.</param>
    /// <param name="options">How pictures of a folder or a list are read; the defaults if null.</param>
    /// <exception cref="UserException">There is no such name, folder or file, or the data set is not in the folder.</exception>
    public static DataSource Open(string text, string? dataDir = null, ImageDatasetOptions? options = null)
    {
        if (text == Embedded)
        {
            (IDataset train, IDataset test) = DigitsAsset.Load();
            return new DataSource(text, train, null, test);
        }

        if (Array.Find(_known, data => data.Name == text) is { } known)
        {
            try
            {
                return known.Open(dataDir);
            }
            catch (FileNotFoundException error)
            {
                throw known.NotThere(error);
            }
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(text));
        if (Directory.Exists(text))
        {
            ImageFolderSets sets = ImageFolder.Load(text, options);
            return new DataSource(name, sets.Train, sets.Validation, sets.Test);
        }

        if (!File.Exists(text))
        {
            throw new UserException(
                $"--data is '{text}', expected {string.Join(", ", Names)}, a folder of pictures, or a file of comma-separated"
                + " values.");
        }

        return HoldsPaths(text)
            ? new DataSource(name, ImageFolder.LoadList(text, options), null, null)
            : new DataSource(name, CsvDataset.Read(text), null, null);
    }

    /// <summary>Whether a file lists pictures: its last row begins with a word that is a file's name.</summary>
    private static bool HoldsPaths(string path)
    {
        using Stream stream = PackedFile.Open(path, out _);
        using CsvReader reader = new(new StreamReader(stream, Encoding.UTF8), $"'{path}'");

        // The first row may be a header, the second one is not.
        bool any = reader.ReadRow() && (reader.ReadRow() || reader.Count > 0);
        return any && reader.Count <= 8
            && Enumerable.Range(0, reader.Count).Any(i => Path.HasExtension(reader[i]) && !float.TryParse(reader[i], out _));
    }

    /// <summary>A published data set.</summary>
    private sealed record KnownData(string Name, Func<string?, TrainTestSets> Load, Download Download)
    {
        public DataSource Open(string? dataDir)
        {
            string own = FolderIn(dataDir);
            return Of(Load(Directory.Exists(own) ? own : dataDir ?? own));
        }

        /// <summary>Fetches it into a folder of its own.</summary>
        public async Task<DataSource> FetchAsync(
            string? dataDir, HttpClient client, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
        {
            try
            {
                return Of(await Download(client, FolderIn(dataDir), progress, cancellationToken));
            }
            catch (IOException error)
            {
                throw NotThere(error);
            }
        }

        public UserException NotThere(Exception error) =>
            new($"--data {Name}: {error.Message} --data-dir names a folder that has it; {Embedded} needs no files.", error);

        private string FolderIn(string? dataDir) => Path.Combine(dataDir ?? DataCache.Root, Name);

        private DataSource Of(TrainTestSets sets) => new(Name, sets.Train, null, sets.Test);
    }
}
