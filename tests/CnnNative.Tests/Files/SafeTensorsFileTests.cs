// safetensors files: round trips, a file of another program, our files read by the format's definition, and files that break
// its rules.

using System.Buffers.Binary;
using System.Text;
using CnnNative.Tests.Golden;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Files;

public sealed class SafeTensorsFileTests
{
    [Fact]
    public void Tensors_names_order_and_metadata_survive()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("weights.safetensors");
        using TensorCollection tensors = WeightFiles.Varied();
        Dictionary<string, string> metadata = new()
        {
            ["z"] = "",
            ["a \"ü\""] = "{\"json\": [1, 2]}\n𝑥",
            ["m"] = new string('x', 100_000),
        };

        SafeTensorsFile.Write(path, tensors, metadata);
        using TensorCollection read = SafeTensorsFile.Read(path, out IReadOnlyDictionary<string, string> found);

        WeightFiles.AreSame(tensors, read);
        Assert.Equal(metadata.ToArray(), found.ToArray());
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read()
    {
        using TensorCollection tensors = WeightFiles.Varied();
        using MemoryStream stream = new();
        SafeTensorsFile.Write(stream, tensors);
        stream.Position = 0;
        using var forward = new CnnNative.Files.ChecksumStream(stream, CnnNative.Files.Crc32.Append);

        using TensorCollection read = SafeTensorsFile.Read(forward, out IReadOnlyDictionary<string, string> metadata);

        WeightFiles.AreSame(tensors, read);
        Assert.Empty(metadata);
    }

    [Fact]
    public void No_tensors_are_a_file_too()
    {
        using TensorCollection none = [];
        using MemoryStream stream = new();
        SafeTensorsFile.Write(stream, none);
        stream.Position = 0;

        using TensorCollection read = SafeTensorsFile.Read(stream, out _);

        Assert.Empty(read);
    }

    [Fact]
    public void A_file_of_another_program_with_every_element_type_is_read()
    {
        using TensorCollection read =
            SafeTensorsFile.Read(GoldenFile.PathOf("weights.safetensors"), out IReadOnlyDictionary<string, string> metadata);

        Assert.Equal(
            [
                "f32", "f64", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "ein Gewicht: ä 𝑥",
            ],
            read.Keys);
        Assert.Equal([new("format", "pt"), new("ü \"", "line\nline")], metadata.ToArray());
        Shape[] shapes = [(2, 3, 1, 2), 5, (2, 2), 7, 5, (3, 2), 4, default, 3, (1, 2), 2, (2, 1), 5, 1];
        Assert.Equal(shapes, read.Values.Select(tensor => tensor.Shape));
        foreach ((string name, Tensor tensor) in read)
        {
            // See make_weight_files.py.
            int offset = name[0] == 'u' ? 0 : 3;
            IEnumerable<int> positions = Enumerable.Range(0, tensor.ElementCount);
            Assert.Equal(positions.Select(i => name == "bool" ? i % 2 : (float)(i - offset)), tensor.ToArray());
        }
    }

    [Fact]
    public void A_program_that_knows_the_format_reads_our_file()
    {
        const string program = """
            import json, struct, sys, numpy
            data = open(sys.argv[1], "rb").read()
            length, = struct.unpack("<Q", data[:8])
            header = json.loads(data[8:8 + length].decode("utf-8"))
            print("text", header.pop("__metadata__")["text"], length % 8)
            for name, entry in header.items():
                start, end = entry["data_offsets"]
                array = numpy.frombuffer(data[8 + length:][start:end], "<f4").reshape(entry["shape"])
                print(name, entry["dtype"], array.shape, float(array.sum()), array.flat[-1])
            print(len(data) - 8 - length - max(entry["data_offsets"][1] for entry in header.values()))
            """;
        using TemporaryFolder folder = new();
        string path = folder.PathOf("weights.safetensors");
        using Tensor weights = WeightFiles.Counting((2, 3, 1, 2), 0.5f), bias = WeightFiles.Counting(3);
        using TensorCollection tensors = new() { { "conv", weights }, { "bias", bias } };
        SafeTensorsFile.Write(path, tensors, new Dictionary<string, string> { ["text"] = "yes" });

        const string expected = "text yes 0\nconv F32 (2, 3, 1, 2) 72.0 11.5\nbias F32 (3,) 3.0 2.0\n0\n";
        Assert.Equal(expected, WeightFiles.RunPython(program, path));
    }

