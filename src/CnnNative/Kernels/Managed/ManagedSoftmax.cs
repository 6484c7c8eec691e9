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

    /// <summary>x - max - log(sum of exp(x - max)) for each row of <paramref name="channels"/> elements. Output may be the
    /// input.</summary>
    public static void Logarithm(int channels, ReadOnlySpan<float> input, Span<float> output)
    {
        for (int start = 0; start < input.Length; start += channels)
        {
            ReadOnlySpan<float> logits = input.Slice(start, channels);
            double maximum = double.NegativeInfinity, sum = 0;
            foreach (float logit in logits)
                maximum = Math.Max(maximum, logit);
            foreach (float logit in logits)
                sum += Math.Exp(logit - maximum);

            double shift = maximum + Math.Log(sum);
            for (int c = 0; c < channels; c++)
                output[start + c] = (float)(logits[c] - shift);
        }
    }

    /// <summary>result (upstream - sum of result upstream), row by row. The gradient may be either argument.</summary>
    public static void Backward(int channels, ReadOnlySpan<float> result, ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        for (int start = 0; start < result.Length; start += channels)
        {
            double sum = 0;
            for (int i = start; i < start + channels; i++)
                sum += (double)result[i] * upstream[i];
            for (int i = start; i < start + channels; i++)
                gradient[i] = (float)(result[i] * (upstream[i] - sum));
        }
    }

    /// <summary>upstream - exp(result) times the sum of upstream, row by row. The gradient may be either argument.</summary>
    public static void LogarithmBackward(
        int channels, ReadOnlySpan<float> result, ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        for (int start = 0; start < result.Length; start += channels)
        {
            double sum = 0;
            for (int i = start; i < start + channels; i++)
                sum += upstream[i];
            for (int i = start; i < start + channels; i++)
                gradient[i] = (float)(upstream[i] - Math.Exp(result[i]) * sum);
        }
    }
}
