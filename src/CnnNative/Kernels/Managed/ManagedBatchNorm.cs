// Batch normalisation with given statistics: on its own, as a scale and an offset, and folded into the convolution before it.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedBatchNorm
{
    /// <summary>output = gamma (input - mean) / sqrt(variance + epsilon) + beta, and a ReLU where the geometry has one. Output
    /// may be the input; gamma and beta may be empty.</summary>
    public static void Infer(
        in BatchNormGeometry geometry, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance, ReadOnlySpan<float> input, Span<float> output)
    {
        int channels = geometry.Channels;
        double[] rented = ArrayPool<double>.Shared.Rent(checked(3 * channels));
        Span<double> center = rented.AsSpan(0, channels), scale = rented.AsSpan(channels, channels);
        Span<double> offset = rented.AsSpan(2 * channels, channels);
        for (int c = 0; c < channels; c++)
        {
            center[c] = mean[c];
            scale[c] = Scale(in geometry, gamma, variance, c);
            offset[c] = beta.IsEmpty ? 0 : beta[c];
        }

        ManagedNormalization.Apply(geometry.Relu, input, center, scale, offset, output);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>scale = gamma / sqrt(variance + epsilon), offset = beta - mean scale.</summary>
    public static void ScaleOffset(
        in BatchNormGeometry geometry, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance, Span<float> scale, Span<float> offset)
    {
        for (int c = 0; c < geometry.Channels; c++)
        {
            double factor = Scale(in geometry, gamma, variance, c);
            scale[c] = (float)factor;
            offset[c] = (float)((beta.IsEmpty ? 0 : beta[c]) - mean[c] * factor);
        }
    }

    /// <summary>foldedWeights = weights scale, foldedBias = bias scale + offset, for each output channel. What is folded may be
    /// the result; bias, gamma and beta may be empty.</summary>
    public static void Fold(
        in BatchNormGeometry geometry, ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta, ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> foldedWeights,
        Span<float> foldedBias)
    {
        int filter = weights.Length / geometry.Channels;
        for (int c = 0; c < geometry.Channels; c++)
        {
            double factor = Scale(in geometry, gamma, variance, c);
            double shift = (bias.IsEmpty ? 0.0 : bias[c]) - mean[c];
            for (int i = c * filter; i < (c + 1) * filter; i++)
                foldedWeights[i] = (float)(weights[i] * factor);
            foldedBias[c] = (float)(shift * factor + (beta.IsEmpty ? 0 : beta[c]));
        }
    }

    private static double Scale(
        in BatchNormGeometry geometry, ReadOnlySpan<float> gamma, ReadOnlySpan<float> variance, int channel) =>
        (gamma.IsEmpty ? 1 : gamma[channel]) / Math.Sqrt((double)variance[channel] + geometry.Epsilon);
}
