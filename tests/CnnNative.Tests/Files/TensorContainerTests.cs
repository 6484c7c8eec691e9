// The project's own container: everything survives, and a flipped bit anywhere is found before anything is used.

using CnnNative.Files;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Files;

public sealed class TensorContainerTests
{
    private const string Format = "cnn-model", Content = "{\"graph\": \"ü\", \"classes\": [\"cat\", \"dog\"]}";

    [Fact]
    public void Tensors_numbers_bytes_and_text_survive()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        using TensorCollection tensors = WeightFiles.Varied();

        TensorContainer.Write(path, Format, 3, Content, tensors, Integers, Bytes);
        using TensorContainer read = TensorContainer.Read(path, Format, 5);

        Assert.Equal(3, read.Version);
        Assert.Equal(Content, read.Content);
        WeightFiles.AreSame(tensors, read.Tensors);
        Assert.Equal(Integers, read.Integers);
        Assert.Equal(Bytes, read.Bytes);
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void It_is_a_safetensors_file()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        using TensorCollection tensors = WeightFiles.Varied();
        TensorContainer.Write(path, Format, 1, Content, tensors);

        using TensorCollection read = SafeTensorsFile.Read(path, out IReadOnlyDictionary<string, string> metadata);

        WeightFiles.AreSame(tensors, read);
        Assert.Equal(["crc32c", "format", "format_version", "content", "checksums"], metadata.Keys);
        Assert.Equal(Content, metadata["content"]);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found_and_the_file_named()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        byte[] whole = WriteSmall(path);
        int data = whole.Length - SmallDataLength;
        for (int i = 0; i < whole.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= (byte)(1 << bit);
                File.WriteAllBytes(path, damaged);

                InvalidDataException error = Assert.Throws<InvalidDataException>(() => TensorContainer.Read(path, Format, 1));

                Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
                if (i >= data)
                {
                    string name = (i - data) switch { < 16 => "seeds", < 32 => "weight", _ => "state" };
                    Assert.Contains($"'{name}' is damaged", error.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void A_file_cut_off_anywhere_or_too_long_is_refused()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        byte[] whole = WriteSmall(path);
        for (int length = 0; length < whole.Length; length++)
            IsRefused(whole[..length], "cut short");
        IsRefused([.. whole, 0], "bytes after the last tensor");

        void IsRefused(byte[] bytes, string expected)
        {
            File.WriteAllBytes(path, bytes);
            Refusal.Of<InvalidDataException>(expected, () => TensorContainer.Read(path, Format, 1));
        }
    }

    [Fact]
    public void A_file_of_a_newer_version_says_so()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        using TensorCollection none = [];
        TensorContainer.Write(path, Format, 4, Content, none);

        Assert.Equal(
            $"{path}: the file was made by a newer version: its format 'cnn-model' is 4, this one reads up to 3.",
            Assert.Throws<InvalidDataException>(() => TensorContainer.Read(path, Format, 3)).Message);
        Assert.Equal(
            $"{path}: the file is of the kind 'cnn-model', expected 'cnn-checkpoint'.",
            Assert.Throws<InvalidDataException>(() => TensorContainer.Read(path, "cnn-checkpoint", 3)).Message);
        TensorContainer.Write(path, Format, 0, Content, none);
        Refusal.Of<InvalidDataException>("the version of the file is '0'", () => TensorContainer.Read(path, Format, 3));
    }

    [Fact]
    public void A_plain_safetensors_file_is_another_one()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("weights.safetensors");
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting(3) } };
        SafeTensorsFile.Write(path, tensors);

        Refusal.Of<InvalidDataException>(
            "does not start like a 'cnn-model' file", () => TensorContainer.Read(path, Format, 1));
    }

    [Fact]
    public void A_name_used_twice_is_refused_and_the_old_file_kept()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("model.cnn");
        byte[] before = WriteSmall(path);
        using TensorCollection tensors = new() { { "seeds", WeightFiles.Counting(3) } };

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => TensorContainer.Write(path, Format, 1, Content, tensors, Integers));

        Assert.Contains("'seeds'", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    private const int SmallDataLength = 16 + 16 + 3;

    private static Dictionary<string, long[]> Integers => new() { ["seeds"] = [long.MinValue, -1, long.MaxValue], ["none"] = [] };

    private static Dictionary<string, byte[]> Bytes => new() { ["state"] = [0, 255, 1], ["empty"] = [] };

    private static byte[] WriteSmall(string path)
    {
        using TensorCollection tensors = new() { { "weight", WeightFiles.Counting((2, 2)) } };
        TensorContainer.Write(
            path, Format, 1, "{}", tensors, new Dictionary<string, long[]> { ["seeds"] = [1, 2] },
            new Dictionary<string, byte[]> { ["state"] = [7, 8, 9] });
        return File.ReadAllBytes(path);
    }
}
