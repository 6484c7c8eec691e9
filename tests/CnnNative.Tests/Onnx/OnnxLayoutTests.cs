// What an exporter writes for channels before pixels runs with channels innermost, and nothing turns dimensions around for it.

using CnnNative.Onnx.Running;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxLayoutTests
{
    /// <summary>Models with the number of transposes that they cannot do without.</summary>
    public static TheoryData<string, int> Networks => new()
    {
        { "a convolution before a fully connected layer", 0 },
        { "branches that are put together and reduced", 0 },
        { "squeeze and excitation", 0 },
        { "a transpose there and back", 0 },
        { "pixels made of channels", 1 },
        { "channels that are shuffled", 1 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Layouts_leave_no_transpose_that_is_not_needed_and_change_no_result(string name, int transposes)
    {
        using OnnxModel model = Build(name).Read();
        using Tensor input = Tensor.FromSpan(OnnxBuilder.Values(2 * 4 * 6 * 6, 7), (2, 4, 6, 6));
        Dictionary<string, Tensor> inputs = new() { ["x"] = input };
        OnnxRunner native = new(model, ComputeContext.Default.Kernels);

        using Tensor output = native.Run(inputs)[0];

        Assert.Equal(transposes, native.Nodes.Count(ConformanceSuite.IsTranspose));
        using Tensor expected = InOnnxOrder(name, inputs);
        Assert.Equal(expected.Shape, output.Shape);

        // At most 40 products of numbers up to 1 in each of three layers, each rounded by 6e-8 of a sum up to 40.
        Assert.True(output.IsClose(expected, absolute: 1e-4f, relative: 1e-4f), $"{name}: {output} against {expected}");
    }

    /// <summary>The same with the weights as inputs of the graph, and so with none of them arranged at import.</summary>
    private static Tensor InOnnxOrder(string name, Dictionary<string, Tensor> inputs)
    {
        OnnxBuilder builder = Build(name);
        Dictionary<string, Tensor> all = new(inputs);
        List<CnnNative.Onnx.Schema.TensorProto> floats =
            [.. builder.Proto.Graph.Initializer.Where(tensor => tensor.FloatData.Count > 0)];
        foreach (CnnNative.Onnx.Schema.TensorProto tensor in floats)
        {
            int[] sizes = [.. tensor.Dims.Select(size => (int)size)];
            all[tensor.Name] = Tensor.FromSpan([.. tensor.FloatData], new Shape(sizes));
            builder.Proto.Graph.Initializer.Remove(tensor);
            builder.Input(tensor.Name, sizes);
        }

        using OnnxModel model = builder.Read();
        using ComputeContext managed = new(Backend.Managed);
        Tensor output = new OnnxRunner(model, managed.Kernels).Run(all)[0];
        foreach (CnnNative.Onnx.Schema.TensorProto tensor in floats)
        {
            all[tensor.Name].Dispose();
        }

        return output;
    }

    private static OnnxBuilder Build(string name)
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", -1, 4, 6, 6).Output("y").Weights("w", 8, 4, 3, 3).Weights("bias", 8)
            .Node("Conv", "x w bias", "c", ("pads", new[] { 1, 1, 1, 1 }));
        return name switch
        {
            "a convolution before a fully connected layer" => builder.Weights("m", 288, 5).Weights("b", 5)
                .Node("Relu", "c", "r").Node("Flatten", "r", "f").Node("Gemm", "f m b", "y"),
            "branches that are put together and reduced" => builder.Weights("k", 8).Longs("axes", 2, 3)
                .Node("Relu", "c", "r").Node("MaxPool", "c", "p", ("kernel_shape", new[] { 3, 3 }),
                    ("pads", new[] { 1, 1, 1, 1 }))
                .Node("Concat", "r p", "q", ("axis", 1)).Node("Softmax", "q", "s", ("axis", 1)).Longs("start", 4).Longs("end",
                    12).Longs("axis", 1)
                .Node("Slice", "s start end axis", "t").Longs("pads", 0, 0, 1, 2, 0, 0, 3, 4).Node("Pad", "t pads", "u")
                .Node("ReduceMean", "u", "y", ("axes", new[] { 2, 3 }), ("keepdims", 0)),
            "squeeze and excitation" => builder.Weights("m", 8, 8).Weights("scale", 8, 1, 1).Longs("shape", -1, 8, 1, 1)
                .Node("GlobalAveragePool", "c", "g").Node("Flatten", "g", "f").Node("MatMul", "f m", "h").Node("Sigmoid", "h",
                    "i")
                .Node("Reshape", "i shape", "j").Node("Mul", "c j", "k").Node("Mul", "k scale", "y"),
            "a transpose there and back" => builder.Weights("m", 8, 8)
                .Node("Transpose", "c", "t", ("perm", new[] { 0, 2, 3, 1 })).Node("MatMul", "t m", "u")
                .Node("Transpose", "u", "v", ("perm", new[] { 0, 3, 1, 2 })).Node("Add", "v c", "y"),
            "pixels made of channels" => builder.Weights("v", 3, 2, 1, 1)
                .Node("DepthToSpace", "c", "d", ("blocksize", 2)).Node("Conv", "d v", "y"),
            _ => builder.Weights("v", 4, 8, 1, 1).Longs("cut", -1, 2, 4, 6, 6).Longs("whole", -1, 8, 6, 6)
                .Node("Reshape", "c cut", "d").Node("Transpose", "d", "e", ("perm", new[] { 0, 2, 1, 3, 4 }))
                .Node("Reshape", "e whole", "f").Node("Conv", "f v", "y"),
        };
    }

    [Fact]
    public void A_graph_that_was_made_for_one_batch_serves_another()
    {
        using OnnxModel model = Build("a convolution before a fully connected layer").Read();
        using OnnxGraph graph = model.Import(new Dictionary<string, Shape> { ["x"] = (2, 4, 6, 6) });

        CnnNative.Graphs.GraphShapes shapes = new(graph.Graph, [(5, 6, 6, 4)]);

        Assert.Equal((5, 5), shapes[graph.Graph.Outputs[0].Value].Shape);
        Assert.Equal([0, 2, 3, 1], graph.Inputs[0].Order);
        Assert.Equal(Dimension.Batch, graph.Graph.Inputs[0].Input!.Dimensions[0]);
    }

    [Fact]
    public void Imports_of_one_model_share_its_weights()
    {
        using OnnxModel model = Build("squeeze and excitation").Read();
        using OnnxGraph first = model.Import(new Dictionary<string, Shape> { ["x"] = (1, 4, 6, 6) });
        using OnnxGraph second = model.Import(new Dictionary<string, Shape> { ["x"] = (3, 4, 6, 6) });

        first.Graph.Parameter("w").Value[0, 0, 0, 0] = 42;

        Assert.Equal((8, 3, 3, 4), second.Graph.Parameter("w").Shape);
        Assert.Equal(42f, second.Graph.Parameter("w").Value[0, 0, 0, 0]);
        Assert.Equal(ParameterRole.Weight, second.Graph.Parameter("w").Role);
        Assert.Equal(ParameterRole.Bias, second.Graph.Parameter("bias").Role);
    }
}
