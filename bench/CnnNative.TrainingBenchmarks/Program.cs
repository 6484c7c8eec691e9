// Training, this library against libtorch: the same networks, batches, optimisers and threads, in turns within one process, so
// that a busy machine slows both. Memory is measured in a process of its own for each.

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TrainingBenchmarks;

internal static class Program
{
    private const int Rounds = 7;

    private static int Main(string[] arguments)
    {
        Option<string> json = new("--json") { Description = "Write the results to this file." };
        Option<string> threads = new("--threads") { Description = "Numbers of threads.", DefaultValueFactory = _ => "1,2" };
        Option<string> nets = new("--nets")
        {
            Description = "Which networks.",
            DefaultValueFactory = _ => string.Join(',', BenchmarkNet.All.Select(net => net.Name)),
        };
        Option<double> seconds = new("--seconds") { Description = "Seconds of a turn.", DefaultValueFactory = _ => 1.5 };
        Option<string> memory = new("--memory") { Description = "Only train, own or peer, and print the peak memory.", Hidden = true };
        Option<bool> check = new("--check") { Description = "Only say whether libtorch can be used, and end with 0 if it can." };
        RootCommand root = new("Compares training with libtorch.") { json, threads, nets, seconds, memory, check };
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(check))
            {
                Console.WriteLine(PeerLoop.Problem() ?? "libtorch can be used.");
                return PeerLoop.Problem() is null ? 0 : 1;
            }

            BenchmarkNet[] chosen = [.. parsed.GetValue(nets)!.Split(',').Select(name =>
                BenchmarkNet.All.FirstOrDefault(net => net.Name == name) ?? throw new ArgumentException($"There is no network '{name}'."))];
            int[] counts = [.. parsed.GetValue(threads)!.Split(',').Select(count => int.Parse(count, CultureInfo.InvariantCulture))];
            if (parsed.GetValue(memory) is { } side)
            {
                PrintPeakMemory(side, chosen[0], counts[0]);
                return 0;
            }

            List<Comparison> results = Compare(chosen, counts, parsed.GetValue(seconds));
            if (parsed.GetValue(json) is { } path)
            {
                Write(path, results);
            }

            return 0;
        });
        return root.Parse(arguments).Invoke();
    }

    private static ITrainingLoop Create(string side, BenchmarkNet net, int threads) =>
        side == "own" ? new OwnLoop(net, threads) : new PeerLoop(net, threads);

    private static List<Comparison> Compare(BenchmarkNet[] nets, int[] threads, double seconds)
    {
        string? problem = PeerLoop.Problem();
        if (problem is not null)
        {
            Console.Error.WriteLine($"libtorch cannot be used here, so only this library is measured: {problem}");
        }

        Console.WriteLine("net        threads   images/s   peer's   ratio  floor     MB  peer's MB");
        List<Comparison> results = [];
        foreach (BenchmarkNet net in nets)
        {
            foreach (int count in threads)
            {
                (double own, double peer, double ratio) = Measure(net, count, seconds, problem is null);
                Comparison result = new(
                    net.Name, count, own, peer, ratio, net.Floor(count), PeakMemory("own", net, count),
                    problem is null ? PeakMemory("peer", net, count) : 0);
                results.Add(result);
                Console.WriteLine(FormattableString.Invariant(
                    $"{result.Net,-10} {result.Threads,7} {own,10:F0} {peer,8:F0} {ratio,7:F2} {result.Floor,6:F1} {result.Megabytes,6:F0} {result.PeerMegabytes,10:F0}"));
            }
        }

        return results;
    }

    /// <summary>Medians of turns, and the median of the ratios of neighbouring turns.</summary>
    private static (double Own, double Peer, double Ratio) Measure(BenchmarkNet net, int threads, double seconds, bool withPeer)
    {
        using ITrainingLoop own = Create("own", net, threads);
        using ITrainingLoop? peer = withPeer ? Create("peer", net, threads) : null;
        List<double> ours = [], theirs = [], ratios = [];
        for (int round = 0; round <= Rounds; round++)
        {
            double a = net.Batch * StepsPerSecond(own, seconds), b = peer is null ? 0 : net.Batch * StepsPerSecond(peer, seconds);

            // The first round warms up.
            if (round > 0)
            {
                ours.Add(a);
                theirs.Add(b);
                ratios.Add(b > 0 ? a / b : 0);
            }
        }

        return (Median(ours), Median(theirs), Median(ratios));
    }

    private static double StepsPerSecond(ITrainingLoop loop, double seconds)
    {
        var watch = Stopwatch.StartNew();
        int steps = 0;
        do
        {
            loop.Step();
            steps++;
        }
        while (watch.Elapsed.TotalSeconds < seconds);
        return steps / watch.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static void PrintPeakMemory(string side, BenchmarkNet net, int threads)
    {
        using (ITrainingLoop loop = Create(side, net, threads))
        {
            for (int i = 0; i < 20; i++)
            {
                loop.Step();
            }
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64);
    }

    private static double PeakMemory(string side, BenchmarkNet net, int threads)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
        };
        string[] arguments = ["--memory", side, "--nets", net.Name, "--threads", threads.ToString(CultureInfo.InvariantCulture)];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output.Trim(), CultureInfo.InvariantCulture) / 1e6;
    }

    private static void Write(string path, List<Comparison> results)
    {
        using FileStream stream = File.Create(path);
        using Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (Comparison result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("net", result.Net);
            writer.WriteNumber("threads", result.Threads);
            writer.WriteNumber("images_per_second", result.ImagesPerSecond);
            writer.WriteNumber("peer_images_per_second", result.PeerImagesPerSecond);
            writer.WriteNumber("ratio", result.Ratio);
            writer.WriteNumber("floor", result.Floor);
            writer.WriteNumber("peak_mb", result.Megabytes);
            writer.WriteNumber("peer_peak_mb", result.PeerMegabytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>One network with one number of threads.</summary>
    private sealed record Comparison(
        string Net, int Threads, double ImagesPerSecond, double PeerImagesPerSecond, double Ratio, double Floor, double Megabytes,
        double PeerMegabytes);
}
