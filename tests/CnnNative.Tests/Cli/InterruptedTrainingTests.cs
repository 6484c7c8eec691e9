// Trainings that are stopped from outside, gently and not: what they leave, and that going on ends where it would have ended
// anyway, bit for bit.

using System.Diagnostics;
using System.Globalization;

namespace CnnNative.Tests.Cli;

public sealed class InterruptedTrainingTests : IDisposable
{
    private const int Terminated = 130;
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-stop").FullName;

    public InterruptedTrainingTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");

    private string Checkpoints => Path.Combine(_folder, "checkpoints");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_interrupt_keeps_the_last_step_and_resuming_ends_as_if_nothing_had_happened()
    {
        byte[] expected = Uninterrupted();
        string model = Path.Combine(_folder, "resumed.cnn"), history = Path.Combine(_folder, "epochs.csv");
        string[] arguments = [.. Arguments, "--checkpoint", Checkpoints, "--history", history, "--out", model, "--resume"];

        using (Process process = CnnProcess.StartInterruptible(arguments))
        {
            // A line on stdout is the end of the first epoch; the second one has begun then.
            WaitForEpoch(process);
            Kill(process, "INT");
            CnnResult stopped = CnnProcess.Finish(process);
            Assert.Equal(Terminated, stopped.ExitCode);
            Assert.Contains("Interrupted after", stopped.Output, StringComparison.Ordinal);
            Assert.Contains("--resume", stopped.Output, StringComparison.Ordinal);
        }

        Model.Load(model).Dispose();
        CnnResult resumed = CnnProcess.Run(arguments);

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Equal(expected, File.ReadAllBytes(model));
        Assert.Equal([1, 2, 3], TrainingHistory.Load(history).Select(epoch => epoch.Epoch));
    }

    // From before the first checkpoint to the last epoch, as far as clocks of busy machines go; each is as right as any other.
    [Theory]
    [InlineData(150)]
    [InlineData(500)]
    [InlineData(800)]
    [InlineData(1100)]
    public void A_kill_at_any_moment_loses_nothing_that_cannot_be_had_again(int milliseconds)
    {
        byte[] expected = Uninterrupted();
        string model = Path.Combine(_folder, "resumed.cnn");
        string[] arguments =
            [.. Arguments, "--checkpoint", Checkpoints, "--checkpoint-every", "3", "--out", model, "--resume"];

        using (Process process = CnnProcess.Start(arguments))
        {
            Thread.Sleep(milliseconds);
            process.Kill();
            process.WaitForExit();
        }

        CnnResult resumed = CnnProcess.Run(arguments);

        Assert.True(resumed.ExitCode == 0, resumed.Errors);
        Assert.Equal(expected, File.ReadAllBytes(model));
        Assert.Empty(Directory.GetFiles(Checkpoints, "*.tmp"));
    }

    [Fact]
    public void Without_resume_a_folder_with_checkpoints_is_left_alone()
    {
        string[] arguments = ["train", "--data", "mnist-10k", "--limit", "64", "--epochs", "1", "--checkpoint", Checkpoints];
        Assert.Equal(0, CnnProcess.Run(arguments).ExitCode);
        string[] before = Directory.GetFiles(Checkpoints);

        CnnResult again = CnnProcess.Run(arguments), other = CnnProcess.Run([.. arguments, "--resume", "--lr", "0.5"]);

        Assert.Equal((2, 2), (again.ExitCode, other.ExitCode));
        Assert.Contains("has checkpoints of another training", again.Errors, StringComparison.Ordinal);
        Assert.Contains("the checkpoint was made with Optimizer", other.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(Checkpoints));
    }

    private static string[] Arguments =>
    [
        "train", "--data", "mnist-10k", "--limit", "4000", "--epochs", "3", "--seed", "11", "--augment", "shift:2,rotate:8",
        "--val-split", "0.1",
    ];

    private static void Kill(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static void WaitForEpoch(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("epoch 1/", StringComparison.Ordinal))
        {
        }
    }

    private byte[] Uninterrupted()
    {
        string path = Path.Combine(_folder, "uninterrupted.cnn");
        CnnResult result = CnnProcess.Run([.. Arguments, "--out", path]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return File.ReadAllBytes(path);
    }
}
