// Native against managed kernels, operator by operator. Run ./build.sh bench, or ./build.sh bench --filter '*Conv2d*'; the
// ratio to the managed kernels stands beside each time.

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using CnnNative.Benchmarks.Comparing;

namespace CnnNative.Benchmarks;

internal static class Program
{
    // Each command in a method of its own, so that none loads what only another one needs: the time to a first result is
    // measured in processes of this program.
    private static int Main(string[] arguments) => arguments switch
    {
        [ChildProcess.Verb, .. { Length: >= 3 } model] => ChildProcess.Run(model),
        ["compare", .. string[] options] => CompareCommand.Run(options),
        ["conformance", .. { Length: > 0 } folders] => ConformanceCommand.Run(folders),
        _ => RunBenchmarks(arguments),
    };

    /// <summary>In process, because the repository's own build rules do not suit the projects that BenchmarkDotNet writes.</summary>
    private static int RunBenchmarks(string[] arguments)
    {
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine("artifacts", "bench"));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, config);
        return 0;
    }
}
