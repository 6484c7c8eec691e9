// Files that are not what they should be: every one of them ends in a sentence that says what is wrong and where, never in a
// crash, a hang, or memory that the file only claims to need.

using CnnNative.Onnx.Schema;
using Google.Protobuf;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxReaderTests
{
    private static OnnxBuilder Small() => new OnnxBuilder()
        .Input("x", 1, 3, 8, 8).Output("y").Weights("w", 4, 3, 3, 3).Weights("m", 144, 2)
        .Node("Conv", "x w", "c").Node("Relu", "c", "r").Node("Flatten", "r", "f").Node("MatMul", "f m", "y");

    public static TheoryData<string, string> Broken => new()
    {
        { "a cycle", "the graph has a cycle" },
        { "a value that nobody puts out", "'nowhere', which nothing puts out" },
        { "two nodes with one output", "two nodes put out 'c'" },
        { "too few elements", "has 107 elements, expected 108" },
        { "terabytes that are not there", "has 108 elements, expected 2147483647000" },
        { "a negative dimension", "dimension 0 is -4" },
        { "a dimension beyond 32 bits", "dimension 0 is 4294967296" },
        { "too many dimensions", "expected at most 8" },
        { "a type that does not exist", "number 99" },
        { "weights twice", "'w': there are two of this name" },
        { "weights of another rank", "expected as many dimensions" },
        { "an input that is missing", "input 1 is missing" },
        { "a stride of 0", "expected at least 1" },
        { "no graph", "holds no graph" },
        { "no output", "the graph has no output" },
        { "data outside the folder", "lies outside the model's folder" },
        { "data by an absolute path", "lies outside the model's folder" },
        { "data that is not there", "is not there" },
        { "data with a bad offset", "expected a whole number" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_model_that_contradicts_itself_is_refused_with_a_sentence(string damage, string expected)
    {
        OnnxBuilder builder = Small();
        Damage(builder.Proto, damage);
        using TemporaryFolder folder = new();

        CnnFormatException error = Assert.Throws<CnnFormatException>(() =>
        {
            using OnnxModel model = builder.Read(folder.Path);
            model.Import().Dispose();
        });

        Assert.Contains("test.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static void Damage(ModelProto model, string damage)
    {
        GraphProto graph = model.Graph;
        TensorProto w = graph.Initializer[0];
        switch (damage)
        {
            case "a cycle": graph.Node[0].Input[0] = "r"; break;
            case "a value that nobody puts out": graph.Node[1].Input[0] = "nowhere"; break;
            case "two nodes with one output": graph.Node[1].Output[0] = "c"; break;
            case "too few elements": w.FloatData.RemoveAt(0); break;
            case "terabytes that are not there": (w.Dims[0], w.Dims[1], w.Dims[2], w.Dims[3]) = (int.MaxValue, 1000, 1, 1); break;
            case "a negative dimension": w.Dims[0] = -4; break;
            case "a dimension beyond 32 bits": w.Dims[0] = 1L << 32; break;
            case "too many dimensions": w.Dims.AddRange([1, 1, 1, 1, 1]); break;
            case "a type that does not exist": w.DataType = 99; break;
            case "weights twice": graph.Initializer.Add(w.Clone()); break;
            case "weights of another rank": w.Dims.RemoveAt(3); w.Dims[2] = 9; break;
            case "an input that is missing": graph.Node[0].Input.RemoveAt(1); break;
            case "a stride of 0":
                graph.Node[0].Attribute.Add(new AttributeProto { Name = "strides", Ints = { 0, 1 } });
                break;
            case "no graph": model.Graph = null; break;
            case "no output": graph.Output.Clear(); break;
            case "data outside the folder": External(w, "../weights.bin", "0"); break;
            case "data by an absolute path": External(w, "/etc/hostname", "0"); break;
            case "data that is not there": External(w, "weights.bin", "0"); break;
            default: External(w, "weights.bin", "-1"); break;
        }
    }

    private static void External(TensorProto tensor, string location, string offset)
    {
        tensor.FloatData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
    }

    [Fact]
    public void Weights_in_a_file_beside_the_model_are_read_from_it()
    {
        using TemporaryFolder folder = new();
        OnnxBuilder builder = Small();
        float[] weights = [.. builder.Proto.Graph.Initializer[0].FloatData];
        using (FileStream stream = File.Create(System.IO.Path.Combine(folder.Path, "weights.bin")))
        {
            stream.Write(new byte[16]);
            stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        }

        External(builder.Proto.Graph.Initializer[0], "weights.bin", "16");
        using OnnxModel model = builder.Read(folder.Path);

        Assert.Equal(weights, model.Initializers["w"].ToArray());
    }

    [Fact]
    public void A_link_out_of_the_folder_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights on Windows.");
        using TemporaryFolder folder = new(), outside = new();
        string target = System.IO.Path.Combine(outside.Path, "secret.bin");
        File.WriteAllBytes(target, new byte[432]);
        File.CreateSymbolicLink(System.IO.Path.Combine(folder.Path, "weights.bin"), target);
        OnnxBuilder builder = Small();
        External(builder.Proto.Graph.Initializer[0], "weights.bin", "0");

        CnnFormatException error = Assert.Throws<CnnFormatException>(() => builder.Read(folder.Path));

        Assert.Contains("is a link out of the model's folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_operators_that_are_not_supported_are_named_in_one_message_before_anything_runs()
    {
        OnnxBuilder builder = new OnnxBuilder(opset: 15).Input("x", 1, 3).Output("y")
            .Node("Frobnicate", "x", "a").Node("Relu", "a", "b").Node("StringNormalizer", "b", "c").Node("Frobnicate", "c", "y");
        using OnnxModel model = builder.Read();

        OnnxUnsupportedException error = Assert.Throws<OnnxUnsupportedException>(() => model.Import());

        Assert.Contains("2 operators are not supported", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Frobnicate (opset 15) in node 'the_Frobnicate_0' between 'x' and 'a', node 'the_Frobnicate_3' between 'c' and 'y'",
                error.Message,
            StringComparison.Ordinal);
        Assert.Contains("StringNormalizer (opset 15)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_refused_or_reads_as_a_smaller_model()
    {
        byte[] whole = Small().Proto.ToByteArray();

        for (int length = 0; length < whole.Length; length++)
        {
            ReadsOrRefuses(whole.AsSpan(0, length), $"cut off at {length}");
        }
    }

    [Fact]
    public void Bytes_that_are_changed_at_random_never_do_worse_than_being_refused()
    {
        byte[] whole = Small().Proto.ToByteArray();
        Random random = new(1);

        for (int round = 0; round < 4000; round++)
        {
            byte[] copy = [.. whole];
            for (int i = 0; i <= random.Next(3); i++)
            {
                // Most bytes are weights, where nothing is to be found; the structure stands at both ends.
                int near = random.Next(2) == 0 ? random.Next(whole.Length) : random.Next(4) == 0 ? random.Next(64)
                    : whole.Length - 1 - random.Next(200);
                copy[near] = (byte)random.Next(256);
            }

            ReadsOrRefuses(copy, $"round {round}");
        }
    }

    [Fact]
    public void A_text_file_is_no_model()
    {
        using MemoryStream stream = new("Once upon a time there was a network."u8.ToArray());

        Assert.Contains("not an ONNX model", Assert.Throws<CnnFormatException>(() => OnnxModel.Read(stream, "story.txt")).Message,
            StringComparison.Ordinal);
    }

    private static void ReadsOrRefuses(ReadOnlySpan<byte> bytes, string what)
    {
        try
        {
            using MemoryStream stream = new(bytes.ToArray());
            using OnnxModel model = OnnxModel.Read(stream, "damaged.onnx");
            model.Import().Dispose();
        }
        catch (Exception error) when (error is CnnFormatException or OnnxUnsupportedException or ShapeException)
        {
            Assert.NotEmpty(error.Message);
        }
        catch (Exception error)
        {
            Assert.Fail($"{what}: {error}");
        }
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("onnx").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
