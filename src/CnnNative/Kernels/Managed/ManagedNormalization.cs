// Normalisation by a sample's own statistics: the mean first, then the squares of what is left, so that nothing cancels; all in
// double precision, for each channel, from which those of a group follow.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedNormalization
{
    /// <summary>output = gamma (input - mean) / sqrt(variance + epsilon) + beta, and a ReLU where the shape has one. Output may
    /// be the input; gamma and beta may be empty.</summary>
    public static void Run(
        in NormShape shape, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> input, Span<float> output,
        in NormResults results)
    {
        int channels = shape.Channels;
        double[] rented = ArrayPool<double>.Shared.Rent(checked(3 * channels));
        Span<double> mean = rented.AsSpan(0, channels), scale = rented.AsSpan(channels, channels);
        Span<double> offset = rented.AsSpan(2 * channels, channels);
        for (int c = 0; c < channels; c++)
            offset[c] = beta.IsEmpty ? 0 : beta[c];

        for (int sample = 0; sample < shape.Samples; sample++)
        {
            ReadOnlySpan<float> elements = input.Slice(sample * shape.SampleLength, shape.SampleLength);
            FindStatistics(in shape, elements, mean, variance: scale);
            Keep(in shape, sample, mean, scale, in results);
            for (int c = 0; c < channels; c += shape.Depth)
                scale.Slice(c, shape.Depth).Fill(1 / Math.Sqrt(scale[c] + shape.Epsilon));
            for (int c = 0; c < gamma.Length; c++)
                scale[c] *= gamma[c];

            Apply(shape.Relu, elements, mean, scale, offset, output.Slice(sample * shape.SampleLength, shape.SampleLength));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>output = (input - mean) scale + offset, row by row of a value for each channel, and a ReLU; a NaN stays NaN.
    /// </summary>
    public static void Apply(
        bool relu, ReadOnlySpan<float> input, ReadOnlySpan<double> mean, ReadOnlySpan<double> scale, ReadOnlySpan<double> offset,
        Span<float> output)
    {
        for (int start = 0; start < input.Length; start += mean.Length)
            DoubleSums.Normalize(input.Slice(start, mean.Length), mean, scale, offset, output.Slice(start, mean.Length));
        if (relu)
            ManagedActivation.Run(Activation.Relu, output, output);
    }

    /// <summary>The mean and the variance of each channel's group.</summary>
    private static void FindStatistics(
        in NormShape shape, ReadOnlySpan<float> elements, Span<double> mean, Span<double> variance)
    {
        int channels = shape.Channels;
        mean.Clear();
        variance.Clear();
        for (int start = 0; start < elements.Length; start += channels)
            DoubleSums.Add(mean, elements.Slice(start, channels));
        shape.AverageGroups(mean);

        for (int start = 0; start < elements.Length; start += channels)
            DoubleSums.AddSquares(variance, elements.Slice(start, channels), mean);
        shape.AverageGroups(variance);
    }

    /// <summary>Writes the statistics of a sample's groups, and takes them into the running ones.</summary>
    private static void Keep(
        in NormShape shape, int sample, ReadOnlySpan<double> mean, ReadOnlySpan<double> variance, in NormResults results)
    {
        double keep = 1 - results.Momentum, unbiased = shape.Count / (shape.Count - 1);
        for (int group = 0; group < shape.Groups; group++)
        {
            int c = group * shape.Depth;
            results.Mean[sample * shape.Groups + group] = (float)mean[c];
            results.Inverse[sample * shape.Groups + group] = (float)(1 / Math.Sqrt(variance[c] + shape.Epsilon));
            if (!results.RunningMean.IsEmpty)
                results.RunningMean[group] = (float)(keep * results.RunningMean[group] + results.Momentum * mean[c]);
            if (!results.RunningVariance.IsEmpty)
            {
                double running = keep * results.RunningVariance[group];
                results.RunningVariance[group] = (float)(running + results.Momentum * unbiased * variance[c]);
            }
        }
    }
}
