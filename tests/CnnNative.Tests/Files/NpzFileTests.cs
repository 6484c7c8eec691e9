// .npz files: round trips, files that NumPy wrote, our files read by NumPy, and files that are damaged or lie.

using System.IO.Compression;
using System.Text;
using CnnNative.Tests.Golden;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Files;

public sealed class NpzFileTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tensors_names_and_order_survive(bool compress)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("weights.npz");
        using TensorCollection tensors = WeightFiles.Varied();

        NpzFile.Write(path, tensors, compress);
        using TensorCollection read = NpzFile.Read(path);

        WeightFiles.AreSame(tensors, read);
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void The_same_tensors_make_the_same_bytes()
    {
        using TensorCollection tensors = WeightFiles.Varied();

        Assert.Equal(Bytes(tensors, compress: true), Bytes(tensors, compress: true));
        Assert.True(Bytes(tensors, compress: true).Length < Bytes(tensors, compress: false).Length);
    }

    [Theory]
    [InlineData("weights-stored.npz")]
    [InlineData("weights-deflated.npz")]
    [InlineData("weights-zip64.npz")]
    public void A_file_of_NumPy_with_every_element_type_is_read(string file)
    {
        using TensorCollection read = NpzFile.Read(GoldenFile.PathOf(file));

        Assert.Equal(
            [
                "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
                "block/0/weight", "scalar",
            ],
            read.Keys);
        foreach ((string name, Tensor tensor) in read)
        {
            // See make_weight_files.py.
            Shape expected = name switch { "scalar" => new Shape([]), "block/0/weight" => (3, 1, 1, 2), _ => (2, 3) };
            int offset = name[0] == 'u' ? 0 : 3;
            Assert.Equal(expected, tensor.Shape);
            IEnumerable<int> positions = Enumerable.Range(0, tensor.ElementCount);
            Assert.Equal(positions.Select(i => name == "bool" ? i % 2 : (float)(i - offset)), tensor.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NumPy_reads_our_file(bool compress)
    {
        const string program = """
            import sys, numpy, zipfile
            with numpy.load(sys.argv[1]) as file:
                for name in file:
                    print(name, file[name].dtype, file[name].shape, float(file[name].sum()), file[name].flat[-1])
            with zipfile.ZipFile(sys.argv[1]) as file:
                print(file.testzip(), {info.compress_type for info in file.infolist()})
            """;
        using TemporaryFolder folder = new();
        string path = folder.PathOf("weights.npz");
        using Tensor weights = WeightFiles.Counting((2, 3, 1, 2), 0.5f), bias = WeightFiles.Counting(3);
        using TensorCollection tensors = new() { { "block/conv", weights }, { "bias", bias } };
        NpzFile.Write(path, tensors, compress);

        Assert.Equal(
            $"block/conv float32 (2, 3, 1, 2) 72.0 11.5\nbias float32 (3,) 3.0 2.0\nNone {{{(compress ? 8 : 0)}}}\n",
            WeightFiles.RunPython(program, path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_in_an_array_is_found_and_named(bool compress)
    {
        using TensorCollection tensors = new() { { "first", WeightFiles.Counting(40) }, { "second", WeightFiles.Counting(40) } };
        byte[] whole = Bytes(tensors, compress);

        // The second local header starts the second array's part of the file, the central directory ends it.
        int start = IndexOf(whole, [(byte)'P', (byte)'K', 3, 4], 4) + 30 + "second.npy".Length;
        int end = IndexOf(whole, [(byte)'P', (byte)'K', 1, 2], start);
        for (int i = start; i < end; i += 7)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));

            InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(damaged));

            Assert.StartsWith("broken.npz, array 'second': ", error.Message, StringComparison.Ordinal);
        }
    }

    // A zip file has fields that mean nothing to us, so some flipped bits change nothing; none may end in another exception.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_bit_anywhere_is_an_error_about_the_file_or_no_error(bool compress)
    {
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting(3) }, { "b", WeightFiles.Counting(2) } };
        byte[] whole = Bytes(tensors, compress);
        int refused = 0;
        for (int i = 0; i < 8 * whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                Read(damaged);
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith("broken.npz", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        // All but dates, versions, attributes and the like, and names.
        Assert.InRange(refused, 8 * whole.Length / 2, 8 * whole.Length);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting((2, 2)) } };
        byte[] whole = Bytes(tensors, compress: false);
        for (int length = 0; length < whole.Length; length++)
        {
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(whole[..length]));
            Assert.StartsWith("broken.npz: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_array_is_refused_with_its_name()
    {
        IsRefused("'readme.txt' within it is no array", ("readme.txt", "text"));
        IsRefused("array 'a': the file does not start like", ("a.npy", "this is text, not an array"));
        IsRefused("array 'a': the .npy file ends", ("a.npy", ""));
        using MemoryStream stream = new();
        using Tensor tensor = WeightFiles.Counting(2);
        NpyFile.Write(stream, tensor);
        string array = Encoding.Latin1.GetString(stream.ToArray());
        IsRefused("the array 'a' occurs twice", ("a.npy", array), ("a.npy", array));
        IsRefused("array 'a': there are bytes after", ("a.npy", array + "x"));
    }

    [Fact]
    public void A_header_that_asks_for_more_than_the_file_holds_allocates_nothing()
    {
        const string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000,), }\n";
        string array = $"\u0093NUMPY\u0001\u0000{(char)header.Length}\u0000{header}";

        IsRefused("array 'a': the .npy file ends before its last element", ("a.npy", array));
    }

    [Fact]
    public void A_length_that_deflate_cannot_reach_is_refused()
    {
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting(100) } };
        byte[] bytes = Bytes(tensors, compress: true);

        // The uncompressed length in the central directory, which readers go by.
        int entry = IndexOf(bytes, [(byte)'P', (byte)'K', 1, 2], 0);
        bytes[entry + 24 + 3] = 0x40;

        Refusal.Of<InvalidDataException>("which cannot be", () => Read(bytes));
    }

    [Fact]
    public void A_tensor_without_a_name_is_refused_and_the_old_file_kept()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("weights.npz", [1, 2, 3]);
        using TensorCollection tensors = new() { { "", WeightFiles.Counting(1) } };

        Assert.Throws<ArgumentException>(() => NpzFile.Write(path, tensors));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    private static byte[] Bytes(TensorCollection tensors, bool compress)
    {
        using MemoryStream stream = new();
        NpzFile.Write(stream, tensors, compress);
        return stream.ToArray();
    }

    private static void Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        NpzFile.Read(stream, "broken.npz").Dispose();
    }

    private static void IsRefused(string expected, params ReadOnlySpan<(string Name, string Content)> files)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string content) in files)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.Latin1.GetBytes(content));
            }
        }

        Refusal.Of<InvalidDataException>(expected, () => Read(stream.ToArray()));
    }

    private static int IndexOf(byte[] bytes, ReadOnlySpan<byte> pattern, int start) =>
        start + bytes.AsSpan(start).IndexOf(pattern);
}
