// Losses with their gradients: a batch of ImageNet's classes, and as many single elements.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Losses of 128 x 1000 elements with their gradients.</summary>
public class LossBenchmarks : KernelBenchmarks
{
    private Tensor _logits = null!;
    private Tensor _targets = null!;
    private Tensor _gradient = null!;
    private Tensor _labels = null!;

    [Benchmark(Description = "CrossEntropy, 128 rows of 1000 classes")]
    public double CrossEntropy() => Kernels.CrossEntropy(new CrossEntropyOptions(), _logits, _labels, null, _gradient);

    [Benchmark(Description = "SoftCrossEntropy, 128 rows of 1000 classes")]
    public double SoftCrossEntropy() => Kernels.SoftCrossEntropy(new CrossEntropyOptions(), _logits, _targets, null, _gradient);

    [Benchmark(Description = "Binary cross-entropy, 128x1000")]
    public double BinaryCrossEntropy() => Loss(LossKind.BinaryCrossEntropyWithLogits);

    [Benchmark(Description = "Mean squared error, 128x1000")]
    public double MeanSquaredError() => Loss(LossKind.MeanSquaredError);

    [Benchmark(Description = "Absolute error, 128x1000")]
    public double AbsoluteError() => Loss(LossKind.AbsoluteError);

    [Benchmark(Description = "Huber's loss, 128x1000")]
    public double Huber() => Loss(LossKind.Huber);

    [Benchmark(Description = "Focal loss, 128x1000")]
    public double Focal() => Loss(LossKind.Focal);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        _logits = Uniform((128, 1000));
        _targets = Uniform((128, 1000));
        _gradient = Uniform((128, 1000));
        _labels = Own(IntegerElements.Create([.. Enumerable.Range(0, 128)]));
        using TensorAccess access = _targets.Access();
        foreach (ref float value in access.Values)
            value = Math.Abs(value);
    }

    private double Loss(LossKind kind) => Kernels.Loss(new LossFunction(kind), _logits, _targets, null, _gradient);
}
