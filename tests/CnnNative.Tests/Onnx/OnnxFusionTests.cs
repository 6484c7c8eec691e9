// What PyTorch's exporter writes as many operators of an older set ends as the few that were meant, with the same results.

namespace CnnNative.Tests.Onnx;

public sealed class OnnxFusionTests
{
    private const int Channels = 8;

    /// <summary>Blocks with what is left of them, apart from views.</summary>
    public static TheoryData<string, string> Blocks => new()
    {
        { "ConvNeXt", "Conv2d LayerNorm Linear Linear" },
        { "squeeze and excitation with SiLU", "Conv2d GlobalAveragePool Conv2d Conv2d Binary" },
        { "hard swish", "Conv2d" },
        { "explicit padding", "Conv2d" },
        { "attention by Einstein's summation", "MatMul Softmax MatMul" },
    };

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_is_fused_to_what_was_meant(string name, string kinds)
    {
        using OnnxModel model = Build(name).Read();
        using Tensor input = Tensor.FromSpan(OnnxBuilder.Values(Channels * 36, 7), (1, Channels, 6, 6));
        using OnnxGraph graph = model.Import(new Dictionary<string, Shape> { ["x"] = input.Shape });
        using CompiledModel fused = CompiledModel.Compile(graph.Graph);
        using CompiledModel plain = CompiledModel.Compile(graph.Graph, new CompileOptions { Passes = GraphPasses.None });

        Assert.Equal(
            kinds.Split(' '),
            fused.Graph.Nodes.Select(node => node.Operator.Kind).Where(kind => kind is not ("Reshape" or "Transpose")));
        float[] expected = Run(plain, input), actual = Run(fused, input);

        // Sums of at most 72 products of numbers up to 1, normalised to about 1, in at most four layers.
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-4);
        }
    }

    private static float[] Run(CompiledModel model, Tensor input)
    {
        using Session session = model.CreateSession();
        float[] output = new float[session.OutputShape().ElementCount];
        session.SetInput(0, input.ToArray(), session.InputShape() == input.Shape ? TensorLayout.Nhwc : TensorLayout.Nchw);
        session.Run();
        session.GetOutput(0, output);
        return output;
    }

    private static OnnxBuilder Build(string name)
    {
        OnnxBuilder builder = new OnnxBuilder(13).Input("x", 1, Channels, 6, 6).Output("y");
        return name switch
        {
            "ConvNeXt" => ConvNeXt(builder),
            "squeeze and excitation with SiLU" => builder
                .Weights("w", Channels, Channels, 1, 1).Weights("w1", 2, Channels, 1, 1).Weights("w2", Channels, 2, 1, 1)
                .Node("Conv", "x w", "c").Node("Sigmoid", "c", "s").Node("Mul", "c s", "a")
                .Node("GlobalAveragePool", "a", "g").Node("Conv", "g w1", "d").Node("Sigmoid", "d", "e").Node("Mul", "d e", "f")
                .Node("Conv", "f w2", "h").Node("Sigmoid", "h", "i").Node("Mul", "i a", "y"),
            "hard swish" => Number(Number(Number(builder, "low", 0), "three", 3), "six", 6).Weights("w", Channels, Channels, 3, 3)
                .Node("Conv", "x w", "c").Node("Add", "c three", "d").Node("Clip", "d low six", "e").Node("Mul", "c e", "f")
                .Node("Div", "f six", "y"),
            "explicit padding" => builder.Weights("w", Channels, Channels, 3, 3).Longs("pads", 0, 0, 0, 0, 0, 0, 1, 1)
                .Node("Pad", "x pads", "p").Node("Conv", "p w", "y", ("strides", new[] { 2, 2 })),
            _ => builder.Longs("shape", 2, 4, 36).Node("Reshape", "x shape", "q")
                .Node("Transpose", "q", "k", ("perm", new[] { 0, 2, 1 }))
                .Node("Einsum", "k k", "p", ("equation", "b i d, b j d -> b i j")).Node("Softmax", "p", "s", ("axis", -1))
                .Node("Einsum", "s k", "y", ("equation", "b i j, b j d -> b d i")),
        };
    }

    /// <summary>Depthwise convolution, layer normalisation, two layers with a GELU between them, layer scale, and the sum.
    /// </summary>
    private static OnnxBuilder ConvNeXt(OnnxBuilder builder)
    {
        (string, float)[] numbers = [("two", 2), ("e", 1e-6f), ("root", 1.4142135f), ("one", 1), ("half", 0.5f)];
        foreach ((string number, float value) in numbers)
        {
            Number(builder, number, value);
        }

        return builder.Weights("w", Channels, 1, 3, 3).Weights("b", Channels).Weights("gamma", Channels).Weights("beta", Channels)
            .Weights("m1", Channels, 16).Weights("b1", 16).Weights("m2", 16, Channels).Weights("b2", Channels)
            .Weights("scale", Channels, 1, 1)
            .Node("Conv", "x w b", "c", ("group", Channels), ("pads", new[] { 1, 1, 1, 1 }))
            .Node("Transpose", "c", "t", ("perm", new[] { 0, 2, 3, 1 }))
            .Node("ReduceMean", "t", "mean", ("axes", new[] { -1 })).Node("Sub", "t mean", "d").Node("Pow", "d two", "d2")
            .Node("ReduceMean", "d2", "v", ("axes", new[] { -1 })).Node("Add", "v e", "ve").Node("Sqrt", "ve", "sd")
            .Node("Div", "d sd", "n0").Node("Mul", "n0 gamma", "n1").Node("Add", "n1 beta", "n")
            .Node("MatMul", "n m1", "h0").Node("Add", "b1 h0", "h")
            .Node("Div", "h root", "g0").Node("Erf", "g0", "g1").Node("Add", "g1 one", "g2")
            .Node("Mul", "h g2", "g3").Node("Mul", "g3 half", "g")
            .Node("MatMul", "g m2", "o0").Node("Add", "b2 o0", "o")
            .Node("Transpose", "o", "p", ("perm", new[] { 0, 3, 1, 2 })).Node("Mul", "scale p", "r").Node("Add", "r x", "y");
    }

    private static OnnxBuilder Number(OnnxBuilder builder, string name, float value)
    {
        CnnNative.Onnx.Schema.TensorProto tensor =
            new() { Name = name, DataType = (int)CnnNative.Onnx.Schema.TensorProto.Types.DataType.Float };
        tensor.FloatData.Add(value);
        builder.Proto.Graph.Initializer.Add(tensor);
        return builder;
    }
}
