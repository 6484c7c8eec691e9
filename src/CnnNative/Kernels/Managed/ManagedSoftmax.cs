// Softmax in double precision: an oracle should differ from the true value by the last rounding only.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedSoftmax
{
    /// <summary>Makes each of <paramref name="rows"/> rows of <paramref name="channels"/> elements positive and sum to 1. The
    /// row's maximum is subtracted first, so that no exponential overflows. Output may be the input.</summary>
    public static void Run(long rows, int channels, ReadOnlySpan<float> input, Span<float> output)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> exponentials = rented.AsSpan(0, channels);
        for (long row = 0; row < rows; row++)
        {
            int start = checked((int)(row * channels));
            ReadOnlySpan<float> logits = input.Slice(start, channels);
            double maximum = double.NegativeInfinity;
            foreach (float logit in logits)
                maximum = Math.Max(maximum, logit);

            double sum = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                exponentials[channel] = Math.Exp(logits[channel] - maximum);
                sum += exponentials[channel];
            }

            for (int channel = 0; channel < channels; channel++)
                output[start + channel] = (float)(exponentials[channel] / sum);
        }

        ArrayPool<double>.Shared.Return(rented);
    }
}
