// Thousands of damaged models: each is refused with a sentence or is a model after all, which then compiles and runs. Nothing
// else may happen: no other exception, no memory out of proportion to the file. Cases that once did worse are kept below.

using CnnNative.Graphs;
using CnnNative.Onnx.Schema;
using Google.Protobuf;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxFuzzTests
{
    /// <summary>What reading and importing a damaged model may allocate besides forty times its own size. A loop is written out
    /// up to 100,000 nodes, which leave some kilobytes of garbage each.</summary>
    private const long MaxAllocated = 48 << 20, MaxAllocatedByLoops = 768 << 20;

    /// <summary>The elements of all values of a network that is run to see whether it does any harm.</summary>
    private const long MaxElements = 1 << 22;

    /// <summary>How many times as many cases to try as usual: the environment variable CNN_FUZZ, for whoever hunts.</summary>
    private static readonly int _times =
        int.TryParse(Environment.GetEnvironmentVariable("CNN_FUZZ"), out int times) && times > 0 ? times : 1;

    public static TheoryData<string> Samples =>
    [
        "counted_loop", "loop_by_data", "loop_that_stops", "loop_without_rounds", "loops_in_loops", "nested_if", "old_scan",
        "scan",
        "a classifier", "shapes", "moves", "whole numbers", "windows",
    ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_file_that_is_cut_off_at_any_length_is_refused_or_a_smaller_model(string sample)
    {
        byte[] whole = Sample(sample).ToByteArray();
        for (int length = 0; length < whole.Length; length++)
        {
            DoesNoHarm(whole[..length], runs: false, () => $"{sample}, cut off at {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_file_with_changed_bytes_does_no_harm(string sample)
    {
        byte[] whole = Sample(sample).ToByteArray();
        for (int seed = 0; seed < 300 * _times; seed++)
        {
            byte[] bytes = [.. whole];
            new ModelMutator(seed).Flip(bytes);
            DoesNoHarm(bytes, runs: true, () => $"{sample}, bytes of seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_model_that_says_something_else_does_no_harm(string sample)
    {
        ModelProto whole = Sample(sample);
        for (int seed = 0; seed < 600 * _times; seed++)
        {
            ModelProto model = whole.Clone();
            new ModelMutator(seed).Mutate(model);
            DoesNoHarm(model.ToByteArray(), runs: true, () => $"{sample}, structure of seed {seed}");
        }
    }

    [Theory]
    [InlineData("mnist-8-cntk", 200)]
    [InlineData("mnist-burn-bn", 60)]
    [InlineData("ppocrv2-cls-gutenye", 40)]
    [InlineData("ultraface-rfb320", 40)]
    [InlineData("yunet-n-320", 60)]
    [InlineData("superres-subpixel-zoo", 40)]
    public void A_pretrained_model_that_says_something_else_does_no_harm(string name, int rounds)
    {
        ModelProto whole = ModelProto.Parser.ParseFrom(File.ReadAllBytes(SharedData.File("onnx-models", name, "model.onnx")));
        for (int seed = 0; seed < rounds * _times; seed++)
        {
            ModelProto model = whole.Clone();
            new ModelMutator(seed).Mutate(model);
            DoesNoHarm(model.ToByteArray(), runs: false, () => $"{name}, structure of seed {seed}");
        }
    }

    /// <summary>A split into 65,536 parts, updates and weights of another type or shape, scales that do not fit, loops whose
    /// every round sorted its nodes anew.</summary>
    [Theory]
    [InlineData("moves", false, 4329)]
    [InlineData("whole numbers", false, 3754)]
    [InlineData("old_scan", false, 5697)]
    [InlineData("scan", false, 936)]
    [InlineData("a classifier", false, 13089)]
    [InlineData("loops_in_loops", false, 608)]
    [InlineData("loops_in_loops", true, 307)]
    [InlineData("loop_without_rounds", true, 4970)]
    public void Cases_that_once_did_worse_are_refused_or_run(string sample, bool flips, int seed)
    {
        ModelProto model = Sample(sample).Clone();
        byte[] bytes = model.ToByteArray();
        ModelMutator mutator = new(seed);
        if (flips)
        {
            mutator.Flip(bytes);
        }
        else
        {
            mutator.Mutate(model);
            bytes = model.ToByteArray();
        }

        DoesNoHarm(bytes, runs: true, () => $"{sample}, seed {seed}");
    }

    [Fact]
    public void Graphs_nested_a_thousand_deep_are_refused()
    {
        byte[] file = Nested(depth: 1000);

        DoesNoHarm(file, runs: false, () => "a thousand graphs in one another");
        using MemoryStream stream = new(file);
        Assert.Throws<CnnFormatException>(() => OnnxModel.Read(stream, "deep.onnx"));
    }

    /// <summary>Reads, imports and perhaps runs a file.</summary>
    private static void DoesNoHarm(byte[] bytes, bool runs, Func<string> what)
    {
        using IDisposable pause = LeakCheck.WithoutStacks();
        long before = GC.GetAllocatedBytesForCurrentThread(), allocated = 0;
        try
        {
            using MemoryStream stream = new(bytes);
            using OnnxModel model = OnnxModel.Read(stream, "damaged.onnx");
            using OnnxGraph graph = model.Import(Shapes(model));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (runs)
            {
                Run(graph);
            }
        }
        catch (Exception error) when (error is CnnFormatException or OnnxUnsupportedException or ShapeException)
        {
            Assert.NotEmpty(error.Message);
        }
        catch (Exception error)
        {
            Assert.Fail($"{what()}: {error}");
        }

        long most = 40L * bytes.Length + (HasLoop(bytes) ? MaxAllocatedByLoops : MaxAllocated);
        allocated = allocated > 0 ? allocated : GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= most, $"{what()}: {allocated >> 20} MB were allocated");
    }

    private static bool HasLoop(byte[] bytes) => bytes.AsSpan().IndexOf("Loop"u8) >= 0 || bytes.AsSpan().IndexOf("Scan"u8) >= 0;

    /// <summary>Small sizes for what the model leaves open.</summary>
    private static Dictionary<string, Shape> Shapes(OnnxModel model) => model.Inputs
        .Where(input => input.Dimensions is { Count: > 0 and <= 8 } dimensions && dimensions.Any(dimension => dimension.IsOpen))
        .ToDictionary(
            input => input.Name,
            input => new Shape([.. input.Dimensions!.Select((dimension, i) => dimension.IsOpen ? i == 0 ? 1 : 32
                : dimension.Size)]));

    private static void Run(OnnxGraph graph)
    {
        Shape[] shapes = [.. graph.Inputs.Select(port => port.GraphShape)];
        GraphShapes inferred = new(graph.Graph, shapes);
        long elements = shapes.Sum(shape => shape.ElementCount) + graph.Graph.Nodes.SelectMany(node => node.Outputs)
            .Sum(value => inferred[value].Shape.ElementCount);
        if (elements > MaxElements)
        {
            return;
        }

        using CompiledModel compiled = CompiledModel.Compile(graph.Graph);
        using Session session = compiled.CreateSession(shapes);
        for (int i = 0; i < shapes.Length; i++)
        {
            using TensorAccess<byte> access = session.Input(i).AccessBytes();
            access.Values.Clear();
        }

        try
        {
            session.Run(TestContext.Current.CancellationToken);
        }
        catch (ArgumentException error) when (error.Message.Contains("index", StringComparison.Ordinal))
        {
            // Indices are data, and found to be wrong only then.
        }
    }

    /// <summary>A graph in an attribute of a node of a graph, and so on, as bytes.</summary>
    private static byte[] Nested(int depth)
    {
        byte[] graph = new GraphProto { Name = "inner", Output = { new ValueInfoProto { Name = "a" } } }.ToByteArray();
        for (int i = 0; i < depth; i++)
        {
            AttributeProto branch = new() { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph };
            NodeProto choice = new() { OpType = "If", Input = { "f" }, Output = { "a" } };
            byte[] attribute = [.. branch.ToByteArray(), .. Field(6, graph)];
            byte[] node = [.. choice.ToByteArray(), .. Field(5, attribute)];
            graph = [.. Field(1, node), .. Field(12, new ValueInfoProto { Name = "a" }.ToByteArray())];
        }

        ModelProto model = new() { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
        return [.. model.ToByteArray(), .. Field(7, graph)];
    }

    /// <summary>A field of bytes with its number and length.</summary>
    private static byte[] Field(int number, byte[] content)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }

    private static ModelProto Sample(string name) => name switch
    {
        "a classifier" => new OnnxBuilder().Input("x", -1, 3, 8, 8).Output("y").Weights("w", 4, 3, 3, 3).Weights("b", 4)
            .Weights("s", 4).Weights("m", 36, 2).Node("Conv", "x w b", "c", ("pads", new[] { 1, 1, 1, 1 }))
            .Node("BatchNormalization", "c s b b s", "n")
            .Node("Relu", "n", "r").Node("MaxPool", "r", "p", ("kernel_shape", new[] { 2, 2 }), ("strides", new[] { 3, 3 }))
            .Node("Flatten", "p", "f").Node("Gemm", "f m", "g").Node("Softmax", "g", "y", ("axis", 1)).Proto,
        "shapes" => new OnnxBuilder().Input("x", -1, 4, 6).Output("y").Longs("zero", 0).Longs("minus", -1).Longs("two", 2)
            .Longs("axes", 0)
            .Node("Shape", "x", "s").Node("Gather", "s zero", "n").Node("Concat", "n two minus", "t", ("axis", 0))
            .Node("Reshape", "x t", "r").Node("ConstantOfShape", "two", "o").Node("Unsqueeze", "n axes", "u")
            .Node("Squeeze", "u axes", "q")
            .Node("Expand", "q two", "e").Node("ReduceMean", "r", "y", ("axes", new[] { 2 })).Proto,
        "moves" => new OnnxBuilder().Input("x", 2, 4, 6).Output("y").Longs("start", 1).Longs("end", 5).Longs("axis", 2)
            .Longs("times", 1, 2, 1)
            .Longs("pads", 0, 1, 0, 0, 1, 2).Longs("k", 3)
            .Node("Slice", "x start end axis", "a").Node("Tile", "a times", "b").Node("Pad", "b pads", "c")
            .Node("Transpose", "c", "d", ("perm", new[] { 2, 0, 1 })).Node("Split", "d", "e f", ("axis", 0))
            .Node("Concat", "e f", "g", ("axis", 1)).Node("TopK", "g k", "h i", ("axis", 2))
            .Node("GatherElements", "g i", "y", ("axis", 2)).Proto,
        "whole numbers" => new OnnxBuilder().Input("x", ElementType.Int64, 3, 4).Output("y").Longs("rows", 2, 0).Longs("depth", 5)
            .Weights("values", 2).Node("Gather", "x rows", "g", ("axis", 1)).Node("Cast", "g", "f", ("to", 1))
            .Node("ArgMax", "f", "a", ("axis", 0)).Node("OneHot", "a depth values", "o").Node("Where", "w o o", "y")
            .Node("Cast", "o", "w", ("to", 9)).Proto,
        "windows" => new OnnxBuilder().Input("x", 1, 4, 7, 7).Output("y").Weights("w", 4, 2, 3, 3).Weights("scales", 4)
            .Node("ConvTranspose", "x w", "c", ("group", 2), ("strides", new[] { 2, 2 })).Node("LRN", "c", "l", ("size", 3))
            .Node("AveragePool", "l", "a", ("kernel_shape", new[] { 3, 3 }), ("ceil_mode", 1))
            .Node("DepthToSpace", "a", "d", ("blocksize", 2))
            .Node("Resize", "d - scales", "r").Node("GlobalMaxPool", "r", "y").Proto,
        _ => ModelProto.Parser.ParseFrom(File.ReadAllBytes(
            Path.Combine(AppContext.BaseDirectory, "Golden", "control-flow", $"{name}.onnx"))),
    };
}
