// `cnn train` from outside: what it reports, what it keeps, and that a seed decides all of it.

using System.Globalization;
using System.Text.Json;
using CnnNative.Imaging;

namespace CnnNative.Tests.Cli;

public sealed class TrainCommandTests(ModelFixture trained) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-train").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_report_is_one_object_on_stdout_with_all_figures()
    {
        JsonElement report = trained.Report;

        Assert.Single(trained.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("epoch 3/3", trained.Progress, StringComparison.Ordinal);
        Assert.Equal(
            ("mnist-10k", "lenet", "finished"),
            (Text("data"), Text("model"), Text("end")));
        Assert.Equal((3, 3 * 47, 61_706), (Whole("epochs"), Whole("steps"), Whole("parameters")));
        Assert.Equal((3000, 1000, 64, 5), (Whole("train_images"), Whole("test_images"), Whole("batch"), Whole("seed")));
        Assert.Equal(JsonValueKind.Null, report.GetProperty("validation_accuracy").ValueKind);

        // 3,000 digits and three epochs give some 93 %; guessing gives 10.
        Assert.InRange(Number("test_accuracy"), 0.8, 1);
        Assert.InRange(Number("test_loss"), 0, 1);
        Assert.True(Number("images_per_second") > 0 && Number("peak_mb") > Number("planned_mb") && Number("planned_mb") > 0);
        Assert.True(Number("seconds") > Number("seconds_before_training") + Number("training_seconds"));
        Assert.Equal([trained.Path], report.GetProperty("files").EnumerateArray().Select(file => file.GetString()));

        string? Text(string name) => report.GetProperty(name).GetString();
        int Whole(string name) => report.GetProperty(name).GetInt32();
        double Number(string name) => report.GetProperty(name).GetDouble();
    }

    [Theory]
    [InlineData("--threads", "1")]
    [InlineData("--threads", "3")]
    [InlineData("--workers", "0")]
    public void A_seed_gives_the_same_model_with_any_number_of_threads(string option, string value)
    {
        string again = Path.Combine(_folder, "again.cnn");
        Succeed(
            "train", "--data", "mnist-10k", "--limit", "3000", "--epochs", "3", "--seed", "5", "--out", again, "--json", option,
            value);

        Assert.Equal(File.ReadAllBytes(trained.Path), File.ReadAllBytes(again));
    }

    [Fact]
    public void Managed_kernels_train_and_predict_without_the_native_library()
    {
        string data = Path.Combine(_folder, "four.csv"), network = Path.Combine(_folder, "network.json"),
            path = Path.Combine(_folder, "four.cnn"), written = Path.Combine(_folder, "four.onnx");
        File.WriteAllText(data, string.Concat(Enumerable.Range(0, 12).Select(i => $"{i},{20 * i},0,{255 - i},{"ab"[i % 2]}\n")));
        using (Model model = new Sequential((2, 2, 1)) { new Conv2d(3, 2), new Relu(), new Flatten(), new Linear(2) }.Build())
        {
            model.SaveDescription(network);
        }

        (string, string) nowhere = ("CNN_NATIVE_PATH", "/nowhere/libcnnnative.so");
        string[][] commands =
        [
            ["train", "--data", data, "--model", network, "--epochs", "2", "--out", path, "--backend", "managed"],
            ["convert", path, written],
            ["eval", written, "--data", data, "--backend", "managed"],
            ["info", path],
        ];

        foreach (string[] command in commands)
        {
            CnnResult result = CnnProcess.Run(command, nowhere);
            Assert.True(result.ExitCode == 0, $"{command[0]}: {result.Errors}");
        }
    }

    [Fact]
    public void Every_option_takes_effect()
    {
        string history = Path.Combine(_folder, "logs", "epochs.jsonl"), board = Path.Combine(_folder, "board"),
            plots = Path.Combine(_folder, "plots");
        CnnResult result = Succeed(
            "train", "--data", "mnist-10k", "--limit", "1000", "--model", "tutorial", "--epochs", "4", "--batch", "50",
            "--lr", "0.02", "--optimizer", "sgd", "--momentum", "0.8", "--weight-decay", "0.001", "--schedule", "step:2:0.5",
            "--warm-up", "0.5", "--label-smoothing", "0.05", "--mixup", "0.2", "--cutmix", "1", "--ema", "0.9", "--clip", "5",
            "--augment", "shift:2,rotate:5,noise:0.01", "--val-split", "0.2", "--early-stopping", "3", "--accumulate", "2",
            "--memory-budget", "64M", "--balanced", "--history", history, "--tensorboard", board, "--plots", plots,
            "--threads", "1", "--json");

        using var report = JsonDocument.Parse(result.Output);
        Assert.Equal("tutorial", report.RootElement.GetProperty("model").GetString());
        Assert.Equal(50, report.RootElement.GetProperty("batch").GetInt32());
        Assert.InRange(report.RootElement.GetProperty("validation_accuracy").GetDouble(), 0, 1);

        // 800 samples are left: 16 batches, and so 8 steps in each epoch.
        TrainingHistory epochs = TrainingHistory.Load(history);
        Assert.Equal(8 * epochs.Count, report.RootElement.GetProperty("steps").GetInt64());
        Assert.All(epochs, epoch => Assert.Contains("accuracy", epoch.Validation.Keys));
        Assert.Equal(0.02 * 0.5, epochs[^1].LearningRate, 1e-9);
        Assert.Single(Directory.GetFiles(board));
        Assert.Equal(["confusion.png", "curves.png", "mistakes.png"], Directory.GetFiles(plots).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Other_kernels_learn_much_the_same()
    {
        string[] arguments = ["train", "--data", "mnist-10k", "--limit", "200", "--epochs", "1", "--model", "tutorial", "--json"];
        double native = Loss(arguments), managed = Loss([.. arguments, "--backend", "managed"]);

        // Four steps with float32 sums in another order: losses differ in the sixth digit at most.
        Assert.Equal(native, managed, 1e-4 * native);

        double Loss(string[] words)
        {
            using var report = JsonDocument.Parse(Succeed(words).Output);
            return report.RootElement.GetProperty("train_loss").GetDouble();
        }
    }

    [Fact]
    public void A_model_in_a_file_is_trained_further_and_a_description_from_the_beginning()
    {
        string description = Path.Combine(_folder, "small.json"), further = Path.Combine(_folder, "further.cnn");
        Sequential small = new((28, 28, 1)) { new Conv2d(4, 3), new Relu(), new GlobalAvgPool(), new Linear(10) };
        using (Model model = small.Build())
        {
            model.SaveDescription(description);
        }

        using var fromFile = JsonDocument.Parse(Succeed(
            "train", "--data", "mnist-10k", "--limit", "640", "--epochs", "1", "--lr", "1e-5", "--schedule", "constant",
            "--model", trained.Path, "--out", further, "--json").Output);
        using var fromText = JsonDocument.Parse(Succeed(
            "train", "--data", "mnist-10k", "--limit", "64", "--epochs", "1", "--model", description, "--json").Output);

        // So small a rate changes next to nothing of what it could do before.
        Assert.Equal(
            trained.Report.GetProperty("test_accuracy").GetDouble(),
            fromFile.RootElement.GetProperty("test_accuracy").GetDouble(), 0.01);
        Assert.NotEqual(File.ReadAllBytes(trained.Path), File.ReadAllBytes(further));
        Assert.Equal(4 * 9 + 4 + 4 * 10 + 10, fromText.RootElement.GetProperty("parameters").GetInt32());
    }

    [Fact]
    public void A_folder_of_pictures_and_a_file_of_pixels_are_data_too()
    {
        string pictures = Path.Combine(_folder, "shades"), csv = Path.Combine(_folder, "shades.csv");
        WriteShades(pictures, csv);

        using var fromFolder = JsonDocument.Parse(Succeed(
            "train", "--data", pictures, "--size", "12x10", "--model", "tutorial", "--epochs", "20", "--batch", "8",
            "--val-split", "0.25", "--json").Output);
        using var fromFile = JsonDocument.Parse(Succeed(
            "train", "--data", csv, "--model", "tutorial", "--epochs", "2", "--batch", "8", "--json").Output);

        Assert.Equal("shades", fromFolder.RootElement.GetProperty("data").GetString());
        Assert.Equal(JsonValueKind.Null, fromFolder.RootElement.GetProperty("test_accuracy").ValueKind);
        Assert.Equal(1.0, fromFolder.RootElement.GetProperty("validation_accuracy").GetDouble());
        Assert.Equal(32, fromFile.RootElement.GetProperty("train_images").GetInt32());
    }

    [Theory]
    [InlineData("--out", "/proc/digits.cnn")]
    [InlineData("--history", "/proc/history.csv")]
    public void A_file_that_cannot_be_written_is_told_before_the_training_and_not_after_it(string option, string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no folder that nobody can write to");

        CnnResult result = CnnProcess.Run(["train", "--data", "mnist-10k", "--epochs", "1", option, path]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"{option} is '{path}', which cannot be written", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_learning_rate_is_found_and_nothing_is_trained()
    {
        using var report = JsonDocument.Parse(
            Succeed("train", "--data", "mnist-10k", "--lr-find", "--plots", _folder, "--json").Output);

        // LeNet-5 with AdamW learns from 1e-4 on and falls apart above 0.1.
        Assert.InRange(report.RootElement.GetProperty("suggested_lr").GetDouble(), 1e-4, 0.1);
        Assert.Equal(
            report.RootElement.GetProperty("rates").GetArrayLength(),
            report.RootElement.GetProperty("averaged_losses").GetArrayLength());
        Assert.True(File.Exists(Path.Combine(_folder, "lr-finder.png")));
    }

    /// <summary>Pictures of two classes that anything can tell apart, in folders and as rows.</summary>
    private static void WriteShades(string folder, string csv)
    {
        List<string> rows = [];
        for (int i = 0; i < 32; i++)
        {
            (string name, int level) = i % 2 == 0 ? ("dark", 20) : ("light", 230);
            byte[] pixels = [.. Enumerable.Range(0, 16 * 16).Select(pixel => (byte)(level + (pixel * 7 + i) % 13))];
            string path = Path.Combine(folder, name, string.Create(CultureInfo.InvariantCulture, $"{i}.png"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Image.FromPixels(pixels, 16, 16, 1).Save(path);
            rows.Add($"{string.Join(',', pixels)},{name}");
        }

        File.WriteAllLines(csv, rows);
    }

    private static CnnResult Succeed(params IEnumerable<string> arguments)
    {
        CnnResult result = CnnProcess.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }
}
