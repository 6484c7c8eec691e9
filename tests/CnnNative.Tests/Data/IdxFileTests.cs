// MNIST's format: what is read, and what is refused before memory is taken for it; and the real data sets where they are at hand.

namespace CnnNative.Tests.Data;

public sealed class IdxFileTests
{
    private static readonly byte[] _images = DataFolder.Idx([2, 2, 3], [0, 51, 102, 153, 204, 255, 6, 5, 4, 3, 2, 1]);
    private static readonly byte[] _labels = DataFolder.Idx([2], [1, 0]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pictures_and_labels_are_read_plain_and_packed(bool packed)
    {
        using DataFolder folder = new();
        TensorDataset dataset = IdxFile.ReadDataset(
            folder.Write("images", packed ? DataFolder.Pack(_images) : _images),
            folder.Write("labels", packed ? DataFolder.Pack(_labels) : _labels), ["no", "yes"]);

        Assert.Equal("2x3x1 -> 1 (2 classes)", dataset.Schema.ToString());
        Assert.Equal([0, 0.2f, 0.4f, 0.6f, 0.8f, 1], DataFolder.Input(dataset, 0));
        Assert.Equal([1, 0], [dataset.LabelOf(0), dataset.LabelOf(1)]);
        Assert.Equal("images[1]", dataset.NameOf(1));
    }

    public static TheoryData<byte[], string> Broken => new()
    {
        { [], "ends after 0 of the 4 bytes of its header" },
        { [0, 0, 8], "ends after 3 of the 4 bytes of its header" },
        { "PNG, no digits"u8.ToArray(), "starts with the bytes 504E472C, expected 00000801 to 00000808" },
        { [0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0], "starts with the bytes 00000D01" },
        { [0, 0, 8, 9], "starts with the bytes 00000809" },
        { [0, 0, 8, 2, 0, 0, 0, 1, 0], "ends after 5 of the 8 bytes of its header" },
        { DataFolder.Idx([3, 0], []), "dimension 1 is 0, expected 1 to 2147483647" },
        { DataFolder.Idx([-1], []), "dimension 0 is 4294967295" },
        { DataFolder.Idx([2000000000], new byte[9]), "announces 2000000000 = 2000000000 bytes, the file holds at most 17" },
        { DataFolder.Pack(DataFolder.Idx([2000000000], new byte[9])), "the file holds at most" },
        { DataFolder.Idx([int.MaxValue, int.MaxValue, int.MaxValue, 9], []), "more bytes than 63 bits can count" },
        { DataFolder.Idx([5], new byte[6]), "goes on after its 5 elements" },
        { DataFolder.Pack(DataFolder.Idx([5], new byte[4])), "ends after 4 of the 5 bytes of its 5 elements" },
        { DataFolder.Pack(DataFolder.Idx([5], new byte[6])), "goes on after its 5 elements" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_with_its_name_and_what_is_wrong(byte[] content, string expected)
    {
        using DataFolder folder = new();
        string path = folder.Write("digits", content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxFile.ReadBytes(path));

        Assert.StartsWith($"'{path}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_file_that_was_cut_off_or_damaged_never_gives_other_elements()
    {
        byte[] elements = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * i))];
        byte[] packed = DataFolder.Pack(DataFolder.Idx([300], elements));
        using DataFolder folder = new();
        int refused = 0;
        for (int length = 3; length < packed.Length; length++)
            refused += IsRefused(packed.AsSpan(0, length)) ? 1 : 0;

        // Only the checksum and the mark of the last block may be missing unnoticed: ten bytes.
        Assert.InRange(refused, packed.Length - 3 - 10, packed.Length);

        // The first ten bytes are gzip's header, some of which mean nothing; so do up to seven bits behind the last block.
        int flips = 0;
        for (int bit = 80; bit < 8 * packed.Length; bit++)
        {
            byte[] flipped = [.. packed];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            flips += IsRefused(flipped) ? 1 : 0;
        }

        Assert.InRange(flips, 8 * (packed.Length - 10) - 7, 8 * packed.Length);

        bool IsRefused(ReadOnlySpan<byte> content)
        {
            string path = folder.Write("packed", content);
            try
            {
                Assert.Equal(elements, IdxFile.ReadBytes(path).Elements);
                return false;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_refused()
    {
        using DataFolder folder = new();
        string images = folder.Write("images", _images), labels = folder.Write("labels", _labels);
        string three = folder.Write("three", DataFolder.Idx([3], [0, 1, 0]));
        string high = folder.Write("high", DataFolder.Idx([2], [0, 2]));

        AssertRefused($"'{three}': there are 3 labels, expected 2", images, three);
        AssertRefused($"'{high}': label 1 is 2, expected 0 to 1.", images, high);
        AssertRefused($"'{labels}': the array is 2, expected pictures", labels, labels);
        Assert.Contains(
            $"There is no file '{images}x'",
            Assert.Throws<FileNotFoundException>(() => IdxFile.ReadBytes(images + "x")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(
            () => IdxFile.ReadBytes(folder.FullName)).Message, StringComparison.Ordinal);

        static void AssertRefused(string expected, string images, string labels) => Assert.Contains(
            expected, Assert.Throws<InvalidDataException>(
                () => IdxFile.ReadDataset(images, labels, ["a", "b"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_four_files_of_a_folder_are_found_under_the_names_that_they_go_by()
    {
        using DataFolder folder = new();
        folder.Write("train-images.idx3-ubyte", _images);
        folder.Write("train-labels-idx1-ubyte.gz", DataFolder.Pack(_labels));
        folder.Write("t10k-images-idx3-ubyte", _images);
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Mnist.Load(folder.FullName));
        Assert.Contains(
            $"MNIST: there is no file t10k-labels-idx1-ubyte.gz or t10k-labels-idx1-ubyte in '{folder.FullName}'", error.Message,
            StringComparison.Ordinal);

        folder.Write("t10k-labels.idx1-ubyte.gz", DataFolder.Pack(_labels));
        TrainTestSets sets = FashionMnist.Load(folder.FullName);

        Assert.Equal((2, 2), (sets.Train.Count, sets.Test.Count));
        Assert.Equal("trouser", sets.Test.Schema.ClassNames![sets.Test.LabelOf(0)]);
    }

    [Theory]
    [InlineData("mnist", 5, 7)]
    [InlineData("fashion-mnist", -1, -1)]
    public void The_real_data_sets_are_read_whole(string name, int firstTrain, int firstTest)
    {
        string folder = SharedData.Folder(name);
        TrainTestSets sets = name == "mnist" ? Mnist.Load(folder) : FashionMnist.Load(folder);

        Assert.Equal((60000, 10000), (sets.Train.Count, sets.Test.Count));
        Assert.Equal("28x28x1 -> 1 (10 classes)", sets.Train.Schema.ToString());
        if (firstTrain >= 0)
            Assert.Equal((firstTrain, firstTest), (sets.Train.LabelOf(0), sets.Test.LabelOf(0)));
        Assert.All(ClassWeights.Of(sets.Train), weight => Assert.InRange(weight, 0.8f, 1.2f));
        Assert.InRange(DataFolder.Input(sets.Train, 59999).Max(), 0.9f, 1);
    }
}
