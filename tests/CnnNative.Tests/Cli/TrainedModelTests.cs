// `cnn eval`, `cnn predict`, `cnn info` and `cnn bench` on a model that `cnn train` made.

using System.Text.Json;
using CnnNative.Cli;
using CnnNative.Imaging;

namespace CnnNative.Tests.Cli;

public sealed class TrainedModelTests(ModelFixture trained) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-eval").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Evaluation_finds_what_training_reported_and_its_figures_agree_with_one_another()
    {
        JsonElement report = Json(Succeed("eval", trained.Path, "--data", "mnist-10k", "--json"));

        Assert.Equal("test", report.GetProperty("split").GetString());
        double accuracy = report.GetProperty("accuracy").GetDouble();
        Assert.Equal(trained.Report.GetProperty("test_accuracy").GetDouble(), accuracy);
        Assert.Equal(trained.Report.GetProperty("test_loss").GetDouble(), report.GetProperty("loss").GetDouble());
        Assert.InRange(report.GetProperty("top5_accuracy").GetDouble(), accuracy, 1);

        long[][] confusion =
        [
            .. report.GetProperty("confusion").EnumerateArray()
                .Select(row => row.EnumerateArray().Select(count => count.GetInt64()).ToArray()),
        ];
        Assert.Equal(1000, confusion.Sum(row => row.Sum()));
        Assert.Equal(accuracy, confusion.Select((row, i) => row[i]).Sum() / 1000.0);
        JsonElement[] classes = [.. report.GetProperty("classes").EnumerateArray()];
        for (int i = 0; i < classes.Length; i++)
        {
            Assert.Equal((double)confusion[i][i] / confusion[i].Sum(), classes[i].GetProperty("recall").GetDouble());
            Assert.Equal((double)confusion[i][i] / confusion.Sum(row => row[i]), classes[i].GetProperty("precision").GetDouble());
        }

        double[] losses =
            [.. report.GetProperty("worst").EnumerateArray().Select(mistake => mistake.GetProperty("loss").GetDouble())];
        Assert.Equal(losses.OrderDescending(), losses);
        Assert.Equal(Math.Min(30, (int)Math.Round(1000 * (1 - accuracy))), losses.Length);
    }

    [Fact]
    public void Evaluation_prints_tables_and_writes_pictures_and_a_page_that_shows_them()
    {
        string page = Path.Combine(_folder, "page", "report.md"), plots = Path.Combine(_folder, "pictures");
        CnnResult result = Succeed(
            "eval", trained.Path, "--data", "mnist-10k", "--limit", "200", "--plots", plots, "--report", page);

        Assert.Contains("of 200", result.Output, StringComparison.Ordinal);
        Assert.Contains("macro", result.Output, StringComparison.Ordinal);
        Assert.Contains("label \\ predicted", result.Output, StringComparison.Ordinal);
        Image confusion = Image.Load(Path.Combine(plots, "confusion.png"));
        Image mistakes = Image.Load(Path.Combine(plots, "mistakes.png"));
        Assert.True(confusion.Width > 500 && confusion.Height > 500 && mistakes.Width > 100);
        Assert.Contains("](../pictures/confusion.png)", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_whose_classes_stand_in_another_order_is_measured_by_their_names()
    {
        (_, IDataset test) = DigitsAsset.Load();
        foreach (int index in Enumerable.Range(0, 100))
        {
            // Folders stand in the order of their names; the model's class 1 is the second one and here the first.
            int label = test.LabelOf(index);
            if (label > 0)
            {
                Save(test, index, Path.Combine("few", $"{label}", $"{index}.png"));
            }
        }

        JsonElement report = Json(Succeed("eval", trained.Path, "--data", Path.Combine(_folder, "few"), "--json"));

        Assert.Equal("train", report.GetProperty("split").GetString());
        Assert.Equal(0, report.GetProperty("classes")[0].GetProperty("samples").GetInt32());

        // The model gets at least 80 % of all right; had the names not counted, it would get nearly nothing.
        Assert.InRange(report.GetProperty("accuracy").GetDouble(), 0.6, 1);
    }

    [Fact]
    public void Predictions_are_those_of_the_model_and_sum_to_one()
    {
        (_, IDataset test) = DigitsAsset.Load();
        string first = Save(test, 0, "first.png"), inverted = Path.Combine(_folder, "inverted.png");
        Image digit = Image.Load(first);
        Image.FromPixels([.. digit.Pixels.ToArray().Select(pixel => (byte)(255 - pixel))], digit.Width, digit.Height, 1)
            .Save(inverted);
        using Model model = Model.Load(trained.Path);
        using Tensor input = digit.ToTensor();
        using Tensor logits = model.Predict(input);
        float[] scores = logits.ToArray();

        JsonElement plain = Json(Succeed("predict", trained.Path, first, "--top", "10", "--json")).GetProperty("predictions")[0];
        JsonElement ink =
            Json(Succeed("predict", trained.Path, inverted, "--invert", "--top", "10", "--json")).GetProperty("predictions")[0];

        JsonElement[] classes = [.. plain.GetProperty("classes").EnumerateArray()];
        double[] parts = [.. classes.Select(guess => guess.GetProperty("probability").GetDouble())];
        Assert.Equal(1, parts.Sum(), 1e-9);
        Assert.Equal(parts.OrderDescending(), parts);
        Assert.Equal(
            Enumerable.Range(0, 10).OrderByDescending(i => scores[i]),
            classes.Select(guess => guess.GetProperty("index").GetInt32()));
        Assert.Equal(scores.Max() - scores.Min(), Math.Log(parts[0] / parts[^1]), 1e-4);
        Assert.Equal(parts[0], ink.GetProperty("classes")[0].GetProperty("probability").GetDouble(), 1e-5);
        Assert.Equal(
            plain.GetProperty("classes")[0].GetProperty("class").GetString(),
            ink.GetProperty("classes")[0].GetProperty("class").GetString());
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_told_and_the_others_are_predicted()
    {
        (_, IDataset test) = DigitsAsset.Load();
        Save(test, 1, Path.Combine("mixed", "a.png"));
        Save(test, 2, Path.Combine("mixed", "c.png"));
        File.WriteAllText(Path.Combine(_folder, "mixed", "b.png"), "no picture");
        File.WriteAllText(Path.Combine(_folder, "mixed", "notes.txt"), "not looked at");

        CnnResult result = CnnProcess.Run(
            ["predict", trained.Path, Path.Combine(_folder, "mixed"), Path.Combine(_folder, "gone.png"), "--top", "1"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("a.png", result.Output, StringComparison.Ordinal);
        Assert.Contains("c.png", result.Output, StringComparison.Ordinal);
        string[] errors = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, errors.Length);
        Assert.Contains("b.png", errors[0], StringComparison.Ordinal);
        Assert.Contains("gone.png", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_and_a_measurement_know_the_layers()
    {
        string table = Succeed("info", trained.Path).Output, markdown = Succeed("info", "lenet", "--markdown").Output;
        JsonElement summary = Json(Succeed("info", trained.Path, "--batch", "8", "--json"));
        JsonElement bench = Json(Succeed(
            "bench", trained.Path, "--batch", "4", "--threads", "1,2", "--seconds", "0.05", "--profile", "--json"));

        Assert.Contains("61,706", table, StringComparison.Ordinal);
        Assert.Contains("classes: 0, 1, 2", table, StringComparison.Ordinal);
        Assert.StartsWith("|", markdown, StringComparison.Ordinal);
        Assert.Equal((61_706, 8), (summary.GetProperty("parameters").GetInt32(), summary.GetProperty("batch").GetInt32()));
        JsonElement[] times = [.. bench.GetProperty("times").EnumerateArray()];
        Assert.Equal([1, 2], times.Select(time => time.GetProperty("threads").GetInt32()));
        Assert.All(times, time => Assert.InRange(
            time.GetProperty("median_ms").GetDouble(), time.GetProperty("fastest_ms").GetDouble(),
            time.GetProperty("slowest_ms").GetDouble()));
        Assert.Equal(1, bench.GetProperty("layers").EnumerateArray().Sum(layer => layer.GetProperty("share").GetDouble()), 0.01);
    }

    private static JsonElement Json(CnnResult result)
    {
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    private static CnnResult Succeed(params IEnumerable<string> arguments)
    {
        CnnResult result = CnnProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }

    private string Save(IDataset data, int index, string name)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        TestPictures.PictureOf(data, index).Save(path);
        return path;
    }
}
