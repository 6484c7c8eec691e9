// One benchmark for each operator on a shape from a network that people run, on both kernel sets with one thread: what a user
// gains from the native library, all costs of the public functions included.

using BenchmarkDotNet.Attributes;

namespace CnnNative.Benchmarks;

/// <summary>Public functions, which make their results.</summary>
public class OperatorBenchmarks : KernelBenchmarks
{
    private Tensor _picture = null!;
    private Tensor _map = null!;
    private Tensor _wideMap = null!;
    private Tensor _filters3x3 = null!;
    private Tensor _filters1x1 = null!;
    private Tensor _depthwise = null!;
    private Tensor _features = null!;
    private Tensor _matrix = null!;

    [Benchmark(Description = "tutorial: Laplacian, ReLU, max pool 2x2 on 300x300")]
    public void Tutorial()
    {
        using Tensor edges = Cnn.Conv2d(_picture, Kernels2d.Laplacian, padding: Padding.Same, context: Context);
        using Tensor active = Cnn.Relu(edges, Context);
        using Tensor pooled = Cnn.MaxPool2d(active, window: 2, padding: Padding.Same, context: Context);
    }

    [Benchmark(Description = "Conv2d 3x3, 56x56x64 to 64")]
    public void Conv2d3x3() => Cnn.Conv2d(_map, _filters3x3, padding: Padding.Same, context: Context).Dispose();

    [Benchmark(Description = "Conv2d 1x1, 14x14x256 to 1024")]
    public void Conv2d1x1() => Cnn.Conv2d(_wideMap, _filters1x1, context: Context).Dispose();

    [Benchmark(Description = "Conv2d 3x3 depthwise, 56x56x64")]
    public void Conv2dDepthwise() =>
        Cnn.Conv2d(_map, _depthwise, padding: Padding.Same, groups: 64, context: Context).Dispose();

    [Benchmark(Description = "Linear 2048 to 1000, one row")]
    public void Linear() => Cnn.Linear(_features, _matrix, context: Context).Dispose();

    [Benchmark(Description = "MaxPool2d 3x3 stride 2, 56x56x64")]
    public void MaxPool2d() => Cnn.MaxPool2d(_map, 3, 2, padding: 1, context: Context).Dispose();

    [Benchmark(Description = "AveragePool2d 2x2, 56x56x64")]
    public void AveragePool2d() => Cnn.AveragePool2d(_map, 2, context: Context).Dispose();

    [Benchmark(Description = "GlobalAveragePool 14x14x256")]
    public void GlobalAveragePool() => Cnn.GlobalAveragePool(_wideMap, Context).Dispose();

    [Benchmark(Description = "GELU on 56x56x64")]
    public void Gelu() => Cnn.Activate(_map, Activation.Gelu, Context).Dispose();

    [Benchmark(Description = "Softmax over 64 channels, 56x56")]
    public void Softmax() => Cnn.Softmax(_map, Context).Dispose();

    [Benchmark(Description = "Add and ReLU on 56x56x64")]
    public void Add() => Cnn.Add(_map, _map, Activation.Relu, Context).Dispose();

    [Benchmark(Description = "Concat of 64 and 64 channels, 56x56")]
    public void Concat() => Cnn.Concat([_map, _map], axis: -1, Context).Dispose();

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        _picture = Uniform((1, 300, 300, 1));
        _map = Uniform((1, 56, 56, 64));
        _wideMap = Uniform((1, 14, 14, 256));
        _filters3x3 = Uniform((64, 3, 3, 64));
        _filters1x1 = Uniform((1024, 1, 1, 256));
        _depthwise = Uniform((64, 3, 3, 1));
        _features = Uniform((1, 2048));
        _matrix = Uniform((1000, 2048));
    }
}
