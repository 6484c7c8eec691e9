// Trainings that are interrupted and resumed end with the same bits as those that are not, wherever they were interrupted: by
// cancellation, or by the end of the process.

using System.Diagnostics;
using System.Globalization;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Training;

public sealed class CheckpointTests
{
    private const string FolderVariable = "CNN_TEST_TRAINING_FOLDER";
    private const int ChildEpochs = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(75)]
    [InlineData(77)]
    [InlineData(91)]
    [InlineData(120)]
    [InlineData(180)]
    [InlineData(260)]
    public void A_training_that_goes_on_ends_with_the_same_bits(int reads)
    {
        using TemporaryFolder folder = new();
        CheckpointOptions each = new(folder.FullName) { EverySteps = 1 };
        FitOptions options = FitScenario.Random() with { Checkpoints = each };
        (float[] expected, string history) = FitScenario.Train(FitScenario.Random());

        StopAfter(options, reads);
        (float[] actual, string same) = FitScenario.Train(options with { Resume = true });

        Assert.Equal(expected, actual);
        Assert.Equal(history, same);
    }

    [Fact]
    public void A_training_may_be_interrupted_again_and_again()
    {
        using TemporaryFolder folder = new();
        CheckpointOptions epochs = new(folder.FullName);
        FitOptions options = FitScenario.Random() with { AccumulationSteps = 2, Checkpoints = epochs };
        (float[] expected, string history) = FitScenario.Train(options with { Checkpoints = null });
        bool isResumed = false;
        for (int i = 0; i < 4; i++)
        {
            StopAfter(options with { Resume = isResumed }, reads: 40 + i);
            isResumed = true;
        }

        (float[] actual, string same) = FitScenario.Train(options with { Resume = true });
        Assert.Equal(expected, actual);
        Assert.Equal(history, same);

        // Everything is done: there is nothing left to train, and the weights are those of the end.
        Assert.Equal(expected, FitScenario.Train(options with { Resume = true }).Values);
    }

    [Fact]
    public void A_killed_process_goes_on_where_it_was()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Processes are killed by SIGKILL on Linux and macOS.");
        using TemporaryFolder folder = new();
        Random random = new(4);
        int kills = 0;
        for (int target = random.Next(1, 40); kills < 5; target += random.Next(5, 40))
        {
            using Process child = StartChild(folder.FullName);
            while (!child.HasExited && NewestStep(folder.FullName) < target)
            {
                Thread.Sleep(1);
            }

            Assert.False(child.HasExited, $"The child ended before step {target}.");
            child.Kill();
            child.WaitForExit();
            kills++;
        }

        using (Process last = StartChild(folder.FullName))
        {
            last.WaitForExit();
            Assert.Equal(0, last.ExitCode);
        }

        (float[] expected, _) = FitScenario.Train(FitScenario.Random(ChildEpochs));
        using Tensor actual = NpyFile.Read(Path.Combine(folder.FullName, "weights.npy"));
        Assert.Equal(expected, actual.ToArray());
        Assert.Empty(Directory.GetFiles(folder.FullName, "*.damaged"));
    }

    [Fact]
    public void A_training_in_a_process_of_its_own()
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, $"{FolderVariable} is not set: this is run by another test, in a process that it kills.");
        FitOptions options = FitScenario.Random(ChildEpochs) with
        {
            Checkpoints = new CheckpointOptions(folder) { EverySteps = 1, Keep = 2 },
            Resume = true,
        };
        float[] values = FitScenario.Train(options).Values;
        using Tensor weights = Tensor.FromSpan(values, values.Length);
        NpyFile.Write(Path.Combine(folder, "weights.npy"), weights);
    }

    [Fact]
    public void A_damaged_checkpoint_is_set_aside_for_the_one_before()
    {
        using TemporaryFolder folder = new();
        CheckpointOptions each = new(folder.FullName) { EverySteps = 1 };
        FitOptions options = FitScenario.Random() with { Checkpoints = each };
        (float[] expected, _) = FitScenario.Train(FitScenario.Random());
        StopAfter(options, reads: 120);
        string newest = Checkpoints(folder.FullName)[^1];
        byte[] bytes = File.ReadAllBytes(newest);
        bytes[^100] ^= 4;
        File.WriteAllBytes(newest, bytes);

        Assert.Equal(expected, FitScenario.Train(options with { Resume = true }).Values);
        Assert.True(File.Exists(newest + ".damaged"));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_leaves_the_one_before()
    {
        using TemporaryFolder folder = new();
        string place = folder.PathOf("checkpoints"), aside = folder.PathOf("aside");
        FitOptions options = FitScenario.Random() with { Checkpoints = new CheckpointOptions(place) };
        (float[] expected, _) = FitScenario.Train(FitScenario.Random());
        Mover mover = new(place, aside);
        IOException error = Assert.ThrowsAny<IOException>(() => FitScenario.Train(options with { Callbacks = [mover] }));
        Assert.Contains("checkpoint-0000000010.cnnckpt", error.Message, StringComparison.Ordinal);

        Directory.Move(aside, place);
        Assert.Equal("checkpoint-0000000005.cnnckpt", Path.GetFileName(Assert.Single(Directory.GetFiles(place))));
        Assert.Equal(expected, FitScenario.Train(options with { Resume = true }).Values);
    }

    [Fact]
    public void A_training_goes_on_where_numbers_are_written_with_a_comma()
    {
        using TemporaryFolder folder = new();
        FitOptions options = FitScenario.Random() with
        {
            LabelSmoothing = 0.1f,
            Checkpoints = new CheckpointOptions(folder.FullName),
        };
        (float[] expected, _) = FitScenario.Train(options with { Checkpoints = null });
        StopAfter(options, reads: 120);
        CultureInfo before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";

        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal(expected, FitScenario.Train(options with { Resume = true }).Values);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Files_of_epochs_go_on_where_the_checkpoint_is()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("logs/history.jsonl"), board = folder.PathOf("board");
        FitOptions options = FitScenario.Random() with
        {
            Checkpoints = new CheckpointOptions(folder.PathOf("checkpoints")),
            HistoryPath = path,
            TensorBoardFolder = board,
        };
        (_, string expected) = FitScenario.Train(FitScenario.Random());

        // In the third epoch, after two lines and two checkpoints; a line behind them is of a run that counts no more.
        StopAfter(options, reads: 200);
        string[] begun = File.ReadAllLines(path);
        File.AppendAllText(path, begun[^1].Replace("\"epoch\":2", "\"epoch\":3", StringComparison.Ordinal) + "\n");
        FitScenario.Train(options with { Resume = true });

        Assert.Equal(2, begun.Length);
        Assert.Equal(expected, FitScenario.Text(TrainingHistory.Load(path)));
        Assert.Equal(2, Directory.GetFiles(board).Length);
    }

    [Fact]
    public void A_history_of_an_unknown_kind_is_refused_before_the_training() => Assert.Throws<ArgumentException>(
        () => FitScenario.Train(FitScenario.Random() with { HistoryPath = "history.txt" }));

    [Fact]
    public void A_folder_of_events_that_cannot_be_made_is_found_before_the_first_epoch()
    {
        using TemporaryFolder folder = new();
        string history = folder.PathOf("history.csv");
        FitOptions options = FitScenario.Random() with { HistoryPath = history, TensorBoardFolder = folder.Write("board", [1]) };

        Assert.Throws<IOException>(() => FitScenario.Train(options));

        Assert.False(File.Exists(history), "an epoch was trained");
        Assert.Throws<ArgumentException>(() => FitScenario.Train(options with { TensorBoardFolder = "" }));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        using TemporaryFolder folder = new();
        FitScenario.Train(
            FitScenario.Random(2) with { Checkpoints = new CheckpointOptions(folder.FullName) { EverySteps = 1, Keep = 2 } });
        Assert.Equal(
            ["checkpoint-0000000009.cnnckpt", "checkpoint-0000000010.cnnckpt"],
            Checkpoints(folder.FullName).Select(path => Path.GetFileName(path)!));
        Assert.Equal(2, Directory.GetFiles(folder.FullName).Length);
    }

    [Fact]
    public void Checkpoints_of_another_training_are_neither_deleted_nor_used()
    {
        using TemporaryFolder folder = new();
        FitOptions options = FitScenario.Random(1) with { Checkpoints = new CheckpointOptions(folder.FullName) };
        FitScenario.Train(options);
        IOException used = Assert.Throws<IOException>(() => FitScenario.Train(options));
        Assert.Contains("checkpoint-0000000005.cnnckpt", used.Message, StringComparison.Ordinal);
        InvalidDataException other = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, Optimizer = new Sgd(0.01) }));
        Assert.Contains("was made with Optimizer.Kind = AdamW, expected Sgd;", other.Message, StringComparison.Ordinal);
        InvalidDataException rate = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, Optimizer = new AdamW(0.02) }));
        Assert.Contains("was made with Optimizer.LearningRate = 0.01, expected 0.02;", rate.Message, StringComparison.Ordinal);
        InvalidDataException plateau = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, Plateau = null }));
        Assert.Contains("expected none;", plateau.Message, StringComparison.Ordinal);
        InvalidDataException rates = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, Schedule = LearningRateSchedule.MultiStep([1]) }));
        Assert.Contains("another Schedule over 5 steps, expected that of the options over 5 steps", rates.Message, StringComparison.Ordinal);
        Augmentation stronger = new(new GaussianNoise(0.2f));
        InvalidDataException samples = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, Augmentation = stronger }));
        Assert.Contains("first batch", samples.Message, StringComparison.Ordinal);
        InvalidDataException weights = Assert.Throws<InvalidDataException>(
            () => FitScenario.Train(options with { Resume = true, ClassWeights = [1, 2, 1] }));
        Assert.Contains("ClassWeights", weights.Message, StringComparison.Ordinal);

        GraphBuilder b = new();
        b.Output("logits", b.Linear(b.Flatten(b.Input("image", (8, 8, 1))), 3));
        using Model model = b.Build();
        using TensorDataset data = FitScenario.Data();
        InvalidDataException network = Assert.Throws<InvalidDataException>(
            () => model.Train(data, options with { Resume = true }));
        Assert.Contains("another network", network.Message, StringComparison.Ordinal);
    }

    /// <summary>Takes the folder away at the end of the second epoch, before its checkpoint.</summary>
    private sealed class Mover(string place, string aside) : ITrainingCallback
    {
        public bool OnEpochEnd(EpochRecord epoch, Model model)
        {
            if (epoch.Epoch == 2)
            {
                Directory.Move(place, aside);
            }

            return true;
        }
    }

    private static Process StartChild(string folder)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            Environment = { [FolderVariable] = folder },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add($"*{nameof(CheckpointTests)}.{nameof(A_training_in_a_process_of_its_own)}");
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string[] Checkpoints(string folder) =>
        [.. Directory.GetFiles(folder, "*.cnnckpt").Order(StringComparer.Ordinal)];

    private static int NewestStep(string folder) => Checkpoints(folder) is [.., string newest]
        ? int.Parse(
            Path.GetFileNameWithoutExtension(newest)["checkpoint-".Length..], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Trains a new model and cancels while so many samples are read: 75 in an epoch's five batches, then 15 for
    /// validation.</summary>
    private static void StopAfter(FitOptions options, int reads)
    {
        using TensorDataset data = FitScenario.Data();
        using Model model = FitScenario.CreateModel();
        using CancellationTokenSource source = new();
        CancellingDataset cancelling = new(data, source, reads);
        Assert.Throws<TrainingCanceledException>(
            () => model.Fit(cancelling, options with { Workers = 0 }, cancellationToken: source.Token));
    }
}
