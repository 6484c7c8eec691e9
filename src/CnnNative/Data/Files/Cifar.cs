// CIFAR-10 and CIFAR-100 in their binary versions (https://www.cs.toronto.edu/~kriz/cifar.html), unpacked or inside the archive
// as it is distributed. A record is one or two labels and three planes of 32x32; samples have their channels innermost.

namespace CnnNative;

/// <summary>CIFAR-10: 50,000 and 10,000 colour pictures of 32x32 in ten classes (Krizhevsky 2009).</summary>
public static class Cifar10
{
    /// <summary>The names of the classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>The archive and where it comes from.</summary>
    public static DataFile Archive { get; } = new(
        new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", Length: 170052171);

    /// <summary>Reads the data set.</summary>
    /// <param name="path">The archive cifar-10-binary.tar.gz, or the folder that has it, or the folder with data_batch_1.bin and
    /// so on, or one above it; the folder "cifar10" of <see cref="DataCache"/> if null.</param>
    /// <exception cref="FileNotFoundException">Files are missing; <see cref="DownloadAsync"/> fetches them.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static TrainTestSets Load(string? path = null) =>
        Load(path ?? DataCache.FolderOf("cifar10"), CifarLayout.RecordsPerFile);

    /// <summary>Fetches the archive if it is not there yet, 170 MB, and reads it.</summary>
    /// <param name="client">The client to fetch it with.</param>
    /// <param name="folder">Where it goes; the folder "cifar10" of <see cref="DataCache"/> if null.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    public static async Task<TrainTestSets> DownloadAsync(
        HttpClient client, string? folder = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        folder ??= DataCache.FolderOf("cifar10");
        await new DataDownloader(client).DownloadAsync([Archive], folder, progress, cancellationToken);
        return Load(folder);
    }

    /// <summary>Reads files of another number of pictures, as tests have them.</summary>
    internal static TrainTestSets Load(string path, int recordsPerFile) => new CifarLayout(
        "CIFAR-10", Archive.Name, "cifar-10-batches-bin", LabelBytes: 1, ClassNames, recordsPerFile,
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        "test_batch.bin").Load(path);
}

/// <summary>CIFAR-100: 50,000 and 10,000 colour pictures of 32x32 in a hundred classes (Krizhevsky 2009).</summary>
public static class Cifar100
{
    /// <summary>The names of the (fine) classes.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
    [
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
        "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud",
        "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl",
        "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
        "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear",
        "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
        "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel",
        "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train",
        "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
    ];

    /// <summary>The archive and where it comes from.</summary>
    public static DataFile Archive { get; } = new(
        new Uri("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"), "md5:03b5dce01913d631647c71ecec9e9cb8",
        Length: 168513733);

    /// <summary>Reads the data set with its fine labels.</summary>
    /// <param name="path">The archive cifar-100-binary.tar.gz, or the folder that has it, or the folder with train.bin and
    /// test.bin, or one above it; the folder "cifar100" of <see cref="DataCache"/> if null.</param>
    /// <exception cref="FileNotFoundException">Files are missing; <see cref="DownloadAsync"/> fetches them.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static TrainTestSets Load(string? path = null) =>
        Load(path ?? DataCache.FolderOf("cifar100"), CifarLayout.RecordsPerFile);

    /// <summary>Fetches the archive if it is not there yet, 169 MB, and reads it.</summary>
    /// <param name="client">The client to fetch it with.</param>
    /// <param name="folder">Where it goes; the folder "cifar100" of <see cref="DataCache"/> if null.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops it; a later call goes on from there.</param>
    public static async Task<TrainTestSets> DownloadAsync(
        HttpClient client, string? folder = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        folder ??= DataCache.FolderOf("cifar100");
        await new DataDownloader(client).DownloadAsync([Archive], folder, progress, cancellationToken);
        return Load(folder);
    }

    /// <summary>Reads files of another number of pictures, as tests have them; train.bin has five times as many.</summary>
    internal static TrainTestSets Load(string path, int recordsPerFile) => new CifarLayout(
        "CIFAR-100", Archive.Name, "cifar-100-binary", LabelBytes: 2, ClassNames, recordsPerFile, ["train.bin"],
        "test.bin").Load(path);
}
