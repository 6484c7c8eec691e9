// Measures one model: both sides in turns within this process, so that a busy machine slows both, and then in processes of their
// own, in turns as well.

using System.Diagnostics;

namespace CnnNative.Benchmarks.Comparing;

/// <summary>How long and how often things are measured.</summary>
/// <param name="Seconds">Seconds for the runs of each side.</param>
/// <param name="Starts">Processes of each side.</param>
/// <param name="Program">The program of these processes.</param>
internal sealed record CompareEffort(double Seconds, int Starts, StartProgram Program);

internal sealed class Comparison(string path, string name, ModelInput[] inputs, CompareEffort effort)
{
    private const int LeastTurns = 5, MostRunsOfATurn = 2000;
    private const double TurnSeconds = 0.05;

    // Threads of a library go on spinning for a while after a run, some of them for tenths of a second; the other side's turn
    // begins when they have stopped, which the processor time of this process tells.
    private const int PauseMilliseconds = 5, LongestPause = 2000;
    private const double BusyShare = 0.2;

    /// <summary>Measures with a number of threads.</summary>
    /// <exception cref="CompareException">One of the sides cannot load or run the model; the message says which.</exception>
    public CompareRow Measure(int threads)
    {
        double oursMs, peerMs, error;
        bool isHalf;
        using (IContender ours = Load(Contenders.Ours, threads))
        using (IContender peer = Load(Contenders.Peer, threads))
        {
            // The first runs choose kernels and touch memory.
            Try(Contenders.Ours, ours.Run);
            Try(Contenders.Peer, peer.Run);
            error = Difference(ours, peer);
            isHalf = peer.IsHalfPrecision;
            (oursMs, peerMs) = Alternate(ours, peer);
        }

        (ChildFigures first, ChildFigures second) = Start(threads);
        return new CompareRow(
            name, threads, oursMs, peerMs, peerMs / oursMs, error, first.FirstResultMilliseconds, second.FirstResultMilliseconds,
            first.PeakMegabytes, second.PeakMegabytes)
        {
            OursLoadMs = first.LoadMilliseconds,
            PeerLoadMs = second.LoadMilliseconds,
            IsHalfPrecision = isHalf,
        };
    }

    private static string NameOf(string side) => side == Contenders.Ours ? "this library" : "ONNX Runtime";

    private static T Try<T>(string side, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error)
        {
            throw new CompareException($"{NameOf(side)} cannot run it: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static void Try(string side, Action action) => Try(side, () =>
    {
        action();
        return 0;
    });

    private IContender Load(string side, int threads) => Try(side, () => Contenders.Load(side, path, threads, inputs));

    /// <summary>Over all outputs the largest difference as a part of the peer's largest element.</summary>
    private static double Difference(IContender ours, IContender peer)
    {
        // What cannot be compared is as far away as a number in the file can say. Of a network with several outputs one may be
        // next to zero everywhere, as the scores of a detector that sees nothing are; it is compared with the others' size.
        const double Most = 1e9, SmallestPart = 1e-3;
        double floor = SmallestPart * peer.Outputs.Max(output => Largest(peer.Output(output))), worst = 0;
        foreach (string output in peer.Outputs)
        {
            ReadOnlySpan<float> a = ours.Output(output), b = peer.Output(output);
            double difference = a.Length == b.Length ? 0 : double.PositiveInfinity;
            for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
            {
                double apart = a[i].Equals(b[i]) ? 0 : Math.Abs((double)a[i] - b[i]);
                difference = double.IsFinite(apart) ? Math.Max(difference, apart) : double.PositiveInfinity;
            }

            worst = Math.Max(worst, difference == 0 ? 0 : Math.Min(Most, difference / Math.Max(floor, Largest(b))));
        }

        return worst;
    }

    private static double Largest(ReadOnlySpan<float> values)
    {
        double largest = 0;
        foreach (float value in values)
        {
            largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        }

        return largest;
    }

    private (double Ours, double Peer) Alternate(IContender ours, IContender peer)
    {
        List<double> a = [], b = [];
        int oursRuns = RunsOfATurn(ours), peerRuns = RunsOfATurn(peer);
        long started = Stopwatch.GetTimestamp();
        for (int turn = 0; turn < LeastTurns || Stopwatch.GetElapsedTime(started).TotalSeconds < 2 * effort.Seconds; turn++)
        {
            Turn(ours, oursRuns, a);
            Turn(peer, peerRuns, b);
        }

        return (Median(a), Median(b));
    }

    private static int RunsOfATurn(IContender contender)
    {
        contender.Run();
        long started = Stopwatch.GetTimestamp();
        contender.Run();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (int)Math.Clamp(TurnSeconds / seconds, 1, MostRunsOfATurn);
    }

    private static void Rest()
    {
        long started = Stopwatch.GetTimestamp();
        double share = 1;
        while (share > BusyShare && Stopwatch.GetElapsedTime(started).TotalMilliseconds < LongestPause)
        {
            long before = Stopwatch.GetTimestamp();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            Thread.Sleep(PauseMilliseconds);
            share = (Environment.CpuUsage.TotalTime - used) / Stopwatch.GetElapsedTime(before);
        }
    }

    private static void Turn(IContender contender, int runs, List<double> times)
    {
        Rest();

        // The first run of a turn finds the other side's data in the caches, as no program would.
        contender.Run();
        for (int i = 0; i < runs; i++)
        {
            long started = Stopwatch.GetTimestamp();
            contender.Run();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private (ChildFigures Ours, ChildFigures Peer) Start(int threads)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cnn-compare-");
        try
        {
            string[] arguments = [.. inputs.SelectMany((input, i) => input.Describe(Path.Combine(folder.FullName, $"{i}.bin")))];
            List<ChildFigures> ours = [], peer = [];
            for (int i = 0; i < effort.Starts; i++)
            {
                ours.Add(Child(Contenders.Ours, threads, arguments));
                peer.Add(Child(Contenders.Peer, threads, arguments));
            }

            return (Median(ours), Median(peer));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private ChildFigures Child(string side, int threads, string[] arguments)
    {
        try
        {
            return ChildProcess.Measure(effort.Program, side, path, threads, arguments);
        }
        catch (CompareException error)
        {
            throw new CompareException($"{NameOf(side)} cannot run it in a process of its own: {error.Message}", error);
        }
    }

    private static ChildFigures Median(List<ChildFigures> figures) => new(
        Median([.. figures.Select(one => one.FirstResultMilliseconds)]), Median([.. figures.Select(one => one.LoadMilliseconds)]),
        Median([.. figures.Select(one => one.PeakMegabytes)]));

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
