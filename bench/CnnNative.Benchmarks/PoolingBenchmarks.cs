// One benchmark for each function of pooling on a shape from a network that people run, on both kernel sets with one thread.
// Tensors are made once, as a training loop has them, so the kernels alone are measured.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Pooling on the kernels of <see cref="Kernels"/>.</summary>
[MemoryDiagnoser]
public class PoolingBenchmarks
{
    // The window of ResNet's pooling on a map of its first stage, and the same sizes to adapt to.
    private static readonly Pool2dGeometry Window = new(
        1, new WindowAxis(56, 3, 2, 1, 1, 1, 28), new WindowAxis(56, 3, 2, 1, 1, 1, 28), Channels: 64, CeilMode: false,
        CountIncludePad: false);

    private static readonly AdaptivePool2dGeometry Adaptive = new(1, 56, 56, 64, 28, 28);

    private ComputeContext _context = null!;
    private IKernels _kernels = null!;
    private Tensor _large = null!;
    private Tensor _largeGradient = null!;
    private Tensor _small = null!;
    private Tensor _smallGradient = null!;
    private Tensor _positions = null!;
    private Tensor _means = null!;

    /// <summary>Which kernels.</summary>
    [Params(Backend.Managed, Backend.Native)]
    public Backend Kernels { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _context = new ComputeContext(Kernels, threads: 1);
        _kernels = _context.Kernels;
        Shape large = (1, 56, 56, 64), small = (1, 28, 28, 64);
        (_large, _largeGradient) = (BenchmarkTensors.Uniform(large, 1), BenchmarkTensors.Uniform(large, 2));
        (_small, _smallGradient) = (BenchmarkTensors.Uniform(small, 3), BenchmarkTensors.Uniform(small, 4));
        (_positions, _means) = (BenchmarkTensors.Uniform(small, 5), BenchmarkTensors.Uniform((1, 1, 1, 64), 6));
        _kernels.MaxPool2dIndexed(in Window, _large, _small, _positions);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (Tensor tensor in (Tensor[])[_large, _largeGradient, _small, _smallGradient, _positions, _means])
        {
            tensor.Dispose();
        }

        _context.Dispose();
    }

    [Benchmark(Description = "MaxPool2d 3x3 stride 2 with positions")]
    public void MaxPool2dIndexed() => _kernels.MaxPool2dIndexed(in Window, _large, _small, _positions);

    [Benchmark(Description = "MaxPool2d backward, from positions")]
    public void MaxPool2dBackward() => _kernels.MaxPool2dBackward(in Window, null, _positions, _smallGradient, _largeGradient);

    [Benchmark(Description = "MaxPool2d backward, from the input")]
    public void MaxPool2dBackwardFromInput() =>
        _kernels.MaxPool2dBackward(in Window, _large, null, _smallGradient, _largeGradient);

    [Benchmark(Description = "AveragePool2d 3x3 stride 2")]
    public void AveragePool2d() => _kernels.AveragePool2d(in Window, _large, _small);

    [Benchmark(Description = "AveragePool2d backward")]
    public void AveragePool2dBackward() => _kernels.AveragePool2dBackward(in Window, _smallGradient, _largeGradient);

    [Benchmark(Description = "GlobalAveragePool backward")]
    public void GlobalAveragePoolBackward() => _kernels.GlobalAveragePoolBackward(_means, _largeGradient);

    [Benchmark(Description = "AdaptiveMaxPool2d to 28x28")]
    public void AdaptiveMaxPool2d() => _kernels.AdaptiveMaxPool2d(in Adaptive, _large, _small, _positions);

    [Benchmark(Description = "AdaptiveMaxPool2d backward")]
    public void AdaptiveMaxPool2dBackward() =>
        _kernels.AdaptiveMaxPool2dBackward(in Adaptive, _large, null, _smallGradient, _largeGradient);

    [Benchmark(Description = "AdaptiveAveragePool2d to 28x28")]
    public void AdaptiveAveragePool2d() => _kernels.AdaptiveAveragePool2d(in Adaptive, _large, _small);

    [Benchmark(Description = "AdaptiveAveragePool2d backward")]
    public void AdaptiveAveragePool2dBackward() =>
        _kernels.AdaptiveAveragePool2dBackward(in Adaptive, _smallGradient, _largeGradient);
}
