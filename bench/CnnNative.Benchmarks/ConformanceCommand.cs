// conformance FOLDER... [--of-largest 1e-5]: runs ONNX's own tests, or others in the same layout, and prints what passed by
// operator. The option lets elements differ by a part of the largest one, for whole networks.

using System.Globalization;
using CnnNative.Tests.Onnx;

namespace CnnNative.Benchmarks;

internal static class ConformanceCommand
{
    /// <summary>Runs all tests below the folders; a file is one test.</summary>
    public static void Run(IReadOnlyList<string> arguments)
    {
        int option = arguments.ToList().IndexOf("--of-largest");
        double ofLargest = 0;
        string[] folders = option < 0 ? [.. arguments] : [.. arguments.Where((_, i) => i != option && i != option + 1)];
        if (option >= 0 && !double.TryParse(arguments.ElementAtOrDefault(option + 1), CultureInfo.InvariantCulture, out ofLargest))
        {
            Fail($"--of-largest is '{arguments.ElementAtOrDefault(option + 1)}', expected a number such as 1e-5.");
            return;
        }

        if (Array.Find(folders, folder => !File.Exists(folder) && !Directory.Exists(folder)) is { } missing)
        {
            Fail($"'{missing}' is neither a file nor a folder.");
            return;
        }

        ConformanceSuite suite = new(ComputeContext.Default.Kernels, ofLargest);
        List<ConformanceResult> results = [];
        foreach (string path in folders.SelectMany(folder => File.Exists(folder) ? [folder] : ConformanceSuite.Find(folder)))
        {
            results.Add(suite.Run(path));
        }

        Console.Write(ConformanceSuite.Report(results));
        Environment.ExitCode = results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed) ? 0 : 1;
    }

    private static void Fail(string message)
    {
        Console.Error.WriteLine($"conformance: {message}");
        Environment.ExitCode = 2;
    }
}