    /// <summary>A header, the number of bytes after it, and what is said of them.</summary>
    public static TheoryData<string, int, string> BrokenHeaders => new()
    {
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "cut short from tensor 'a' on" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "bytes after the last tensor" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "from byte 0 to 4, but its shape and type ask for 8" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "from byte 8 to 0" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' starts at byte 4, expected 0: there is a gap" },
        { Two("[0,4]", "[8,12]"), 12, "'b' starts at byte 8, expected 4: there is a gap after tensor 'a'" },
        { Two("[0,4]", "[0,4]"), 4, "there is an overlap with tensor" },
        { Two("[2,6]", "[0,4]"), 6, "'a' starts at byte 2, expected 4: there is an overlap with tensor 'b'" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775807,4294967296],"data_offsets":[0,4]}}""", 4, "more than 2^63 bytes" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "the shape of tensor 'a' has" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "something else than whole numbers" },
        { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "something else than whole numbers" },
        { """{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "the shape of tensor 'a' is not an array" },
        { """{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""", 1, "expected at most 8 dimensions" },
        { """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "elements of the type 'F8_E4M3', expected F32" },
        { """{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4, "elements of the type ''" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}}""", 4, "lacks" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "the field 'dtype' twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1]}}""", 4, "the field 'strides'" },
        { Two("[0,4]", "[4,8]").Replace("\"b\"", "\"a\"", StringComparison.Ordinal), 8, "the name 'a' occurs twice" },
        { """{"a":[]}""", 0, "'a' is not an object" },
        { """{"__metadata__":{"a":1}}""", 0, "the metadata 'a' is not a text" },
        { """{"__metadata__":{"a":"","a":""}}""", 0, "the metadata 'a' occurs twice" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "the name '__metadata__' occurs twice" },
        { """{"\ud800":{}}""", 0, "half of a surrogate pair" },
        { """[]""", 0, "does not start with '{'" },
        { """{"a":""", 0, "not the JSON" },
        { """{}x""", 0, "not the JSON" },
        { """{"a":{"dtype":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""", 0, "elements of the type" },
        { """{"a":{"dtype":"F32","shape":[[[[[[[[1]]]]]]]],"data_offsets":[0,4]}}""", 4, "something else than whole numbers" },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void A_file_that_breaks_a_rule_is_refused_with_its_name_and_the_reason(string header, int bytes, string expected) =>
        IsRefused(File(header, new byte[bytes]), expected);

    [Fact]
    public void A_tensor_without_elements_is_one()
    {
        using MemoryStream stream = new(File("""{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}""", []));
        using TensorCollection read = SafeTensorsFile.Read(stream, out _);

        Assert.Equal((0, 3), read["a"].Shape);
    }

    public static TheoryData<byte[], string> BrokenFiles => new()
    {
        { [], "has 0 bytes" },
        { [1, 2, 3], "cut short" },
        { Prefixed(100, "{}"), "the header has 100 bytes, but only 2 follow" },
        { Prefixed(100_000_001, "{}"), "would have 100000001 bytes" },
        { Prefixed(0xFFFFFFFFFFFFFFFF, "{}"), "would have 18446744073709551615 bytes" },
        { Prefixed(1, "{}"), "would have 1 bytes" },
        { [.. Prefixed(8, "{\""), 0xFF, 0xFE, .. "\":{}"u8, (byte)'}'], "not valid UTF-8" },
    };

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void What_is_no_file_of_tensors_is_refused_with_its_name_and_the_reason(byte[] bytes, string expected) =>
        IsRefused(bytes, expected);

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting((2, 2)) }, { "b", WeightFiles.Counting(3) } };
        using MemoryStream stream = new();
        SafeTensorsFile.Write(stream, tensors);
        byte[] whole = stream.ToArray();
        for (int length = 0; length < whole.Length; length++)
            IsRefused(whole[..length], "cut short");
    }

    [Fact]
    public void A_flipped_bit_in_the_header_is_an_error_about_the_file_or_no_error()
    {
        using TensorCollection tensors = new() { { "a", WeightFiles.Counting((2, 2)) }, { "b", WeightFiles.Counting(3) } };
        using MemoryStream stream = new();
        SafeTensorsFile.Write(stream, tensors, new Dictionary<string, string> { ["key"] = "value" });
        byte[] whole = stream.ToArray();
        int header = whole.Length - 7 * sizeof(float), refused = 0;
        for (int i = 0; i < 8 * header; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i / 8] ^= (byte)(1 << (i % 8));
            using MemoryStream input = new(damaged);
            try
            {
                SafeTensorsFile.Read(input, out _, "broken.safetensors").Dispose();
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith("broken.safetensors: ", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        // Letters of names and texts may change, and digits of shapes with the same product; most of the rest is refused.
        Assert.InRange(refused, 8 * header / 2, 8 * header - 1);
    }

    [Fact]
    public void A_name_that_cannot_be_written_is_refused_and_leaves_no_file()
    {
        using TemporaryFolder folder = new();
        using TensorCollection reserved = new() { { "__metadata__", WeightFiles.Counting(1) } };
        using TensorCollection half = new() { { "\ud800", WeightFiles.Counting(1) } };

        Refusal.Of<ArgumentException>("keeps for itself", () => SafeTensorsFile.Write(folder.PathOf("a"), reserved));
        Refusal.Of<ArgumentException>("surrogate", () => SafeTensorsFile.Write(folder.PathOf("a"), half));
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
    }

    [Fact]
    public void Elements_become_the_nearest_float32()
    {
        byte[] wide = new byte[16];
        BinaryPrimitives.WriteDoubleLittleEndian(wide, 0.1);
        BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(8), 16_777_217);
        string header = Two("[0,8]", "[8,16]")
            .Replace("""b":{"dtype":"F32""", """b":{"dtype":"I64""", StringComparison.Ordinal)
            .Replace("F32", "F64", StringComparison.Ordinal);
        using MemoryStream stream = new(File(header, wide));

        using TensorCollection read = SafeTensorsFile.Read(stream, out _);

        Assert.Equal(0.1f, read["a"][0]);
        Assert.Equal(16_777_216f, read["b"][0]);
    }

    private static void IsRefused(byte[] bytes, string expected)
    {
        using MemoryStream seeking = new(bytes);
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => SafeTensorsFile.Read(seeking, out _, "broken.safetensors").Dispose());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("broken.safetensors: ", error.Message, StringComparison.Ordinal);

        // A stream that does not know its length says it later and perhaps in other words, but not never.
        using MemoryStream inner = new(bytes);
        using var forward = new CnnNative.Files.ChecksumStream(inner, CnnNative.Files.Crc32.Append);
        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Read(forward, out _, "broken.safetensors").Dispose());
    }

    private static string Two(string first, string second) =>
        "{" + $"\"a\":{Entry(first)},\"b\":{Entry(second)}" + "}";

    private static string Entry(string places) => """{"dtype":"F32","shape":[1],"data_offsets":""" + places + "}";

    private static byte[] File(string header, byte[] elements) =>
        [.. Prefixed((ulong)Encoding.UTF8.GetByteCount(header), header), .. elements];

    private static byte[] Prefixed(ulong length, string header)
    {
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        return [.. prefix, .. Encoding.UTF8.GetBytes(header)];
    }
}
