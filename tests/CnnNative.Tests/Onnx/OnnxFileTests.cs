// .onnx and .cnn files are interchangeable: what is loaded from one is written to the other and back, with the same names, the
// same order of dimensions and the same answers.

using System.Reflection;
using System.Runtime.Loader;

namespace CnnNative.Tests.Onnx;

public sealed class OnnxFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx-files").FullName;

    public static TheoryData<string> Shared =>
    [
        "imagenet-squeezenet-fp16", "mnist-8-cntk", "mnist-burn-bn", "ppocrv2-cls-gutenye", "superres-subpixel-zoo",
        "ultraface-rfb320", "yunet-n-320",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Shared))]
    public void A_pretrained_model_gives_its_recorded_answers_from_every_kind_of_file(string name)
    {
        string path = SharedData.File("onnx-models", name, "model.onnx");
        using Tensor input = ConformanceSuite.Read(SharedData.File("onnx-models", name, "test_data_set_0", "input_0.pb"));
        string cnn = Path.Combine(_folder, "model.cnn"), onnx = Path.Combine(_folder, "model.onnx");
        Dictionary<string, Shape> shapes = [];
        using (OnnxModel original = OnnxModel.Load(path))
        {
            shapes[original.Inputs[0].Name] = input.Shape;
        }

        using Model loaded = Model.Load(path, shapes);
        loaded.Save(cnn);
        using Model own = Model.Load(cnn, shapes);
        own.Save(onnx);

        TensorCollection answers = Run(loaded.Compile(), input), ownAnswers = Run(CompiledModel.Load(cnn), input);
        Assert.Equal(loaded.Outputs.Select(output => output.Name), own.Outputs.Select(output => output.Name));
        TensorCollection elsewhere = OnnxRuntime.Run(File.ReadAllBytes(onnx), loaded.Inputs[0].Name, input);
        using Model again = Model.Load(onnx, shapes);
        TensorCollection againAnswers = Run(again.Compile(), input);
        for (int i = 0; i < loaded.Outputs.Count; i++)
        {
            string output = loaded.Outputs[i].Name;
            using Tensor recorded =
                ConformanceSuite.Read(SharedData.File("onnx-models", name, "test_data_set_0", $"output_{i}.pb"));

            // Networks of up to sixty layers in another order of sums; half precision, where the record was made so.
            float tolerance = name.EndsWith("fp16", StringComparison.Ordinal) ? 4e-3f : 1e-4f;
            AssertClose(recorded, answers[output], tolerance, $"{output}, recorded");
            Assert.Equal(answers[output].ToArray(), ownAnswers[output].ToArray());
            AssertClose(answers[output], elsewhere[output], 1e-4f, $"{output} in ONNX Runtime");
            AssertClose(answers[output], againAnswers[output], 1e-4f, $"{output}, exported and imported");
        }

        foreach (TensorCollection collection in (TensorCollection[])[answers, ownAnswers, elsewhere, againAnswers])
        {
            collection.Dispose();
        }
    }

    [Fact]
    public void Class_names_and_preprocessing_travel_with_an_onnx_file()
    {
        string path = Path.Combine(_folder, "named.onnx");
        GraphBuilder b = new();
        b.Output("logits", b.Linear(b.GlobalAvgPool(b.Conv2d(b.Input("picture", (8, 8, 3)), 4, 3)), 2));
        using Model model = b.Build(seed: 3);
        model.ClassNames = ["cat", "a \"dog\""];
        model.Preprocessing = Preprocessing.ImageNet with { Color = ColorOrder.Bgr };

        model.Save(path);

        using Model loaded = Model.Load(path);
        Assert.Equal(model.ClassNames, loaded.ClassNames);
        Assert.Equal(model.Preprocessing.Mean, loaded.Preprocessing!.Mean);
        Assert.Equal(
            (model.Preprocessing.Size, ColorOrder.Bgr, PictureFit.Crop),
            (loaded.Preprocessing.Size, loaded.Preprocessing.Color, loaded.Preprocessing.Fit));
        using Tensor input = Tensor.FromSpan(OnnxBuilder.Values(5 * 8 * 8 * 3, 1), (5, 8, 8, 3));
        using Tensor expected = model.Predict(input), actual = loaded.Predict(input);
        Assert.True(actual.IsClose(expected, absolute: 1e-5f));
    }

    public static TheoryData<string, int[], string> Orders => new()
    {
        { "a signal", [2, 3, 9], "0, 2, 1" },
        { "a picture", [2, 3, 9, 5], "0, 2, 3, 1" },
        { "a volume", [2, 3, 5, 4, 3], "0, 2, 3, 4, 1" },
        { "rows", [2, 3, 4], "0, 1, 2" },
        { "four dimensions that are no picture", [2, 3, 4, 4], "0, 1, 2, 3" },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_order_of_dimensions_survives_every_kind_of_file(string what, int[] sizes, string order)
    {
        int rank = sizes.Length;
        OnnxBuilder builder = new OnnxBuilder().Input("x", sizes).Output("y");
        if (order == string.Join(", ", Enumerable.Range(0, rank)))
        {
            builder.Weights("m", sizes[^1], 4).Node("MatMul", "x m", "y");
        }
        else
        {
            int[] kernel = [4, 3, .. Enumerable.Repeat(3, rank - 2)];
            builder.Weights("w", kernel).Node("Conv", "x w", "c").Node("Relu", "c", "y");
        }

        string path = Path.Combine(_folder, "a.onnx"), cnn = Path.Combine(_folder, "a.cnn"), back = Path.Combine(_folder,
            "b.onnx");
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(builder.Proto));
        using Tensor input = Tensor.FromSpan(OnnxBuilder.Values((int)new Shape(sizes).ElementCount, 2), new Shape(sizes));
        using TensorCollection expected = OnnxRuntime.Run(File.ReadAllBytes(path), "x", input);

        using Model model = Model.Load(path);
        model.Save(cnn);
        using (Model own = Model.Load(cnn))
        {
            Assert.Equal(order, string.Join(", ", own.Inputs[0].SourceOrder!));
            own.Save(back);
        }

        using TensorCollection elsewhere = OnnxRuntime.Run(File.ReadAllBytes(back), "x", input), ours =
            Run(CompiledModel.Load(cnn), input);
        AssertClose(expected["y"], elsewhere["y"], 1e-5f, what);
        AssertClose(expected["y"], ours["y"], 1e-5f, what);
    }

    [Fact]
    public void Shapes_that_a_file_leaves_open_are_asked_for_and_those_that_do_not_fit_are_refused()
    {
        string path = Path.Combine(_folder, "open.onnx");
        OnnxBuilder builder = new OnnxBuilder().Input("photo", -1, 3, -1, -1).Output("y").Weights("w", 4, 3, 3, 3)
            .Node("Conv", "photo w", "y");
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(builder.Proto));

        Assert.Equal(
            "open.onnx: input 'photo' is N x 3 x N x N; give its shape, with the dimensions in this order.",
            Assert.Throws<ShapeException>(() => Model.Load(path)).Message);
        Assert.Contains(
            "no input 'picture'; it has 'photo'",
            Assert.Throws<ArgumentException>(() => Model.Load(path, Of("picture", (1, 3, 8, 8)))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Model.Load(path, Of("photo", (1, 4, 8, 8))));
        using CompiledModel compiled =
            CompiledModel.Load(path, new CompileOptions { InputShapes = Of("photo", (1, 3, 8, 10)) });
        using Session session = compiled.CreateSession(5);
        Assert.Equal((5, 4, 6, 8), session.OutputShape(0, TensorLayout.Source));

        static Dictionary<string, Shape> Of(string name, Shape shape) => new() { [name] = shape };
    }

    [Theory]
    [InlineData("x.onnx")]
    [InlineData("x.cnn")]
    public void A_file_that_is_neither_is_refused_by_its_name(string name)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, "Once upon a time there was a network.");

        Assert.Contains(name, Assert.Throws<CnnFormatException>(() => Model.Load(path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Model.Load(Path.Combine(_folder, "nowhere" + name)));
    }

    [Fact]
    public void Without_its_package_an_onnx_file_names_it()
    {
        // A copy of the core alone, which does not see what this program references.
        string copy = Path.Combine(_folder, "CnnNative.dll");
        File.Copy(typeof(Model).Assembly.Location, copy);
        AssemblyLoadContext alone = new("alone", isCollectible: true);
        MethodInfo load = alone.LoadFromAssemblyPath(copy).GetType("CnnNative.Model")!.GetMethod("Load", [typeof(string)])!;

        TargetInvocationException error = Assert.Throws<TargetInvocationException>(() => load.Invoke(null, ["any.onnx"]));

        Assert.IsType<NotSupportedException>(error.InnerException);
        Assert.Contains("CnnNative.Onnx", error.InnerException.Message, StringComparison.Ordinal);
        alone.Unload();
    }

    private static TensorCollection Run(CompiledModel model, Tensor input)
    {
        using (model)
        using (Session session = model.CreateSession(input.Shape[0]))
        {
            session.SetInput(model.Inputs[0].Name, input, TensorLayout.Source);
            session.Run(TestContext.Current.CancellationToken);
            TensorCollection outputs = [];
            foreach (string name in model.Outputs)
            {
                outputs.Add(name, session.GetOutput(name, TensorLayout.Source));
            }

            return outputs;
        }
    }

    /// <summary>Requires that no element differs by more than a part of the largest one.</summary>
    private static void AssertClose(Tensor expected, Tensor actual, float part, string what)
    {
        float largest = expected.ToArray().Max(Math.Abs);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.True(actual.IsClose(expected, part * Math.Max(largest, 1e-3f), 0), $"{what}: {actual}, expected {expected}");
    }
}
