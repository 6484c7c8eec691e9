// Native against managed kernels, operator by operator. Run ./build.sh bench, or ./build.sh bench --filter '*Conv2d*'; the
// ratio to the managed kernels stands beside each time.

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace CnnNative.Benchmarks;

internal static class Program
{
    /// <summary>In process, because the repository's own build rules do not suit the projects that BenchmarkDotNet writes.</summary>
    private static void Main(string[] arguments)
    {
        if (arguments is ["conformance", .. { Length: > 0 } folders])
        {
            ConformanceCommand.Run(folders);
            return;
        }

        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine("artifacts", "bench"));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, config);
    }
}
