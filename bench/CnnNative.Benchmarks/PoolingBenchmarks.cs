// One benchmark for each function of pooling on a shape from a network that people run, on both kernel sets with one thread.
// Tensors are made once, as a training loop has them, so the kernels alone are measured.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Pooling of 56 x 56 x 64 elements.</summary>
public class PoolingBenchmarks : KernelBenchmarks
{
    // The window of ResNet's pooling on a map of its first stage, and the same sizes to adapt to.
    private static readonly Pool2dGeometry Window = new(
        1, new WindowAxis(56, 3, 2, 1, 1, 1, 28), new WindowAxis(56, 3, 2, 1, 1, 1, 28), Channels: 64, CeilMode: false,
        CountIncludePad: false);

    private static readonly AdaptivePool2dGeometry Adaptive = new(1, 56, 56, 64, 28, 28);

    private Tensor _large = null!;
    private Tensor _largeGradient = null!;
    private Tensor _small = null!;
    private Tensor _smallGradient = null!;
    private Tensor _positions = null!;
    private Tensor _means = null!;

    [Benchmark(Description = "MaxPool2d 3x3 stride 2 with positions")]
    public void MaxPool2dIndexed() => Kernels.MaxPool2dIndexed(in Window, _large, _small, _positions);

    [Benchmark(Description = "MaxPool2d backward, from positions")]
    public void MaxPool2dBackward() => Kernels.MaxPool2dBackward(in Window, null, _positions, _smallGradient, _largeGradient);

    [Benchmark(Description = "MaxPool2d backward, from the input")]
    public void MaxPool2dBackwardFromInput() =>
        Kernels.MaxPool2dBackward(in Window, _large, null, _smallGradient, _largeGradient);

    [Benchmark(Description = "AveragePool2d 3x3 stride 2")]
    public void AveragePool2d() => Kernels.AveragePool2d(in Window, _large, _small);

    [Benchmark(Description = "AveragePool2d backward")]
    public void AveragePool2dBackward() => Kernels.AveragePool2dBackward(in Window, _smallGradient, _largeGradient);

    [Benchmark(Description = "GlobalAveragePool backward")]
    public void GlobalAveragePoolBackward() => Kernels.GlobalAveragePoolBackward(_means, _largeGradient);

    [Benchmark(Description = "AdaptiveMaxPool2d to 28x28")]
    public void AdaptiveMaxPool2d() => Kernels.AdaptiveMaxPool2d(in Adaptive, _large, _small, _positions);

    [Benchmark(Description = "AdaptiveMaxPool2d backward")]
    public void AdaptiveMaxPool2dBackward() =>
        Kernels.AdaptiveMaxPool2dBackward(in Adaptive, _large, null, _smallGradient, _largeGradient);

    [Benchmark(Description = "AdaptiveAveragePool2d to 28x28")]
    public void AdaptiveAveragePool2d() => Kernels.AdaptiveAveragePool2d(in Adaptive, _large, _small);

    [Benchmark(Description = "AdaptiveAveragePool2d backward")]
    public void AdaptiveAveragePool2dBackward() =>
        Kernels.AdaptiveAveragePool2dBackward(in Adaptive, _smallGradient, _largeGradient);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        Shape large = (1, 56, 56, 64), small = (1, 28, 28, 64);
        (_large, _largeGradient) = (Uniform(large), Uniform(large));
        (_small, _smallGradient) = (Uniform(small), Uniform(small));
        (_positions, _means) = (Uniform(small), Uniform((1, 1, 1, 64)));
        Kernels.MaxPool2dIndexed(in Window, _large, _small, _positions);
    }
}
