// Arithmetic, sums, random numbers and dropout on a batch of feature maps: work that the memory limits in the best case.

using BenchmarkDotNet.Attributes;
using CnnNative.Kernels;

namespace CnnNative.Benchmarks;

/// <summary>Element-wise work on 8 x 56 x 56 x 64 elements.</summary>
public class ElementwiseBenchmarks : KernelBenchmarks
{
    private static readonly DropoutMask Mask = new(0.5f, new RandomSequence(1));

    private Tensor _left = null!;
    private Tensor _right = null!;
    private Tensor _channels = null!;
    private Tensor _pixels = null!;
    private Tensor _output = null!;

    [Benchmark(Description = "Add and ReLU, 8x56x56x64")]
    public void AddRelu() => Kernels.Add(_left, _right, Activation.Relu, _output);

    [Benchmark(Description = "Multiply, 8x56x56x64")]
    public void Multiply() => Kernels.Binary(BinaryOperation.Multiply, _left, _right, _output);

    [Benchmark(Description = "Multiply by channel, 8x56x56x64")]
    public void MultiplyByChannel() => Kernels.Binary(BinaryOperation.Multiply, _left, _channels, _output);

    [Benchmark(Description = "Multiply by pixel, 8x56x56x64")]
    public void MultiplyByPixel() => Kernels.Binary(BinaryOperation.Multiply, _left, _pixels, _output);

    [Benchmark(Description = "Divide, 8x56x56x64")]
    public void Divide() => Kernels.Binary(BinaryOperation.Divide, _left, _right, _output);

    [Benchmark(Description = "Exponential, 8x56x56x64")]
    public void Exponential() => Kernels.Unary(UnaryOperation.Exponential, 0, _left, _output);

    [Benchmark(Description = "Square root, 8x56x56x64")]
    public void SquareRoot() => Kernels.Unary(UnaryOperation.SquareRoot, 0, _left, _output);

    [Benchmark(Description = "Third power, 8x56x56x64")]
    public void ThirdPower() => Kernels.Unary(UnaryOperation.Power, 3, _left, _output);

    [Benchmark(Description = "Sums of channels, 8x56x56x64")]
    public void SumOfChannels() => Kernels.ReduceSum(_left, 1, false, _channels);

    [Benchmark(Description = "Sums of pixels, 8x56x56x64")]
    public void SumOfPixels() => Kernels.ReduceSum(_left, 1, false, _pixels);

    [Benchmark(Description = "Fill, 8x56x56x64")]
    public void Fill() => Kernels.Fill(1, _output);

    [Benchmark(Description = "Range, 8x56x56x64")]
    public void Range() => Kernels.Range(0, 0.5, _output);

    [Benchmark(Description = "Uniform numbers, 8x56x56x64")]
    public void RandomUniform() => Kernels.RandomUniform(Mask.Sequence, -1, 1, _output);

    [Benchmark(Description = "Normal numbers, 8x56x56x64")]
    public void RandomNormal() => Kernels.RandomNormal(Mask.Sequence, 0, 1, _output);

    [Benchmark(Description = "Dropout, 8x56x56x64")]
    public void Dropout() => Kernels.Dropout(in Mask, _left, _output);

    [Benchmark(Description = "Gradient of dropout, 8x56x56x64")]
    public void DropoutBackward() => Kernels.DropoutBackward(in Mask, _right, _output);

    [Benchmark(Description = "Dropout of channels, 8x56x56x64")]
    public void SpatialDropout() => Kernels.SpatialDropout(in Mask, _left, _output);

    [Benchmark(Description = "Gradient of dropout of channels, 8x56x56x64")]
    public void SpatialDropoutBackward() => Kernels.SpatialDropoutBackward(in Mask, _right, _output);

    /// <inheritdoc/>
    protected override void MakeTensors()
    {
        Shape shape = (8, 56, 56, 64);
        (_left, _right, _output) = (Uniform(shape), Uniform(shape), Uniform(shape));
        (_channels, _pixels) = (Uniform(64), Uniform((8, 56, 56, 1)));
    }
}
