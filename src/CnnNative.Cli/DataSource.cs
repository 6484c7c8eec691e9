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
    /// <summary>The names that are known without a file.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mnist-10k", "mnist", "fashion-mnist", "cifar10", "cifar100"];

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => Train.Schema.ClassNames!;

    /// <summary>Opens what a word names.</summary>
    /// <param name="text">A name, a folder of pictures, or a file of comma-separated values.</param>
    /// <param name="dataDir">The folder of data sets, which has a folder of each one's name or is itself that folder; null for the
    /// cache.</param>
    /// <param name="options">How pictures of a folder or a list are read; the defaults if null.</param>
    /// <exception cref="UserException">There is no such name, folder or file, or the data set is not in the folder.</exception>
    public static DataSource Open(string text, string? dataDir = null, ImageDatasetOptions? options = null)
    {
        switch (text)
        {
            case "mnist-10k":
                (IDataset train, IDataset test) = DigitsAsset.Load();
                return new DataSource(text, train, null, test);
            case "mnist":
                return OfKnown(text, dataDir, Mnist.Load);
            case "fashion-mnist":
                return OfKnown(text, dataDir, FashionMnist.Load);
            case "cifar10":
                return OfKnown(text, dataDir, Cifar10.Load);
            case "cifar100":
                return OfKnown(text, dataDir, Cifar100.Load);
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
                $"--data is '{text}', expected {string.Join(", ", Names)}, a folder of pictures, or a file of comma-separated values.");
        }

        return HoldsPaths(text)
            ? new DataSource(name, ImageFolder.LoadList(text, options), null, null)
            : new DataSource(name, CsvDataset.Read(text), null, null);
    }

    private static DataSource OfKnown(string name, string? dataDir, Func<string?, TrainTestSets> load)
    {
        string folder = dataDir ?? DataCache.Root, own = Path.Combine(folder, name);
        try
        {
            TrainTestSets sets = load(Directory.Exists(own) ? own : dataDir ?? own);
            return new DataSource(name, sets.Train, null, sets.Test);
        }
        catch (FileNotFoundException error)
        {
            throw new UserException($"--data {name}: {error.Message} --data-dir names the folder; mnist-10k needs no files.", error);
        }
    }

    /// <summary>Whether a file lists pictures: its last row begins with a word that is a file's name.</summary>
    private static bool HoldsPaths(string path)
    {
        using Stream stream = PackedFile.Open(path, out _);
        using CsvReader reader = new(new StreamReader(stream, Encoding.UTF8), $"'{path}'");

        // The first row may be a header, the second one is not.
        bool any = reader.ReadRow() && (reader.ReadRow() || reader.Count > 0);
        return any && reader.Count <= 8 && Enumerable.Range(0, reader.Count).Any(i => Path.HasExtension(reader[i]) && !float.TryParse(reader[i], out _));
    }
}
