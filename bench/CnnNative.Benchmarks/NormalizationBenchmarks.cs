// One benchmark for each function of normalisation on a shape from a network that people run, on both kernel sets with one
// thread. Tensors are made once, as a training loop has them, so the kernels alone are measured.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Normalisation on the kernels of <see cref="Kernels"/>.</summary>
[MemoryDiagnoser]
public class NormalizationBenchmarks
{
    private const int Rows = 56 * 56;
    private const int Channels = 64;

    private static readonly BatchNormGeometry Batch = new(Rows, Channels, 1e-5f, 0.1f, Relu: true);
    private static readonly GroupNormGeometry Group = new(1, Rows, Channels, 32, 1e-5f, Relu: false);
    private static readonly LayerNormGeometry Layer = new(Rows, Channels, 1e-5f);
    private static readonly LocalResponseGeometry LocalResponse = new(Rows, Channels, 5, 1e-4f, 0.75f, 1f);

    private readonly List<IDisposable> _owned = [];
    private IKernels _kernels = null!;
    private Tensor _input = null!;
    private Tensor _output = null!;
    private Tensor _gradient = null!;
    private Tensor _inputGradient = null!;
    private Tensor _weights = null!;
    private Tensor _folded = null!;
    private Tensor _mean = null!;
    private Tensor _variance = null!;
    private Tensor _scale = null!;
    private Tensor _offset = null!;
    private NormParameters _parameters;
    private NormStatistics _channelStatistics;
    private NormStatistics _groupStatistics;
    private NormStatistics _rowStatistics;
    private NormGradients _gradients;

    /// <summary>Which kernels.</summary>
    [Params(Backend.Managed, Backend.Native)]
    public Backend Kernels { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        ComputeContext context = new(Kernels, threads: 1);
        _owned.Add(context);
        _kernels = context.Kernels;
        (_input, _output) = (New((Rows, Channels)), New((Rows, Channels)));
        (_gradient, _inputGradient) = (New((Rows, Channels)), New((Rows, Channels)));
        (_weights, _folded) = (New((Channels, 3, 3, Channels)), New((Channels, 3, 3, Channels)));
        (_mean, _variance, _scale, _offset) = (New(Channels), New(Channels), New(Channels), New(Channels));
        _variance.Fill(1);
        _parameters = new NormParameters(New(Channels), New(Channels));
        _gradients = new NormGradients(_inputGradient, New(Channels), New(Channels));
        _channelStatistics = new NormStatistics(New(Channels), New(Channels));
        _groupStatistics = new NormStatistics(New(Group.Groups), New(Group.Groups));
        _rowStatistics = new NormStatistics(New(Rows), New(Rows));
        BatchNormTrain();
        GroupNorm();
        LayerNorm();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _owned.ForEach(owned => owned.Dispose());
        _owned.Clear();
    }

    [Benchmark(Description = "BatchNorm and ReLU, training, 56x56x64")]
    public void BatchNormTrain()
    {
        RunningStatistics running = new(_mean, _variance);
        _kernels.BatchNormTrain(in Batch, in _parameters, in running, _input, _output, in _channelStatistics);
    }

    [Benchmark(Description = "BatchNorm and ReLU, inference")]
    public void BatchNormInfer() => _kernels.BatchNormInfer(in Batch, in _parameters, _mean, _variance, _input, _output);

    [Benchmark(Description = "BatchNorm and ReLU, backward")]
    public void BatchNormBackward() =>
        _kernels.BatchNormBackward(in Batch, in _parameters, in _channelStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "BatchNorm as scale and offset")]
    public void BatchNormScaleOffset() =>
        _kernels.BatchNormScaleOffset(in Batch, in _parameters, _mean, _variance, _scale, _offset);

    [Benchmark(Description = "BatchNorm folded into 3x3, 64 to 64")]
    public void BatchNormFold() =>
        _kernels.BatchNormFold(in Batch, in _parameters, _mean, _variance, _weights, null, _folded, _offset);

    [Benchmark(Description = "GroupNorm, 32 groups")]
    public void GroupNorm() => _kernels.GroupNorm(in Group, in _parameters, _input, _output, in _groupStatistics);

    [Benchmark(Description = "GroupNorm, backward")]
    public void GroupNormBackward() =>
        _kernels.GroupNormBackward(in Group, in _parameters, in _groupStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "LayerNorm over channels")]
    public void LayerNorm() => _kernels.LayerNorm(in Layer, in _parameters, _input, _output, in _rowStatistics);

    [Benchmark(Description = "LayerNorm, backward")]
    public void LayerNormBackward() =>
        _kernels.LayerNormBackward(in Layer, in _parameters, in _rowStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "LocalResponseNorm over 5 channels")]
    public void LocalResponseNorm() => _kernels.LocalResponseNorm(in LocalResponse, _input, _output);

    [Benchmark(Description = "LocalResponseNorm, backward")]
    public void LocalResponseNormBackward() =>
        _kernels.LocalResponseNormBackward(in LocalResponse, _input, _gradient, _inputGradient);

    private Tensor New(Shape shape)
    {
        Tensor tensor = BenchmarkTensors.Uniform(shape, _owned.Count);
        _owned.Add(tensor);
        return tensor;
    }
}
