// A network from an ONNX file learns something else, and goes back into an ONNX file. The README shows the lines that run here.

using System.Globalization;
using CnnNative.Imaging;

namespace CnnNative.Tests.Onnx;

public sealed class FineTuningTests
{
    private const string Start = "// The README's example begins here.\n";
    private const string End = "            // The README's example ends here.\n";

    [Fact]
    public void A_network_that_knows_photographs_learns_digits_and_is_exported()
    {
        string network = SharedData.File("onnx-models", "imagenet-squeezenet-fp16", "model.onnx");
        string folder = Directory.CreateTempSubdirectory("digits").FullName, exported = Path.Combine(folder, "digits.onnx");
        try
        {
            WriteDigits(folder, train: 16, test: 6);

#pragma warning disable xUnit1051 // The example is short.
            // The README's example begins here.
            using Model photographs = Model.Load(network);
            photographs.Preprocessing = new Preprocessing
            {
                Size = 224,
                Color = ColorOrder.Bgr,
                Scale = 1,
                Mean = [104, 117, 123],
            };

            // Ten classes in place of a thousand; all that was learned from photographs stays as it is.
            using Model model = photographs.WithHead(classes: 10, seed: 1);
            model.Freeze("*");
            model.Unfreeze("head");

            ImageFolderSets digits = ImageFolder.Load(folder, new ImageDatasetOptions { Size = 224, Channels = 3 });
            IDataset train = digits.Train.Preprocessed(model.Preprocessing);
            IDataset test = digits.Test!.Preprocessed(model.Preprocessing);
            double before = model.Evaluate(test)["accuracy"];
            model.Fit(train, new FitOptions { Epochs = 5, BatchSize = 16, Optimizer = new AdamW(1e-2), Seed = 1 });
            double after = model.Evaluate(test)["accuracy"];

            model.ClassNames = train.Schema.ClassNames;
            model.Save(exported);
            // The README's example ends here.
#pragma warning restore xUnit1051

            // Ten classes by chance are 10 %, and five epochs give 80; of 60 pictures, two standard deviations below are 70.
            Assert.True(before < 0.3 && after > 0.7, $"before {before}, after {after}");
            AnswersAreTheSame(model, exported, test);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_example_of_the_readme_is_the_code_that_runs_here()
    {
        string code = File.ReadAllText(Path.Combine(Repository.Root, "tests/CnnNative.Tests/Onnx/FineTuningTests.cs"));
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "src/CnnNative.Onnx/README.md"));
        string example = code[(code.IndexOf(Start, StringComparison.Ordinal) + Start.Length)..];
        example = example[..example.IndexOf(End, StringComparison.Ordinal)].Replace("\n            ", "\n", default).TrimStart();

        Assert.Contains($"```csharp\n{example}```", readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mnist-8-cntk")]
    [InlineData("mnist-burn-bn")]
    public void All_of_an_imported_network_can_be_trained(string name)
    {
        using Model digits = Model.Load(SharedData.File("onnx-models", name, "model.onnx"));
        TensorDataset clothes = FashionMnist.Load(SharedData.Folder("fashion-mnist")).Train;
        Subset train = clothes.Slice(0, 2000), test = clothes.Slice(50_000, 1000);
        using Model model = digits.WithHead(10, seed: 2);

        model.Fit(
            train, new FitOptions { Epochs = 2, Optimizer = new AdamW(1e-3), Seed = 1 },
            cancellationToken: TestContext.Current.CancellationToken);

        // A single epoch of two thousand pictures gives 70 to 80 %; the same network without training, 10.
        double accuracy = model.Evaluate(test, cancellationToken: TestContext.Current.CancellationToken)["accuracy"];
        Assert.True(accuracy > 0.65, $"{name}: accuracy {accuracy}");
    }

    [Fact]
    public void A_head_of_ones_own_reads_any_value_and_what_stays_keeps_its_bits()
    {
        GraphBuilder b = new();
        GraphValue x = b.Conv2d(b.Input("picture", (8, 8, 3)), 4, 3, activation: Activation.Relu, name: "body");
        b.Output("digit", b.Softmax(b.Linear(b.Flatten(x), 10)));
        using Model old = b.Build(seed: 1);
        old.Freeze("body");

        using Model model = old.WithHead("relu1", (head, features) => head.Linear(head.GlobalAvgPool(features), 2), seed: 4);

        Assert.Equal(["body.weight", "body.bias", "head.fc1.weight", "head.fc1.bias"], model.Parameters.Select(p => p.Name));
        Assert.Equal([false, false, true, true], model.Parameters.Select(parameter => parameter.Trainable));
        Assert.Equal(old.Graph.Parameter("body.weight").Value.ToArray(), model.Graph.Parameter("body.weight").Value.ToArray());
        Assert.Equal((3, 2), model.OutputShape(3));
        Assert.Equal("digit", model.Outputs[0].Name);
        model.Graph.Parameter("body.weight").Value.Fill(0);
        Assert.NotEqual(0, old.Graph.Parameter("body.weight").Value[0, 0, 0, 0]);
        Assert.Contains(
            "no value 'relu'; its last ones are 'body', 'relu1'",
            Assert.Throws<ArgumentException>(() => old.WithHead("relu", (_, value) => value)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => old.WithHead("relu1", (head, features) => head.Linear(features, 2)));
    }

    [Fact]
    public void What_is_no_classifier_asks_for_the_value_that_a_head_reads()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("picture", (8, 8, 3));
        b.Output("left", b.Conv2d(x, 2, 1));
        b.Output("right", b.Conv2d(x, 3, 1));
        using Model two = b.Build();
        GraphBuilder c = new();
        GraphValue y = c.Input("picture", (8, 8, 3));
        c.Output("product", c.Multiply(c.Conv2d(y, 3, 1), y));
        using Model product = c.Build();

        Assert.Contains("2 outputs", Assert.Throws<InvalidOperationException>(() => two.WithHead(5)).Message, default);
        Assert.Contains(
            "name the value that the new head reads",
            Assert.Throws<InvalidOperationException>(() => product.WithHead(5)).Message, default);
    }

    private static void AnswersAreTheSame(Model model, string exported, IDataset data)
    {
        SampleBuffer sample = new(data.Schema);
        data.Read(7, sample.Sample);
        using Tensor input = Tensor.FromSpan(sample.GetInput(0), (1, 224, 224, 3)), expected = model.Predict(input);
        using Tensor first = CnnNative.Onnx.Writing.GraphExporter.Permuted(input, input.Shape, [0, 3, 1, 2]);
        using TensorCollection elsewhere = OnnxRuntime.Run(File.ReadAllBytes(exported), model.Inputs[0].Name, first);
        using Model again = Model.Load(exported);
        using Tensor here = again.Predict(input);

        // Probabilities, of logits that went through 26 layers in another order of sums.
        float[] wanted = expected.ToArray(), found = elsewhere[model.Outputs[0].Name].ToArray();
        Assert.All(wanted.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.All(wanted.Zip(here.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], again.ClassNames);
        Assert.Equal([104f, 117f, 123f], again.Preprocessing!.Mean);
    }

    /// <summary>Handwritten digits as pictures, in folders of their classes.</summary>
    private static void WriteDigits(string folder, int train, int test)
    {
        int[] counts = new int[10];
        foreach (string line in CsvLines())
        {
            string[] cells = line.Split(',');
            int label = cells[64][0] - '0', count = counts[label]++;
            if (count >= train + test)
            {
                continue;
            }

            byte[] pixels =
                [.. cells.Take(64).Select(cell => (byte)(int.Parse(cell, CultureInfo.InvariantCulture) * 255 / 16))];
            string part = Path.Combine(folder, count < train ? "train" : "test", $"{label}");
            Directory.CreateDirectory(part);
            Image.FromPixels(pixels, 8, 8, 1).Save(Path.Combine(part, $"{count}.png"));
        }
    }

    private static IEnumerable<string> CsvLines()
    {
        using StreamReader reader = new(new System.IO.Compression.GZipStream(
            File.OpenRead(SharedData.File("digits.csv.gz")), System.IO.Compression.CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
