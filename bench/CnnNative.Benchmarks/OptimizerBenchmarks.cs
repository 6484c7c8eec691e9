// Steps of optimisers over as many parameters as a layer of a few million has: more than the inner caches hold.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Steps over 2 359 296 parameters, which is a 3x3 convolution of 512 to 512 channels.</summary>
public class OptimizerBenchmarks : KernelBenchmarks
{
    private Tensor _parameters = null!;
    private Tensor _gradient = null!;
    private Tensor _first = null!;
    private Tensor _second = null!;

    [Benchmark(Description = "SGD, 512x3x3x512 parameters")]
    public void Sgd() => Step(OptimizerRule.Sgd(0.001));

    [Benchmark(Description = "SGD with Nesterov's momentum and decay, 512x3x3x512 parameters")]
    public void SgdMomentum() => Step(OptimizerRule.Sgd(0.001, 0.9, nesterov: true, weightDecay: 1e-4));

    [Benchmark(Description = "Adam, 512x3x3x512 parameters")]
    public void Adam() => Step(OptimizerRule.Adam());

    [Benchmark(Description = "AdamW, 512x3x3x512 parameters")]
    public void AdamW() => Step(OptimizerRule.AdamW());

    [Benchmark(Description = "RMSProp, 512x3x3x512 parameters")]
    public void RmsProp() => Step(OptimizerRule.RmsProp());

    [Benchmark(Description = "SumOfSquares, 512x3x3x512 parameters")]
    public double SumOfSquares() => Kernels.SumOfSquares(_gradient);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        Shape shape = (512, 3, 3, 512);
        _parameters = Uniform(shape);
        _gradient = Uniform(shape);
        _first = Own(Tensor.Zeros(shape));
        _second = Own(Tensor.Zeros(shape));
    }

    private void Step(in OptimizerRule rule) => Kernels.OptimizerStep(
        in rule, _parameters, _gradient, rule.HasFirst ? _first : null, rule.HasSecond ? _second : null);
}
