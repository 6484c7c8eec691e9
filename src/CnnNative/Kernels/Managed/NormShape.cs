// The one shape of all normalisations: samples of pixels, whose channels fall into groups that share a mean and a variance. A
// batch normalisation is one sample whose groups are its channels, a layer normalisation has rows of one pixel and one group.

namespace CnnNative.Kernels.Managed;

/// <summary>Samples x Pixels x Groups x Depth elements, with a mean and a variance for each group of a sample.</summary>
internal readonly record struct NormShape(int Samples, int Pixels, int Groups, int Depth, float Epsilon, bool Relu)
{
    public int Channels => Groups * Depth;

    /// <summary>The elements of a sample.</summary>
    public int SampleLength => Pixels * Channels;

    /// <summary>The elements that share a mean.</summary>
    public double Count => (double)Pixels * Depth;

    public static implicit operator NormShape(in BatchNormGeometry geometry) =>
        new(1, geometry.Rows, geometry.Channels, 1, geometry.Epsilon, geometry.Relu);

    public static implicit operator NormShape(in GroupNormGeometry geometry) => new(
        geometry.Batch, geometry.Pixels, geometry.Groups, geometry.Channels / geometry.Groups, geometry.Epsilon, geometry.Relu);

    public static implicit operator NormShape(in LayerNormGeometry geometry) =>
        new(geometry.Rows, 1, 1, geometry.Length, geometry.Epsilon, Relu: false);

    /// <summary>Replaces each value by the sum of its group, divided by the elements of a group.</summary>
    public void AverageGroups(Span<double> channels)
    {
        for (int start = 0; start < channels.Length; start += Depth)
        {
            double sum = 0;
            foreach (double value in channels.Slice(start, Depth))
                sum += value;
            channels.Slice(start, Depth).Fill(sum / Count);
        }
    }
}

/// <summary>What a forward pass writes beside its output; running statistics may be empty.</summary>
internal readonly ref struct NormResults(
    Span<float> mean, Span<float> inverse, Span<float> runningMean, Span<float> runningVariance, double momentum)
{
    public readonly Span<float> Mean = mean;
    public readonly Span<float> Inverse = inverse;
    public readonly Span<float> RunningMean = runningMean;
    public readonly Span<float> RunningVariance = runningVariance;
    public readonly double Momentum = momentum;
}

/// <summary>What a backward pass reads; parameters may be empty.</summary>
internal readonly ref struct NormArguments(
    ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> mean, ReadOnlySpan<float> inverse,
    ReadOnlySpan<float> input, ReadOnlySpan<float> upstream)
{
    public readonly ReadOnlySpan<float> Gamma = gamma;
    public readonly ReadOnlySpan<float> Beta = beta;
    public readonly ReadOnlySpan<float> Mean = mean;
    public readonly ReadOnlySpan<float> Inverse = inverse;
    public readonly ReadOnlySpan<float> Input = input;
    public readonly ReadOnlySpan<float> Upstream = upstream;
}
