// Folders and lists of pictures: which class a picture has, what shape it gets, and every way in which a folder can be wrong.

using CnnNative.Imaging;

namespace CnnNative.Tests.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly DataFolder _folder = new();

    [Fact]
    public void Classes_are_folders_in_ordinal_order_and_pictures_are_found_below_them()
    {
        Picture("b/2.png", 20);
        Picture("C/1.PNG", 10);
        Picture("b/more/3.png", 30);
        Picture("a-0/0.png", 0);
        Picture(".hidden/4.png", 40);
        _folder.Write("b/notes.txt", "text");
        _folder.Write("b/.x.png", "no picture");

        ImageFolderSets sets = ImageFolder.Load(_folder.FullName);

        Assert.Null(sets.Validation);
        Assert.Null(sets.Test);
        Assert.Equal(["C", "a-0", "b"], sets.Train.Schema.ClassNames);
        Assert.Equal("4x6x1 -> 1 (3 classes)", sets.Train.Schema.ToString());
        Assert.Equal([(0, 10), (1, 0), (2, 20), (2, 30)], Samples(sets.Train));
        Assert.Equal(_folder.PathOf("b", "2.png"), sets.Train.NameOf(2));
    }

    [Theory]
    [InlineData("val")]
    [InlineData("validation")]
    public void Parts_have_folders_of_their_own_and_the_classes_of_the_training_set(string validation)
    {
        Picture("train/x/1.png", 1);
        Picture("train/y/2.png", 2);
        Picture($"{validation}/y/3.png", 3);
        Picture("test/x/4.png", 4);

        ImageFolderSets sets = ImageFolder.Load(_folder.FullName, new() { ValidationFraction = 0.5 });

        Assert.Equal([(0, 1), (1, 2)], Samples(sets.Train));
        Assert.Equal([(1, 3)], Samples(sets.Validation!));
        Assert.Equal([(0, 4)], Samples(sets.Test!));
    }

    // A slash sorts before a digit, and the backslash of Windows after it.
    [Fact]
    public void Samples_have_one_order_on_every_system()
    {
        Picture("x/1/9.png", 1);
        Picture("x/10.png", 2);
        Picture("x/1-9.png", 0);

        ImageFolderSets sets = ImageFolder.Load(_folder.FullName);

        Assert.Equal([(0, 0), (0, 1), (0, 2)], Samples(sets.Train));
    }

    [Fact]
    public void A_fraction_of_each_class_is_set_aside()
    {
        for (int i = 0; i < 10; i++)
        {
            Picture($"x/{i}.png", (byte)i);
            Picture($"y/{i}.png", (byte)(100 + i));
        }

        ImageFolderSets sets = ImageFolder.Load(_folder.FullName, new() { ValidationFraction = 0.2, Seed = 3 });

        Assert.Equal((16, 4), (sets.Train.Count, sets.Validation!.Count));
        Assert.Equal([0, 0, 1, 1], Samples(sets.Validation).Select(sample => sample.Label));
        Assert.Equal(20, Samples(sets.Train).Concat(Samples(sets.Validation)).Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Pictures_are_resized_or_cropped_and_brought_to_the_asked_channels(long cacheBytes)
    {
        Picture("x/wide.png", 60, width: 8, height: 4);
        Picture("x/colour.png", 90, width: 4, height: 4, channels: 3);
        ImageDatasetOptions options = new() { Size = (4, 4), CacheBytes = cacheBytes };

        IDataset stretched = ImageFolder.Load(_folder.FullName, options).Train;
        IDataset cropped = ImageFolder.Load(_folder.FullName, options with { Crop = true, Channels = 1 }).Train;

        Assert.Equal("4x4x3 -> 1 (1 classes)", stretched.Schema.ToString());
        Assert.Equal("4x4x1 -> 1 (1 classes)", cropped.Schema.ToString());
        Image wide = Image.Load(_folder.PathOf("x", "wide.png"));
        for (int time = 0; time < 2; time++)
        {
            Assert.Equal(Floats(wide.ToRgb().Resize(4, 4)), DataFolder.Input(stretched, 1));
            Assert.Equal(Floats(wide.CenterCrop(4, 4)), DataFolder.Input(cropped, 1));
        }
    }

    public static TheoryData<string, Action<ImageFolderTests>> Wrong => new()
    {
        { "there are no folders in it, expected one for each class", test => test.Picture("1.png", 1) },
        { "the class 'y' has no pictures", test => { test.Picture("x/1.png", 1); test._folder.Write("y/notes.txt", "text"); } },
        { "wide.png': the picture is 9 x 4, expected 6 x 4", test => test.Two("x/1.png", "x/wide.png", width: 9) },
        { "the class 'z' is not in the training set, which has x", test => test.Two("train/x/1.png", "test/z/1.png") },
        { "the pictures are 4x9x1, expected 4x6x1", test => test.Two("train/x/1.png", "test/x/1.png", width: 9) },
        { "there are no folders in it", test => Directory.CreateDirectory(test._folder.PathOf("train")) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_folder_that_is_wrong_is_refused_with_what_was_found(string expected, Action<ImageFolderTests> prepare)
    {
        prepare(this);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.FullName));

        Assert.StartsWith($"'{_folder.FullName}", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_picture_is_named_when_the_folder_is_opened()
    {
        Picture("x/1.png", 1);
        string broken = _folder.Write("x/2.png", "no picture");

        Assert.StartsWith($"'{broken}': ", Assert.Throws<ImageFormatException>(
            () => ImageFolder.Load(_folder.FullName)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Load(_folder.PathOf("nowhere")));
    }

    [Fact]
    public void A_picture_that_is_cut_off_is_named_by_the_loader()
    {
        Picture("x/1.png", 1);
        byte[] whole = File.ReadAllBytes(_folder.PathOf("x", "1.png"));
        string cut = _folder.Write("x/2.png", whole.AsSpan(0, whole.Length - 20));
        IDataset dataset = ImageFolder.Load(_folder.FullName).Train;
        using DataLoader loader = new(dataset, new() { BatchSize = 1 });
        using DataEpoch epoch = loader.Open(0, 0, TestContext.Current.CancellationToken);
        Assert.True(epoch.MoveNext());

        DataException error = Assert.Throws<DataException>(() => epoch.MoveNext());

        Assert.StartsWith($"Sample 1: '{cut}': ", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, cut), (error.SampleIndex, error.SampleName));
    }

    [Fact]
    public void A_list_names_pictures_beside_it()
    {
        Picture("pictures/1.png", 1);
        Picture("pictures/2, too.png", 2);
        string list = _folder.Write("list.csv", "id,file,label\n7,pictures/1.png,10\n8,\"pictures/2, too.png\",9\n");
        string plain = _folder.Write("plain.csv", "pictures/1.png,cat\n");

        ImageDataset dataset = ImageFolder.LoadList(list);

        Assert.Equal(["9", "10"], dataset.Schema.ClassNames);
        Assert.Equal([(1, 1), (0, 2)], Samples(dataset));
        Assert.Equal([(1, 1)], Samples(ImageFolder.LoadList(plain, classNames: ["ant", "cat"])));
    }

    public static TheoryData<string, string> Lists => new()
    {
        { "", ": the file has no rows, expected a path and a label in each." },
        { "path,label\n", ": the file has no rows, expected a path and a label in each." },
        { "path,label\nnowhere.png,1\n", ", line 2: there is no file" },
        { "1.png\n", ", line 1: the row has 1 columns, expected a path and a label." },
        { "path,label\n1.png,\n", ", line 2: the label is empty." },
        { "1.png,dog\n", ", line 1: the label 'dog' is none of the classes ant, cat." },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_wrong_row_of_a_list_is_named_with_its_line(string text, string expected)
    {
        Picture("1.png", 1);
        string list = _folder.Write("list.csv", text);

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => ImageFolder.LoadList(list, classNames: ["ant", "cat"]));

        Assert.StartsWith($"'{list}'{expected}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 3, "0 channels")]
    [InlineData(3, 9, "the label of")]
    public void Options_that_cannot_be_met_are_refused(int channels, int label, string expected)
    {
        Picture("1.png", 1);
        ImageDatasetOptions options = new() { Channels = channels == 1 ? 0 : channels };

        Assert.Contains(
            expected,
            Assert.Throws<ArgumentException>(
                () => new ImageDataset([new(_folder.PathOf("1.png"), label)], ["a", "b", "c", "d"], options)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Picture(string name, byte value, int width = 6, int height = 4, int channels = 1)
    {
        byte[] pixels = [.. Enumerable.Range(0, width * height * channels).Select(i => i == 0 ? value : (byte)(7 * i))];
        _folder.Write(name, Image.FromPixels(pixels, width, height, channels).Encode());
    }

    private void Two(string first, string second, int width = 6)
    {
        Picture(first, 1);
        Picture(second, 1, width);
    }

    private static float[] Floats(Image image) => [.. image.Pixels.ToArray().Select(value => value / 255f)];

    /// <summary>The label of each sample and the value of its first pixel.</summary>
    private static (int Label, int Value)[] Samples(IDataset dataset) =>
        [.. Enumerable.Range(0, dataset.Count).Select(
            i => (dataset.LabelOf(i), (int)MathF.Round(DataFolder.Input(dataset, i)[0] * 255)))];
}
