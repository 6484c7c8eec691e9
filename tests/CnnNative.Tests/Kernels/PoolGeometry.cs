// What the tests of pooling share: one name for sliding and adaptive windows, so that a test serves both, and everything that a
// set of kernels makes of them.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

/// <summary>Either kind of window, so that one test serves both.</summary>
internal readonly record struct PoolGeometry(Pool2dGeometry? Sliding, AdaptivePool2dGeometry Adaptive)
{
    public static implicit operator PoolGeometry(Pool2dGeometry geometry) => new(geometry, default);

    public static implicit operator PoolGeometry(AdaptivePool2dGeometry geometry) => new(null, geometry);

    public void Max(IKernels kernels, Tensor input, Tensor output, Tensor? positions)
    {
        if (Sliding is not { } sliding)
            kernels.AdaptiveMaxPool2d(Adaptive, input, output, positions);
        else if (positions is null)
            kernels.MaxPool2d(sliding, input, output);
        else
            kernels.MaxPool2dIndexed(sliding, input, output, positions);
    }

    public void MaxBackward(IKernels kernels, Tensor? input, Tensor? positions, Tensor upstream, Tensor gradient)
    {
        if (Sliding is { } sliding)
            kernels.MaxPool2dBackward(sliding, input, positions, upstream, gradient);
        else
            kernels.AdaptiveMaxPool2dBackward(Adaptive, input, positions, upstream, gradient);
    }

    public void Average(IKernels kernels, Tensor input, Tensor output)
    {
        if (Sliding is { } sliding)
            kernels.AveragePool2d(sliding, input, output);
        else
            kernels.AdaptiveAveragePool2d(Adaptive, input, output);
    }

    public void AverageBackward(IKernels kernels, Tensor upstream, Tensor gradient)
    {
        if (Sliding is { } sliding)
            kernels.AveragePool2dBackward(sliding, upstream, gradient);
        else
            kernels.AdaptiveAveragePool2dBackward(Adaptive, upstream, gradient);
    }
}

/// <summary>All that one set of kernels makes of a geometry.</summary>
internal sealed class PoolResults : IDisposable
{
    private readonly List<Tensor> _all = [];

    public PoolResults(IKernels kernels, Shape inputShape, Shape outputShape, PoolGeometry geometry)
    {
        using Tensor input = KernelPair.Values(inputShape, 1), upstream = KernelPair.Values(outputShape, 2);
        (Maxima, IndexedMaxima, Positions, Means) =
            (New(outputShape), New(outputShape), New(outputShape), New(outputShape));
        (MaximaGradient, FoundGradient, MeansGradient) = (New(inputShape), New(inputShape), New(inputShape));
        geometry.Max(kernels, input, Maxima, null);
        geometry.Max(kernels, input, IndexedMaxima, Positions);
        geometry.MaxBackward(kernels, null, Positions, upstream, MaximaGradient);
        geometry.MaxBackward(kernels, input, null, upstream, FoundGradient);
        geometry.Average(kernels, input, Means);
        geometry.AverageBackward(kernels, upstream, MeansGradient);
    }

    public Tensor Maxima { get; }

    public Tensor IndexedMaxima { get; }

    public Tensor Positions { get; }

    public Tensor Means { get; }

    public Tensor MaximaGradient { get; }

    public Tensor FoundGradient { get; }

    public Tensor MeansGradient { get; }

    public void Dispose() => _all.ForEach(tensor => tensor.Dispose());

    private Tensor New(Shape shape)
    {
        _all.Add(KernelPair.Unwritten(shape));
        return _all[^1];
    }
}
