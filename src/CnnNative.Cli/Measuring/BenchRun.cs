// Times of a network: the median of many runs, because a mean tells more of what else ran on the machine.

using System.Diagnostics;
using System.Text.Json;

namespace CnnNative.Cli;

/// <summary>Times with a number of threads. Milliseconds are of a batch.</summary>
internal sealed record BenchTimes(
    int Threads, int Runs, double MedianMs, double FastestMs, double SlowestMs, double ImagesPerSecond);

/// <summary>A layer's share.</summary>
internal sealed record LayerTime(string Name, string Operator, int[] Output, double Ms, double Share, double Gflops);

/// <summary>The report of <c>cnn bench --json</c>.</summary>
internal sealed record BenchReport(
    string Model, int Batch, string Backend, string Isa, long Parameters, double WorkspaceMb, IReadOnlyList<BenchTimes> Times,
    IReadOnlyList<LayerTime>? Layers)
{
    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Default.BenchReport);
}

internal static class BenchRun
{
    private const int FewestRuns = 5, MostRuns = 100_000, ProfileRuns = 20;

    public static void Run(BenchOptions options, CancellationToken cancellation)
    {
        using Model model = ModelSource.ForReading(options.Model, options.Shapes);
        List<BenchTimes> times = [];
        SessionProfile? profile = null;
        string isa = "";
        double workspace = 0;
        foreach (int threads in options.Threads)
        {
            using ComputeContext context = new(options.Backend, threads);
            using var compiled = CompiledModel.Compile(model.Graph, new CompileOptions { Context = context });
            using Session session = compiled.CreateSession(options.Batch);
            FillInputs(session, model);
            times.Add(Measure(session, options, threads, cancellation));
            (isa, workspace) = (context.InstructionSetName, session.WorkspaceBytes / (double)(1 << 20));
            profile = options.Profile ? session.Profile(ProfileRuns) : null;
        }

        BenchReport report = new(
            options.Model, options.Batch, BackendOption.WordOf(options.Backend), isa, model.ParameterCount,
            Math.Round(workspace, 2), times, profile is null ? null : Layers(profile));
        if (options.Json)
        {
            Console.WriteLine(report.ToJson());
        }
        else
        {
            Print(report, profile);
        }
    }

    private static void FillInputs(Session session, Model model)
    {
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            if (model.Inputs[i].Type != ElementType.Float32)
            {
                // Indices and flags: 0 is one that every model has.
                using TensorAccess<byte> access = session.Input(i).AccessBytes();
                access.Values.Clear();
                continue;
            }

            // Any numbers do, but for subnormal ones, which no picture has either.
            float[] values = new float[session.InputShape(i).ElementCount];
            var random = SampleRandom.ForSample(seed: 0, epoch: 0, position: i);
            random.FillUniform(values, 0, 1);
            session.SetInput(i, values);
        }
    }

    private static BenchTimes Measure(Session session, BenchOptions options, int threads, CancellationToken cancellation)
    {
        session.Run(cancellation);
        List<double> milliseconds = [];
        long start = Stopwatch.GetTimestamp();
        while (milliseconds.Count < MostRuns
            && (milliseconds.Count < FewestRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds))
        {
            long before = Stopwatch.GetTimestamp();
            session.Run(cancellation);
            milliseconds.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        milliseconds.Sort();
        double median = milliseconds[milliseconds.Count / 2];
        return new BenchTimes(
            threads, milliseconds.Count, Math.Round(median, 4), Math.Round(milliseconds[0], 4), Math.Round(milliseconds[^1], 4),
            Math.Round(1000 * options.Batch / median, 1));
    }

    /// <summary>The times of layers as they are reported.</summary>
    internal static LayerTime[] Layers(SessionProfile profile) =>
    [
        .. profile.Nodes.Select(node => new LayerTime(
            node.Name, node.Kind, node.OutputShape.ToArray(), Math.Round(node.Milliseconds, 4),
            Math.Round(node.Milliseconds / Math.Max(profile.TotalMilliseconds, double.Epsilon), 4),
            Math.Round(node.GigaFlops, 1))),
    ];

    private static void Print(BenchReport report, SessionProfile? profile)
    {
        Console.WriteLine(
            $"{report.Model}: {FigureTexts.Count(report.Parameters)} parameters, batch {report.Batch}, {report.Isa}, " +
            $"{FormattableString.Invariant($"{report.WorkspaceMb:0.0}")} MB of results");
        Console.WriteLine($"{"threads",7}  {"median ms",10}  {"fastest",10}  {"slowest",10}  {"images/s",10}  {"runs",7}");
        foreach (BenchTimes times in report.Times)
        {
            Console.WriteLine(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{times.Threads,7}  {times.MedianMs,10:0.000}  {times.FastestMs,10:0.000}  {times.SlowestMs,10:0.000}  " +
                $"{times.ImagesPerSecond,10:N0}  {times.Runs,7:N0}"));
        }

        if (profile is not null)
        {
            Console.WriteLine();
            Console.Write(profile.ToTable());
        }
    }
}
