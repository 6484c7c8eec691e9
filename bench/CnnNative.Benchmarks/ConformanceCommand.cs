// conformance FOLDER...: runs ONNX's own tests, or others in the same layout, and prints what passed by operator.

using CnnNative.Tests.Onnx;

namespace CnnNative.Benchmarks;

internal static class ConformanceCommand
{
    /// <summary>Runs all tests below the folders; a file is one test.</summary>
    public static void Run(IEnumerable<string> folders)
    {
        ConformanceSuite suite = new(ComputeContext.Default.Kernels);
        List<ConformanceResult> results = [];
        foreach (string path in folders.SelectMany(folder => File.Exists(folder) ? [folder] : ConformanceSuite.Find(folder)))
        {
            results.Add(suite.Run(path));
        }

        Console.Write(ConformanceSuite.Report(results));
        Environment.ExitCode = results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed) ? 0 : 1;
    }
}
