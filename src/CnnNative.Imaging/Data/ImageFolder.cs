// Folders of pictures, the way most people have their own data: a folder per class, or such folders inside "train", "val" and
// "test". Names are sorted by their characters' codes, so that a class has the same number on every machine.

namespace CnnNative.Imaging;

/// <summary>The parts of a folder of pictures.</summary>
/// <param name="Train">What to train on.</param>
/// <param name="Validation">What to look at while training; null if there is no such part.</param>
/// <param name="Test">What to measure on, once; null if there is no such part.</param>
public sealed record ImageFolderSets(IDataset Train, IDataset? Validation, IDataset? Test);

/// <summary>Reads folders and lists of pictures.</summary>
public static class ImageFolder
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    /// <summary>Reads a folder that has a folder for each class, or one that has such folders in "train", and perhaps in "val"
    /// (or "valid", "validation") and "test".</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How to read the pictures; the defaults if null. If no size is asked for, all have to have the
    /// same.</param>
    /// <returns>The parts. Without folders for them, validation is what <see cref="ImageDatasetOptions.ValidationFraction"/> sets
    /// aside, and there is no test set.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">There are no folders of classes, a class has no pictures, a part has a class that
    /// the training set does not have, or pictures have different sizes; it says which.</exception>
    /// <exception cref="ImageFormatException">A file is no picture; it says which.</exception>
    public static ImageFolderSets Load(string path, ImageDatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageDatasetOptions();
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"There is no folder '{path}' (looked for {Path.GetFullPath(path)}).");
        }

        string? train = Part(path, "train");
        string[] classNames = ClassesOf(train ?? path);
        ImageDataset training = Read(train ?? path, classNames, options, complete: true);

        // What the training set settled holds for the others too.
        Shape shape = training.Schema.Inputs[0].Shape;
        ImageDatasetOptions same = options with { Channels = shape[2] };
        IDataset? validation = Optional(train is null ? null : Part(path, "val", "valid", "validation"), shape);
        IDataset? test = Optional(train is null ? null : Part(path, "test"), shape);
        if (validation is not null || options.ValidationFraction == 0)
        {
            return new ImageFolderSets(training, validation, test);
        }

        DatasetSplit split = training.Split(options.ValidationFraction, options.Seed, stratified: true);
        return new ImageFolderSets(split.Train, split.Validation, test);

        IDataset? Optional(string? folder, Shape shape)
        {
            if (folder is null)
            {
                return null;
            }

            ImageDataset part = Read(folder, classNames, same, complete: false);
            return part.Schema.Inputs[0].Shape == shape
                ? part
                : throw new InvalidDataException(
                    $"'{folder}': the pictures are {part.Schema.Inputs[0].Shape}, expected {shape} as in '{train}'; ask for a"
                    + " size to resize pictures to.");
        }
    }

    /// <summary>Reads a list of pictures: comma-separated values with a path and a label in each row. A first row of "path" (or
    /// "file", "filename", "image") and "label" (or "class", "target") names the columns; else they are the first and the
    /// last.</summary>
    /// <param name="path">The file; paths in it are relative to its folder.</param>
    /// <param name="options">How to read the pictures; the defaults if null.</param>
    /// <param name="classNames">The names of the classes; if null, those that occur, in ascending order.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A row has no path or label, a picture is not there, or a label is none of the
    /// classes; it says on which line.</exception>
    /// <exception cref="ImageFormatException">A file is no picture; it says which.</exception>
    public static ImageDataset LoadList(
        string path, ImageDatasetOptions? options = null, IReadOnlyList<string>? classNames = null) =>
        ImageList.Load(path, options, classNames);

    private static string? Part(string path, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            string folder = Path.Combine(path, name);
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        return null;
    }

    private static string[] ClassesOf(string folder)
    {
        string[] names = [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path))
            .Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];
        return names.Length > 0
            ? names
            : throw new InvalidDataException(
                $"'{folder}': there are no folders in it, expected one for each class with its pictures.");
    }

    private static ImageDataset Read(string folder, string[] classNames, ImageDatasetOptions options, bool complete)
    {
        List<LabeledImage> files = [];
        foreach (string name in ClassesOf(folder))
        {
            int label = Array.IndexOf(classNames, name);
            string path = Path.Combine(folder, name);
            if (label < 0)
            {
                throw new InvalidDataException(
                    $"'{path}': the class '{name}' is not in the training set, which has {string.Join(", ", classNames)}.");
            }

            IEnumerable<string> all = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories);
            string[] pictures = [.. all.Where(IsPicture).OrderBy(Portable, StringComparer.Ordinal)];
            if (pictures.Length == 0 && complete)
            {
                throw new InvalidDataException(
                    $"'{path}': the class '{name}' has no pictures, expected files that end with"
                    + $" {string.Join(", ", _extensions)}.");
            }

            files.AddRange(pictures.Select(picture => new LabeledImage(picture, label)));
        }

        return files.Count > 0
            ? new ImageDataset(files, classNames, options)
            : throw new InvalidDataException($"'{folder}': there are no pictures in its folders.");
    }

    // Folders within a class are sorted among files, so a backslash would give another order of samples than a slash.
    private static string Portable(string path) => path.Replace(Path.DirectorySeparatorChar, '/');

    private static bool IsPicture(string path) =>
        !Path.GetFileName(path.AsSpan()).StartsWith('.')
        && _extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
