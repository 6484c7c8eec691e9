// `cnn bench MODEL`: how fast a network predicts on this machine, and with --profile where the time goes.

using System.CommandLine;
using System.Globalization;

namespace CnnNative.Cli;

/// <summary>What was asked for.</summary>
internal sealed record BenchOptions(
    string Model, IReadOnlyDictionary<string, Shape> Shapes, int Batch, IReadOnlyList<int> Threads, double Seconds, bool Profile,
    Backend Backend, bool Json);

internal static class BenchCommand
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL")
        {
            Description = $"A {ModelSource.Endings} file, or a network's name: {string.Join(", ", ModelSource.Names)}.",
        };
        Option<int> batch = new("--batch") { Description = "Samples at once.", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<string?> threads = new("--threads")
        {
            Description = "Numbers of threads to measure with, such as 1,2; by default one and all.",
            HelpName = "N[,N...]",
        };
        Option<double> seconds = new("--seconds")
        {
            Description = "How long to measure each.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        Option<bool> profile = new("--profile") { Description = "Show the time of each layer, with the last number of threads." };
        BackendOption backend = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object on stdout instead of tables." };
        Command command =
            new("bench", "Measure how fast a network predicts.") { model, batch, threads, seconds, profile };
        backend.AddTo(command);
        command.Options.Add(json);
        ShapeOption shapes = new();
        shapes.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            Backend kernels = backend.Read(parsed) ?? ComputeContext.DefaultBackend;
            BenchRun.Run(
                new BenchOptions(
                    parsed.GetValue(model)!, shapes.Read(parsed), FilterOptions.ParsePositive("--batch", parsed.GetValue(batch)),
                    ParseThreads(parsed.GetValue(threads), kernels), ParseSeconds(parsed.GetValue(seconds)),
                    parsed.GetValue(profile), kernels,
                    parsed.GetValue(json)),
                cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static int[] ParseThreads(string? text, Backend backend)
    {
        if (text is null)
        {
            return backend == Backend.Managed || Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];
        }

        string[] parts = text.Split(',');
        int[] threads =
        [
            .. parts.Select(part => IsCount(part, out int count) ? count : throw new UserException(
                $"--threads is '{text}', expected numbers from 1 to 1024 with commas between them, such as 1,2.")),
        ];
        return backend == Backend.Managed && threads.Any(n => n > 1)
            ? throw new UserException(
                $"--threads is '{text}', but the managed kernels use one; leave it out, or take --backend native.")
            : threads;
    }

    private static bool IsCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= 1024;

    private static double ParseSeconds(double value) => value is > 0 and <= 3600
        ? value
        : throw new UserException(
            $"--seconds is {value.ToString(CultureInfo.InvariantCulture)}, expected a number above 0, at most 3600.");
}
