// ONNX files whose weights stay in the file until they are packed: the same structure, the same answers, and a sentence where the
// file is not what it was.

using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Schema;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxWeightTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-files").FullName;

    public static TheoryData<string> Shared => OnnxFileTests.Shared;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Shared))]
    public void A_file_without_its_weights_has_the_structure_of_the_whole(string name)
    {
        string path = SharedData.File("onnx-models", name, "model.onnx");
        byte[] bytes = File.ReadAllBytes(path);
        ModelProto whole = ModelProto.Parser.ParseFrom(bytes);
        using SafeFileHandle file = File.OpenHandle(path);

        using MemoryStream? message = ModelFile.TryRead(file, out IReadOnlyList<FileRange?> weights);

        Assert.NotNull(message);
        ModelProto rest = ModelProto.Parser.ParseFrom(message.ToArray());
        Assert.Equal(whole.Graph.Initializer.Count, weights.Count);
        for (int i = 0; i < weights.Count; i++)
        {
            if (weights[i] is { } range)
            {
                Assert.False(rest.Graph.Initializer[i].HasRawData);
                rest.Graph.Initializer[i].RawData = ByteString.CopyFrom(bytes, (int)range.Offset, (int)range.Length);
            }
        }

        Assert.Equal(whole, rest);
    }

    [Fact]
    public void A_file_that_is_cut_off_anywhere_is_left_to_the_parser()
    {
        string path = Write(Network(), "whole.onnx"), cut = Path.Combine(_folder, "cut.onnx");
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 1; length < bytes.Length; length += length < 600 ? 1 : 9973)
        {
            File.WriteAllBytes(cut, bytes[..length]);
            using SafeFileHandle file = File.OpenHandle(cut);

            // Where the cut falls between two fields of the model, what is there is whole.
            using MemoryStream? message = ModelFile.TryRead(file, out _);
            bool parses;
            try
            {
                _ = ModelProto.Parser.ParseFrom(bytes, 0, length);
                parses = true;
            }
            catch (InvalidProtocolBufferException)
            {
                parses = false;
            }

            Assert.Equal(parses, message is not null);
        }
    }

    [Fact]
    public void A_compiled_network_never_holds_its_filters_as_the_file_has_them()
    {
        string path = Write(Network(), "network.onnx");
        using CompiledModel model = CompiledModel.Load(path);
        using Session session = model.CreateSession();
        session.SetInput(0, Picture(), TensorLayout.Source);
        session.Run(TestContext.Current.CancellationToken);

        Parameter[] filters = [.. model.Graph.Parameters.Where(parameter => parameter.Value.ByteCount > 1 << 14)];
        Assert.Equal(2, filters.Length);
        Assert.All(filters, parameter => Assert.NotNull(parameter.Value.Pending));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Weights_packed_from_the_file_give_the_bits_of_those_in_memory(int threads)
    {
        string path = Write(Network(), "network.onnx");
        using ComputeContext context = new(threads: threads);
        CompileOptions options = new() { Context = context };
        using Model loaded = Model.Load(path);
        using CompiledModel fromMemory = loaded.Compile(options), fromFile = CompiledModel.Load(path, options);

        Assert.Equal(Run(fromMemory), Run(fromFile));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Matrices_that_multiply_from_the_right_are_packed_from_the_file_with_their_scale(int threads)
    {
        // More than one piece, and the last one is narrower.
        const int Inputs = 70, Outputs = 8001;
        OnnxBuilder builder = new OnnxBuilder().Input("x", 1, 24 * 63)
            .Weights("first", 24 * 63, Inputs).Weights("second", Inputs, Outputs).Weights("scale", Outputs)
            .Node("MatMul", "x first", "a").Node("MatMul", "a second", "b").Node("Mul", "b scale", "y").Output("y");
        string path = Write(InTheFile(builder), "rows.onnx");
        using ComputeContext context = new(threads: threads);
        CompileOptions options = new() { Context = context };
        using Model loaded = Model.Load(path);
        using CompiledModel fromMemory = loaded.Compile(options), fromFile = CompiledModel.Load(path, options);

        Assert.Equal(Run(fromMemory), Run(fromFile));
        Assert.Equal(2, fromFile.Graph.Nodes.Count);
        Parameter[] matrices = [.. fromFile.Graph.Parameters.Where(parameter => parameter.Shape.Rank == 2)];
        Assert.Equal(2, matrices.Length);
        Assert.All(matrices, parameter => Assert.NotNull(parameter.Value.Pending));
    }

    [Fact]
    public void A_network_can_be_saved_over_the_file_that_it_came_from()
    {
        string path = Write(Network(), "network.onnx");
        float[] first;
        using (Model model = Model.Load(path))
        {
            Assert.All(model.Parameters, parameter => Assert.Null(parameter.Value.Pending));
            using CompiledModel compiled = model.Compile();
            first = Run(compiled);
            File.WriteAllBytes(path, [1, 2, 3]);
            model.Save(path);
        }

        using CompiledModel again = CompiledModel.Load(path);
        Assert.Equal(first, Run(again));
    }

    [Fact]
    public void A_file_that_is_cut_off_meanwhile_is_told_with_the_tensor()
    {
        string path = Write(Network(), "network.onnx");
        using CompiledModel model = CompiledModel.Load(path);
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            stream.SetLength(stream.Length / 2);
        }

        CnnFormatException error = Assert.Throws<CnnFormatException>(() => model.CreateSession());
        Assert.Equal("network.onnx: initializer 'fc': the file is shorter than it was when it was opened.", error.Message);
    }

    [Theory]
    [InlineData(nameof(TensorProto.Types.DataType.Float16))]
    [InlineData(nameof(TensorProto.Types.DataType.Bfloat16))]
    [InlineData(nameof(TensorProto.Types.DataType.Double))]
    public void Numbers_of_other_sizes_are_widened_piece_by_piece(string typeName)
    {
        TensorProto.Types.DataType type = Enum.Parse<TensorProto.Types.DataType>(typeName);
        const int Count = 400_000; // more than one piece
        OnnxBuilder builder = new OnnxBuilder().Input("x", Count).Node("Add", "x w", "y").Output("y");
        TensorProto weights = new() { Name = "w", DataType = (int)type };
        weights.Dims.Add(Count);
        float[] values = [.. Enumerable.Range(0, Count).Select(i => (float)(i % 256 - 128) / 64)];
        weights.RawData = ByteString.CopyFrom([.. values.SelectMany(value => type switch
        {
            TensorProto.Types.DataType.Float16 => BitConverter.GetBytes((Half)value),
            TensorProto.Types.DataType.Bfloat16 => BitConverter.GetBytes(value)[2..],
            _ => BitConverter.GetBytes((double)value),
        })]);
        builder.Proto.Graph.Initializer.Add(weights);

        using CompiledModel model = CompiledModel.Load(Write(builder, "wide.onnx"));
        using Session session = model.CreateSession(new Shape(Count));
        float[] output = new float[Count];
        session.Run(new float[Count], output, TestContext.Current.CancellationToken);

        Assert.Equal(values, output);
    }

    /// <summary>A convolution with a normalisation behind it, and a fully connected layer that sees channels first.</summary>
    private static OnnxBuilder Network()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 1, 24, 9, 7)
            .Weights("conv", 80, 24, 3, 3).Weights("bias", 80).Weights("mean", 80).Weights("fc", 70, 80 * 63).Weights("out", 70)
            .Node("Conv", "x conv bias", "a", ("pads", new[] { 1, 1, 1, 1 }))
            .Node("Abs", "mean", "variance")
            .Node("BatchNormalization", "a bias mean mean variance", "b").Node("Relu", "b", "c").Node("Flatten", "c", "d")
            .Node("Gemm", "d fc out", "y", ("transB", 1)).Output("y");
        return InTheFile(builder);
    }

    /// <summary>The weights as bytes, which is how they can stay in a file.</summary>
    private static OnnxBuilder InTheFile(OnnxBuilder builder)
    {
        foreach (TensorProto tensor in builder.Proto.Graph.Initializer)
        {
            float[] values = [.. tensor.FloatData];
            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        }

        return builder;
    }

    private static float[] Picture() => [.. Enumerable.Range(0, 24 * 63).Select(i => MathF.Sin(i))];

    private static float[] Run(CompiledModel model)
    {
        using Session session = model.CreateSession();
        session.SetInput(0, Picture(), TensorLayout.Source);
        session.Run(TestContext.Current.CancellationToken);
        float[] output = new float[session.OutputShape().ElementCount];
        session.GetOutput(0, output);
        return output;
    }

    private string Write(OnnxBuilder builder, string name)
    {
        string path = Path.Combine(_folder, name);
        using FileStream stream = File.Create(path);
        builder.Proto.WriteTo(stream);
        return path;
    }
}
