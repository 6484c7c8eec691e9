// CIFAR in small: the same layout with three pictures in a file, from a folder and from the archive as it is distributed.

using System.Formats.Tar;

namespace CnnNative.Tests.Data;

public sealed class CifarTests
{
    private const int Records = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cifar10_has_five_files_to_train_on_and_channels_innermost(bool archive)
    {
        using DataFolder folder = new();
        Dictionary<string, byte[]> files = Files10();
        WriteAll(folder, files, "cifar-10-batches-bin", archive ? "cifar-10-binary.tar.gz" : null);

        TrainTestSets sets = Cifar10.Load(folder.FullName, Records);

        Assert.Equal((5 * Records, Records), (sets.Train.Count, sets.Test.Count));
        Assert.Equal("32x32x3 -> 1 (10 classes)", sets.Train.Schema.ToString());
        for (int i = 0; i < sets.Train.Count; i++)
            AssertRecord(sets.Train, i, files[$"data_batch_{i / Records + 1}.bin"].AsSpan(i % Records * 3073, 3073), labelAt: 0);
        AssertRecord(sets.Test, 2, files["test_batch.bin"].AsSpan(2 * 3073, 3073), labelAt: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cifar100_has_the_fine_label_second(bool archive)
    {
        using DataFolder folder = new();
        Dictionary<string, byte[]> files = new()
        {
            ["train.bin"] = Content(5 * Records, labels: 2, classes: 100, seed: 1),
            ["test.bin"] = Content(Records, labels: 2, classes: 100, seed: 2),
        };
        WriteAll(folder, files, "cifar-100-binary", archive ? "cifar-100-binary.tar.gz" : null);

        TrainTestSets sets = Cifar100.Load(folder.FullName, Records);

        Assert.Equal((5 * Records, Records), (sets.Train.Count, sets.Test.Count));
        AssertRecord(sets.Train, 14, files["train.bin"].AsSpan(14 * 3074 + 1, 3073), labelAt: 0);
        Assert.Equal(100, Cifar100.ClassNames.Distinct().Count());
        Assert.Equal(Cifar100.ClassNames, Cifar100.ClassNames.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Files_of_another_size_wrong_labels_and_missing_files_are_refused()
    {
        using DataFolder folder = new();
        Dictionary<string, byte[]> files = Files10();
        AssertRefused<FileNotFoundException>(folder, "neither cifar-10-binary.tar.gz nor test_batch.bin");

        WriteAll(folder, files, "", archive: null);
        folder.Write("data_batch_4.bin", files["data_batch_4.bin"].AsSpan(1));
        AssertRefused<InvalidDataException>(folder, "data_batch_4.bin' has 9218 bytes, expected 9219: 3 records of 3073 bytes");

        files["data_batch_4.bin"][2 * 3073] = 10;
        folder.Write("data_batch_4.bin", files["data_batch_4.bin"]);
        AssertRefused<InvalidDataException>(folder, "data_batch_4.bin': the label of record 2 is 10, expected 0 to 9");
        File.Delete(folder.PathOf("data_batch_2.bin"));
        Assert.Contains("There is no file", Message<FileNotFoundException>(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_is_cut_off_or_is_another_one_is_refused()
    {
        using DataFolder folder = new();
        Dictionary<string, byte[]> files = Files10();
        WriteAll(folder, files, "cifar-10-batches-bin", "cifar-10-binary.tar.gz");
        byte[] whole = File.ReadAllBytes(folder.PathOf("cifar-10-binary.tar.gz"));
        for (int length = 1; length < whole.Length * 9 / 10; length += whole.Length / 13)
        {
            folder.Write("cifar-10-binary.tar.gz", whole.AsSpan(0, length));
            Assert.StartsWith("'", Message<InvalidDataException>(folder), StringComparison.Ordinal);
        }

        files.Remove("data_batch_3.bin");
        WriteAll(folder, files, "cifar-10-batches-bin", "cifar-10-binary.tar.gz");
        AssertRefused<InvalidDataException>(folder, "has no file data_batch_3.bin, expected the binary version of CIFAR-10");
    }

    private static void AssertRefused<T>(DataFolder folder, string expected)
        where T : Exception => Assert.Contains(expected, Message<T>(folder), StringComparison.Ordinal);

    private static string Message<T>(DataFolder folder)
        where T : Exception => Assert.Throws<T>(() => Cifar10.Load(folder.FullName, Records)).Message;

    private static Dictionary<string, byte[]> Files10()
    {
        Dictionary<string, byte[]> files = [];
        for (int i = 1; i <= 5; i++)
            files[$"data_batch_{i}.bin"] = Content(Records, labels: 1, classes: 10, seed: i);
        files["test_batch.bin"] = Content(Records, labels: 1, classes: 10, seed: 6);
        return files;
    }

    private static byte[] Content(int records, int labels, int classes, int seed)
    {
        byte[] content = new byte[records * (labels + 3072)];
        Random random = new(seed);
        random.NextBytes(content);
        for (int i = 0; i < records; i++)
        {
            for (int j = 0; j < labels; j++)
                content[i * (labels + 3072) + j] = (byte)random.Next(classes);
        }

        return content;
    }

    private static void WriteAll(DataFolder folder, Dictionary<string, byte[]> files, string inner, string? archive)
    {
        if (archive is null)
        {
            foreach ((string name, byte[] content) in files)
                folder.Write(Path.Combine(inner, name), content);
            return;
        }

        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, $"{inner}/"));
            foreach ((string name, byte[] content) in files.Append(new("readme.html", "text"u8.ToArray())))
            {
                using MemoryStream data = new(content);
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{inner}/{name}") { DataStream = data });
            }
        }

        folder.Write(archive, DataFolder.Pack(tar.ToArray()));
    }

    private static void AssertRecord(TensorDataset dataset, int index, ReadOnlySpan<byte> record, int labelAt)
    {
        Assert.Equal(record[labelAt], dataset.LabelOf(index));
        float[] pixels = DataFolder.Input(dataset, index);
        for (int i = 0; i < 3072; i++)
            Assert.Equal(record[1 + i % 3 * 1024 + i / 3] / 255f, pixels[i]);
    }
}
