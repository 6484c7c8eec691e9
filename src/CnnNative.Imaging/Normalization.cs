// The last step of a network's preprocessing. It works on tensors, because its results are no colours any more.

namespace CnnNative.Imaging;

/// <summary>Centres and scales the channels of pictures, as networks expect them.</summary>
public static class Normalization
{
    /// <summary>The mean of red, green and blue over ImageNet, for pictures from 0 to 1.</summary>
    public static ReadOnlySpan<float> ImageNetMean => [0.485f, 0.456f, 0.406f];

    /// <summary>The standard deviation of red, green and blue over ImageNet, for pictures from 0 to 1.</summary>
    public static ReadOnlySpan<float> ImageNetDeviation => [0.229f, 0.224f, 0.225f];

    /// <summary>(v - mean) / deviation, channel by channel.</summary>
    /// <param name="tensor">Values whose last dimension is the channels, such as batch x height x width x channels.</param>
    /// <param name="mean">One mean per channel.</param>
    /// <param name="deviation">One standard deviation per channel, not 0.</param>
    /// <returns>A new tensor of the same shape, which the caller disposes.</returns>
    /// <exception cref="ShapeException">There are not as many means or deviations as channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A deviation is not above 0.</exception>
    public static Tensor Normalize(this Tensor tensor, ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int channels = tensor.Shape[^1];
        if (mean.Length != channels || deviation.Length != channels)
        {
            throw new ShapeException(
                $"Normalize: {mean.Length} means and {deviation.Length} deviations were given, the tensor is {tensor.Shape};"
                + $" expected {channels} of each.");
        }

        foreach (float value in deviation)
        {
            if (!(value > 0f))
            {
                throw new ArgumentOutOfRangeException(nameof(deviation), value, "Expected deviations above 0.");
            }
        }

        Tensor result = tensor.Clone();
        using TensorAccess access = result.Access();
        Span<float> values = access.Values;
        for (int i = 0; i < values.Length; i += channels)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                values[i + channel] = (values[i + channel] - mean[channel]) / deviation[channel];
            }
        }

        return result;
    }
}
