// The data sets that everyone compares with: where their files come from, what they are called, and how they become samples.
// Checksums are those that the authors or torchvision publish.

namespace CnnNative;

/// <summary>The training and the test set of a published data set.</summary>
/// <param name="Train">What to train on.</param>
/// <param name="Test">What to measure on, once.</param>
public sealed record TrainTestSets(TensorDataset Train, TensorDataset Test);

/// <summary>MNIST: 60,000 and 10,000 handwritten digits of 28x28 (LeCun, Cortes and Burges; CC BY-SA 3.0).</summary>
public static class Mnist
{
    private const string Mirror = "https://ossci-datasets.s3.amazonaws.com/mnist/";

    /// <summary>The names of the classes: "0" to "9".</summary>
    public static IReadOnlyList<string> ClassNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>The files and where they come from.</summary>
    public static IReadOnlyList<DataFile> Files { get; } =
    [
        new(new Uri(Mirror + "train-images-idx3-ubyte.gz"), "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        new(new Uri(Mirror + "train-labels-idx1-ubyte.gz"), "md5:d53e105ee54ea40749a09fcbcd1e9432"),
        new(new Uri(Mirror + "t10k-images-idx3-ubyte.gz"), "md5:9fb629c4189551a2d022fa330f9573f3"),
        new(new Uri(Mirror + "t10k-labels-idx1-ubyte.gz"), "md5:ec29112dd5afa0611ce80d1b7f02629c"),
    ];

    /// <summary>Reads the four files, compressed or not.</summary>
    /// <param name="folder">Their folder; the folder "mnist" of <see cref="DataCache"/> if null.</param>
    /// <exception cref="FileNotFoundException">A file is missing; <see cref="DownloadAsync"/> fetches it.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or two do not belong together.</exception>
    public static TrainTestSets Load(string? folder = null) =>
        IdxFolder.Load(folder ?? DataCache.FolderOf("mnist"), "MNIST", ClassNames);

    /// <summary>Fetches the files that are not there yet, 12 MB in all, and reads them.</summary>
    /// <param name="client">The client to fetch them with.</param>
    /// <param name="folder">Where they go; the folder "mnist" of <see cref="DataCache"/> if null.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    public static async Task<TrainTestSets> DownloadAsync(
        HttpClient client, string? folder = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        folder ??= DataCache.FolderOf("mnist");
        await new DataDownloader(client).DownloadAsync(Files, folder, progress, cancellationToken);
        return Load(folder);
    }
}

/// <summary>Fashion-MNIST: 60,000 and 10,000 pictures of clothes of 28x28 (Xiao, Rasul and Vollgraf 2017; MIT).</summary>
public static class FashionMnist
{
    private const string Mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    /// <summary>The files and where they come from.</summary>
    public static IReadOnlyList<DataFile> Files { get; } =
    [
        new(new Uri(Mirror + "train-images-idx3-ubyte.gz"), "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        new(new Uri(Mirror + "train-labels-idx1-ubyte.gz"), "md5:25c81989df183df01b3e8a0aad5dffbe"),
        new(new Uri(Mirror + "t10k-images-idx3-ubyte.gz"), "md5:bef4ecab320f06d8554ea6380940ec79"),
        new(new Uri(Mirror + "t10k-labels-idx1-ubyte.gz"), "md5:bb300cfdad3c16e7a12a480ee83cd310"),
    ];

    /// <summary>Reads the four files, compressed or not.</summary>
    /// <param name="folder">Their folder; the folder "fashion-mnist" of <see cref="DataCache"/> if null.</param>
    /// <exception cref="FileNotFoundException">A file is missing; <see cref="DownloadAsync"/> fetches it.</exception>
    /// <exception cref="InvalidDataException">A file is broken, or two do not belong together.</exception>
    public static TrainTestSets Load(string? folder = null) =>
        IdxFolder.Load(folder ?? DataCache.FolderOf("fashion-mnist"), "Fashion-MNIST", ClassNames);

    /// <summary>Fetches the files that are not there yet, 31 MB in all, and reads them.</summary>
    /// <param name="client">The client to fetch them with.</param>
    /// <param name="folder">Where they go; the folder "fashion-mnist" of <see cref="DataCache"/> if null.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    public static async Task<TrainTestSets> DownloadAsync(
        HttpClient client, string? folder = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        folder ??= DataCache.FolderOf("fashion-mnist");
        await new DataDownloader(client).DownloadAsync(Files, folder, progress, cancellationToken);
        return Load(folder);
    }
}

/// <summary>The four files of MNIST and of what imitates it.</summary>
internal static class IdxFolder
{
    public static TrainTestSets Load(string folder, string what, IReadOnlyList<string> classNames) => new(
        IdxFile.ReadDataset(
            Find(folder, "train-images-idx3-ubyte", what), Find(folder, "train-labels-idx1-ubyte", what), classNames),
        IdxFile.ReadDataset(
            Find(folder, "t10k-images-idx3-ubyte", what), Find(folder, "t10k-labels-idx1-ubyte", what), classNames));

    /// <summary>A file under the names that it goes by: packed or not, and with a dot as some archives have it.</summary>
    private static string Find(string folder, string name, string what)
    {
        string dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        foreach (string candidate in (ReadOnlySpan<string>)[$"{name}.gz", name, $"{dotted}.gz", dotted])
        {
            string path = Path.Combine(folder, candidate);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException(
            $"{what}: there is no file {name}.gz or {name} in '{folder}'; download the data set there, or name the folder that"
            + " has it.",
            Path.Combine(folder, $"{name}.gz"));
    }
}
