// What only a process of its own can tell: the time from its start to its first result, and the memory it took at most. The
// process is one program with the same settings, whichever library it loads.

using System.Diagnostics;
using System.Globalization;

namespace CnnNative.Benchmarks.Comparing;

/// <summary>What a child process found.</summary>
/// <param name="FirstResultMilliseconds">From the process's start to its first result.</param>
/// <param name="LoadMilliseconds">For loading the model, of that.</param>
/// <param name="PeakMegabytes">The most memory that it had, in 10^6 bytes.</param>
internal sealed record ChildFigures(double FirstResultMilliseconds, double LoadMilliseconds, double PeakMegabytes);

internal static class ChildProcess
{
    /// <summary>The argument by which the program knows that it is the child.</summary>
    public const string Verb = "compare-child";

    /// <summary>Runs after the first result; what a program holds while it works is more than for one result.</summary>
    private const int MoreRuns = 3;

    private const int TimeoutMilliseconds = 300_000;

    /// <summary>Starts a child and waits for its figures.</summary>
    /// <exception cref="CompareException">It failed; the message is its own.</exception>
    public static ChildFigures Measure(
        StartProgram program, string side, string path, int threads, IEnumerable<string> inputs)
    {
        ProcessStartInfo start = new(program.File) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[.. program.Arguments, side, path, threads.ToString(CultureInfo.InvariantCulture), .. inputs])
        {
            start.ArgumentList.Add(argument);
        }

        long started = Stopwatch.GetTimestamp();
        using Process child = Process.Start(start) ?? throw new CompareException($"'{program.File}' cannot be started.");
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        if (!child.WaitForExit(TimeoutMilliseconds))
        {
            child.Kill();
            throw new CompareException("the process did not end in five minutes.");
        }

        string[] words = output.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return child.ExitCode == 0 && words is [string first, string load, string peak]
            ? new ChildFigures(
                Stopwatch.GetElapsedTime(started, long.Parse(first, CultureInfo.InvariantCulture)).TotalMilliseconds,
                double.Parse(load, CultureInfo.InvariantCulture), double.Parse(peak, CultureInfo.InvariantCulture) / 1e6)
            : throw new CompareException(errors.Result.Trim() is { Length: > 0 } text
                ? text.Split('\n')[0].Trim()
                : $"the process ended with {child.ExitCode}.");
    }

    /// <summary>The child: loads, runs, and prints the clock at the first result, the milliseconds of loading and the bytes.</summary>
    public static int Run(string[] arguments)
    {
        try
        {
            ModelInput[] inputs = ModelInput.Read(arguments.AsSpan(3));
            long started = Stopwatch.GetTimestamp();
            int threads = int.Parse(arguments[2], CultureInfo.InvariantCulture);
            using IContender contender = Contenders.Load(arguments[0], arguments[1], threads, inputs);
            double load = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            contender.Run();

            // The clock is one for all processes of a machine, so the parent can take its own start from it.
            long first = Stopwatch.GetTimestamp();
            for (int i = 0; i < MoreRuns; i++)
            {
                contender.Run();
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first} {load:F3} {PeakBytes()}"));
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    private static long PeakBytes()
    {
        // Linux keeps the peak of the process itself here; elsewhere .NET asks the system.
        const string Field = "VmHWM:";
        if (File.Exists("/proc/self/status"))
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith(Field, StringComparison.Ordinal))
                {
                    string kilobytes = line[Field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
                    return 1024 * long.Parse(kilobytes, CultureInfo.InvariantCulture);
                }
            }
        }

        using var self = Process.GetCurrentProcess();
        return Math.Max(self.PeakWorkingSet64, self.WorkingSet64);
    }
}
