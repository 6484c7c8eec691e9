// conformance FOLDER... [--of-largest 1e-5]: runs ONNX's own tests, or others in the same layout, and prints what passed by
// operator. The option lets elements differ by a part of the largest one, for whole networks.

using System.Globalization;
using CnnNative.Tests.Onnx;

namespace CnnNative.Benchmarks;

internal static class ConformanceCommand
{
    /// <summary>Runs all tests below the folders; a file is one test.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        int option = arguments.ToList().IndexOf("--of-largest");
        double ofLargest = option < 0 ? 0 : double.Parse(arguments[option + 1], CultureInfo.InvariantCulture);
        IEnumerable<string> folders = option < 0 ? arguments : arguments.Where((_, i) => i != option && i != option + 1);
        ConformanceSuite suite = new(ComputeContext.Default.Kernels, ofLargest);
        List<ConformanceResult> results = [];
        foreach (string path in folders.SelectMany(folder => File.Exists(folder) ? [folder] : ConformanceSuite.Find(folder)))
        {
            results.Add(suite.Run(path));
        }

        Console.Write(ConformanceSuite.Report(results));
        return results.TrueForAll(result => result.Outcome == ConformanceOutcome.Passed) ? 0 : 1;
    }
}
