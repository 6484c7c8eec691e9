// One benchmark for each function of normalisation on a shape from a network that people run, on both kernel sets with one
// thread. Tensors are made once, as a training loop has them, so the kernels alone are measured.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Normalisation of 56 x 56 x 64 elements.</summary>
public class NormalizationBenchmarks : KernelBenchmarks
{
    private const int Rows = 56 * 56;
    private const int Channels = 64;

    private static readonly BatchNormGeometry Batch = new(Rows, Channels, 1e-5f, 0.1f, Relu: true);
    private static readonly GroupNormGeometry Group = new(1, Rows, Channels, 32, 1e-5f, Relu: false);
    private static readonly LayerNormGeometry Layer = new(Rows, Channels, 1e-5f);
    private static readonly LocalResponseGeometry LocalResponse = new(Rows, Channels, 5, 1e-4f, 0.75f, 1f);

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

    [Benchmark(Description = "BatchNorm and ReLU, training, 56x56x64")]
    public void BatchNormTrain()
    {
        RunningStatistics running = new(_mean, _variance);
        Kernels.BatchNormTrain(in Batch, in _parameters, in running, _input, _output, in _channelStatistics);
    }

    [Benchmark(Description = "BatchNorm and ReLU, inference")]
    public void BatchNormInfer() => Kernels.BatchNormInfer(in Batch, in _parameters, _mean, _variance, _input, _output);

    [Benchmark(Description = "BatchNorm and ReLU, backward")]
    public void BatchNormBackward() =>
        Kernels.BatchNormBackward(in Batch, in _parameters, in _channelStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "BatchNorm as scale and offset")]
    public void BatchNormScaleOffset() =>
        Kernels.BatchNormScaleOffset(in Batch, in _parameters, _mean, _variance, _scale, _offset);

    [Benchmark(Description = "BatchNorm folded into 3x3, 64 to 64")]
    public void BatchNormFold() =>
        Kernels.BatchNormFold(in Batch, in _parameters, _mean, _variance, _weights, null, _folded, _offset);

    [Benchmark(Description = "GroupNorm, 32 groups")]
    public void GroupNorm() => Kernels.GroupNorm(in Group, in _parameters, _input, _output, in _groupStatistics);

    [Benchmark(Description = "GroupNorm, backward")]
    public void GroupNormBackward() =>
        Kernels.GroupNormBackward(in Group, in _parameters, in _groupStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "LayerNorm over channels")]
    public void LayerNorm() => Kernels.LayerNorm(in Layer, in _parameters, _input, _output, in _rowStatistics);

    [Benchmark(Description = "LayerNorm, backward")]
    public void LayerNormBackward() =>
        Kernels.LayerNormBackward(in Layer, in _parameters, in _rowStatistics, _input, _gradient, in _gradients);

    [Benchmark(Description = "LocalResponseNorm over 5 channels")]
    public void LocalResponseNorm() => Kernels.LocalResponseNorm(in LocalResponse, _input, _output);

    [Benchmark(Description = "LocalResponseNorm, backward")]
    public void LocalResponseNormBackward() =>
        Kernels.LocalResponseNormBackward(in LocalResponse, _input, _gradient, _inputGradient);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        (_input, _output) = (Uniform((Rows, Channels)), Uniform((Rows, Channels)));
        (_gradient, _inputGradient) = (Uniform((Rows, Channels)), Uniform((Rows, Channels)));
        (_weights, _folded) = (Uniform((Channels, 3, 3, Channels)), Uniform((Channels, 3, 3, Channels)));
        (_mean, _variance, _scale, _offset) = (Uniform(Channels), Uniform(Channels), Uniform(Channels), Uniform(Channels));
        _variance.Fill(1);
        _parameters = new NormParameters(Uniform(Channels), Uniform(Channels));
        _gradients = new NormGradients(_inputGradient, Uniform(Channels), Uniform(Channels));
        _channelStatistics = new NormStatistics(Uniform(Channels), Uniform(Channels));
        _groupStatistics = new NormStatistics(Uniform(Group.Groups), Uniform(Group.Groups));
        _rowStatistics = new NormStatistics(Uniform(Rows), Uniform(Rows));
        BatchNormTrain();
        GroupNorm();
        LayerNorm();
    }
}
