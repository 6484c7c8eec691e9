// Exported networks give in ONNX Runtime the answers that they give here, and come back as the same networks.

using CnnNative.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxExportTests
{
    public static TheoryData<string> Networks =>
    [
        "convolutions and a classifier", "residuals and norms", "branches", "a decoder", "activations", "rows and matrices",
            "attention to channels",
    ];

    [Theory]
    [MemberData(nameof(Networks))]
    public void An_exported_network_gives_the_same_answers_in_ONNX_Runtime(string name)
    {
        using Model model = Build(name);
        Shape shape = GraphShapes.ForBatch(model.Graph, 3)[0];
        float[] values = OnnxBuilder.Values((int)shape.ElementCount, 5);
        byte[] exported = OnnxExport.ToBytes(model.Graph);
        using Tensor expected = Run(model.Graph, shape, values);

        (float[] found, int[] sizes) = RunElsewhere(exported, FirstOf(shape, values), FirstShape(shape));

        // Numbers of order 1 through at most a dozen layers, each rounded by 6e-8 of sums of up to a few hundred products.
        float[] wanted = FirstOf(expected.Shape, expected.ToArray());
        Assert.Equal(FirstShape(expected.Shape).ToArray(), sizes);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.True(Math.Abs(found[i] - wanted[i]) <= 2e-4 * (1 + Math.Abs(wanted[i])),
                $"{name}: element {i} is {found[i]}, expected {wanted[i]}");
        }
    }

    [Fact]
    public void Pictures_are_turned_around_nowhere_in_an_exported_network()
    {
        foreach (string name in (string[])["convolutions and a classifier", "residuals and norms", "branches", "a decoder",
            "activations"])
        {
            using Model model = Build(name);

            Assert.Equal((name, 0), (name, CountOf(OnnxExport.ToBytes(model.Graph), "Transpose")));
        }
    }

    [Theory]
    [InlineData("mnist-8-cntk")]
    [InlineData("mnist-burn-bn")]
    [InlineData("ppocrv2-cls-gutenye")]
    [InlineData("superres-subpixel-zoo")]
    [InlineData("ultraface-rfb320")]
    public void A_network_that_was_imported_and_exported_gives_its_recorded_answers_in_ONNX_Runtime(string name)
    {
        string folder = SharedData.Folder("onnx-models", name);
        using OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        using Tensor input = ConformanceSuite.Read(Path.Combine(folder, "test_data_set_0", "input_0.pb"));
        using Tensor expected = ConformanceSuite.Read(Path.Combine(folder, "test_data_set_0", "output_0.pb"));
        using OnnxGraph imported = model.Import(new Dictionary<string, Shape> { [model.Inputs[0].Name] = input.Shape });

        (float[] found, int[] _) = RunElsewhere(OnnxExport.ToBytes(imported.Graph), input.ToArray(), input.Shape);

        float[] wanted = expected.ToArray();
        float largest = wanted.Max(Math.Abs);
        Assert.Equal(wanted.Length, found.Length);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.True(Math.Abs(found[i] - wanted[i]) <= 1e-5 * largest + 1e-3 * Math.Abs(wanted[i]),
                $"element {i} is {found[i]}, expected {wanted[i]}");
        }
    }

    [Fact]
    public void What_has_no_form_in_ONNX_is_named_before_anything_is_written()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2, 3).Output("y").Node("TopK", "x k", "v y", ("axis", 1)).Longs("k",
            2);
        using OnnxModel model = builder.Read();
        using OnnxGraph graph = model.Import();
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");

        OnnxUnsupportedException error = Assert.Throws<OnnxUnsupportedException>(() => OnnxExport.Save(graph.Graph, path));

        Assert.Contains("Typed.TopK 'the_TopK_0' cannot be written", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    private static Model Build(string name)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (8, 8, 3));
        GraphValue y = name switch
        {
            "convolutions and a classifier" => b.Softmax(b.Linear(b.Dropout(b.Flatten(b.MaxPool2d(
                b.Conv2d(x, 6, 3, padding: Padding.Same, activation: Activation.Relu), 2))), 5)),
            "residuals and norms" => Residual(b, x),
            "branches" => Branches(b, x),
            "a decoder" => b.Upsample(b.ConvTranspose2d(b.Conv2d(x, 8, 3, stride: 2, padding: 1), 4, 2, stride: 2), 2,
                ResizeMode.Linear),
            "activations" => Activations(b, b.Conv2d(x, 4, 1)),
            "rows and matrices" => b.LayerNorm(b.Linear(b.Reshape(b.Transpose(x, 2, 0, 1), -1), 6)),
            _ => Excitation(b, b.Conv2d(x, 8, 3, padding: 1)),
        };
        b.Output("result", y);
        return b.Build(seed: 3);
    }

    private static GraphValue Residual(GraphBuilder b, GraphValue x)
    {
        GraphValue c = b.BatchNorm(b.Conv2d(x, 8, 3, padding: 1));
        GraphValue d = b.Relu(b.Add(c, b.GroupNorm(b.Conv2d(b.Relu(c), 8, 3, padding: 1), 4)));
        return b.LocalResponseNorm(b.InstanceNorm(d));
    }

    private static GraphValue Branches(GraphBuilder b, GraphValue x)
    {
        GraphValue left = b.AvgPool2d(b.Conv2d(x, 4, 3, padding: 1), 2), right =
            b.MaxPool2d(b.Conv2d(x, 6, 5, padding: 2, groups: 1), 2);
        IReadOnlyList<GraphValue> parts = b.Split(b.Concat(left, right), 3, 7);
        return b.GlobalAvgPool(b.ZeroPad(parts[1], Padding.Explicit(1, 0, 2, 3)));
    }

    private static GraphValue Activations(GraphBuilder b, GraphValue x)
    {
        foreach (Activation activation in (Activation[])[
            Activation.LeakyRelu(0.1f), Activation.Elu(), Activation.Selu, Activation.Gelu, Activation.Silu, Activation.HardSwish,
                Activation.Mish,
            Activation.HardSigmoid(), Activation.Softplus, Activation.Clip(0.1f, 0.9f), Activation.Tanh, Activation.Sigmoid])
        {
            x = b.Activate(x, activation);
        }

        return b.PRelu(x);
    }

    private static GraphValue Excitation(GraphBuilder b, GraphValue x)
    {
        GraphValue scale = b.Activate(b.Conv2d(b.GlobalAvgPool(x, keepDimensions: true), 8, 1), Activation.Sigmoid);
        return b.Concat(scale, b.GlobalMaxPool(x, keepDimensions: true), b.AdaptiveAvgPool(x, 1));
    }

    private static Tensor Run(Graph graph, Shape shape, float[] values)
    {
        using InferenceProgram program = new(graph, [shape], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        run.Input(0).CopyFrom(values);
        run.Execute();
        return run.Output(0).Clone();
    }

    private static (float[] Values, int[] Sizes) RunElsewhere(byte[] model, float[] values, Shape shape)
    {
        using InferenceSession session = new(model);
        DenseTensor<float> tensor = new(values, shape.ToArray());
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputNames[0], tensor)]);
        var output = results[0].AsTensor<float>();
        return ([.. output], output.Dimensions.ToArray());
    }

    private static Shape FirstShape(Shape shape) => shape.Rank == 4 ? (shape[0], shape[3], shape[1], shape[2]) : shape;

    private static float[] FirstOf(Shape shape, float[] values)
    {
        if (shape.Rank != 4)
        {
            return values;
        }

        using Tensor tensor = Tensor.FromSpan(values, shape);
        using Tensor first = CnnNative.Onnx.Writing.GraphExporter.Permuted(tensor, shape, [0, 3, 1, 2]);
        return first.ToArray();
    }

    private static int CountOf(byte[] model, string kind) =>
        CnnNative.Onnx.Schema.ModelProto.Parser.ParseFrom(model).Graph.Node.Count(node => node.OpType == kind);
}
