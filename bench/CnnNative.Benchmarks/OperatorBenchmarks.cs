// One benchmark for each operator on a shape from a network that people run, on both kernel sets with one thread: what a user
// gains from the native library, all costs of the public functions included.

using BenchmarkDotNet.Attributes;

namespace CnnNative.Benchmarks;

/// <summary>Operators on the kernels of <see cref="Kernels"/>.</summary>
[MemoryDiagnoser]
public class OperatorBenchmarks
{
    private ComputeContext _context = null!;
    private Tensor _picture = null!;
    private Tensor _map = null!;
    private Tensor _wideMap = null!;
    private Tensor _filters3x3 = null!;
    private Tensor _filters1x1 = null!;
    private Tensor _depthwise = null!;
    private Tensor _features = null!;
    private Tensor _matrix = null!;

    /// <summary>Which kernels.</summary>
    [Params(Backend.Managed, Backend.Native)]
    public Backend Kernels { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        _context = new ComputeContext(Kernels, threads: 1);
        _picture = Uniform(random, (1, 300, 300, 1));
        _map = Uniform(random, (1, 56, 56, 64));
        _wideMap = Uniform(random, (1, 14, 14, 256));
        _filters3x3 = Uniform(random, (64, 3, 3, 64));
        _filters1x1 = Uniform(random, (1024, 1, 1, 256));
        _depthwise = Uniform(random, (64, 3, 3, 1));
        _features = Uniform(random, (1, 2048));
        _matrix = Uniform(random, (1000, 2048));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        foreach (Tensor tensor in (Tensor[])[_picture, _map, _wideMap, _filters3x3, _filters1x1, _depthwise, _features, _matrix])
        {
            tensor.Dispose();
        }

        _context.Dispose();
    }

    [Benchmark(Description = "tutorial: Laplacian, ReLU, max pool 2x2 on 300x300")]
    public void Tutorial()
    {
        using Tensor edges = Cnn.Conv2d(_picture, Kernels2d.Laplacian, padding: Padding.Same, context: _context);
        using Tensor active = Cnn.Relu(edges, _context);
        using Tensor pooled = Cnn.MaxPool2d(active, window: 2, padding: Padding.Same, context: _context);
    }

    [Benchmark(Description = "Conv2d 3x3, 56x56x64 to 64")]
    public void Conv2d3x3() => Cnn.Conv2d(_map, _filters3x3, padding: Padding.Same, context: _context).Dispose();

    [Benchmark(Description = "Conv2d 1x1, 14x14x256 to 1024")]
    public void Conv2d1x1() => Cnn.Conv2d(_wideMap, _filters1x1, context: _context).Dispose();

    [Benchmark(Description = "Conv2d 3x3 depthwise, 56x56x64")]
    public void Conv2dDepthwise() =>
        Cnn.Conv2d(_map, _depthwise, padding: Padding.Same, groups: 64, context: _context).Dispose();

    [Benchmark(Description = "Linear 2048 to 1000, one row")]
    public void Linear() => Cnn.Linear(_features, _matrix, context: _context).Dispose();

    [Benchmark(Description = "MaxPool2d 3x3 stride 2, 56x56x64")]
    public void MaxPool2d() => Cnn.MaxPool2d(_map, 3, 2, padding: 1, context: _context).Dispose();

    [Benchmark(Description = "AveragePool2d 2x2, 56x56x64")]
    public void AveragePool2d() => Cnn.AveragePool2d(_map, 2, context: _context).Dispose();

    [Benchmark(Description = "GlobalAveragePool 14x14x256")]
    public void GlobalAveragePool() => Cnn.GlobalAveragePool(_wideMap, _context).Dispose();

    [Benchmark(Description = "GELU on 56x56x64")]
    public void Gelu() => Cnn.Activate(_map, Activation.Gelu, _context).Dispose();

    [Benchmark(Description = "Softmax over 64 channels, 56x56")]
    public void Softmax() => Cnn.Softmax(_map, _context).Dispose();

    [Benchmark(Description = "Add and ReLU on 56x56x64")]
    public void Add() => Cnn.Add(_map, _map, Activation.Relu, _context).Dispose();

    [Benchmark(Description = "Concat of 64 and 64 channels, 56x56")]
    public void Concat() => Cnn.Concat([_map, _map], axis: -1, _context).Dispose();

    private static Tensor Uniform(Random random, Shape shape)
    {
        Tensor tensor = Tensor.Zeros(shape);
        using TensorAccess access = tensor.Access();
        foreach (ref float value in access.Values)
        {
            value = random.NextSingle() * 2 - 1;
        }

        return tensor;
    }
}
