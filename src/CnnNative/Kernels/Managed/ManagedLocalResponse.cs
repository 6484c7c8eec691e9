// Local response normalisation across channels, in double precision. Each window is added up anew: a running sum would carry
// the error of large channels on to small ones.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedLocalResponse
{
    /// <summary>output = input / sum ^ beta. Output may be the input.</summary>
    public static void Run(in LocalResponseGeometry geometry, ReadOnlySpan<float> input, Span<float> output)
    {
        int channels = geometry.Channels;
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        for (int start = 0; start < input.Length; start += channels)
        {
            FindSums(in geometry, input.Slice(start, channels), sums);
            for (int c = 0; c < channels; c++)
                output[start + c] = (float)(input[start + c] * Math.Pow(sums[c], -geometry.Beta));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>gradient = upstream sum ^ -beta - 2 alpha beta / size input (the sum of upstream input sum ^ (-beta - 1) over the
    /// channels whose window holds this one).</summary>
    public static void Backward(
        in LocalResponseGeometry geometry, ReadOnlySpan<float> input, ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        int channels = geometry.Channels, before = (geometry.Size - 1) / 2, after = geometry.Size / 2;
        double slope = 2.0 * geometry.Alpha * geometry.Beta / geometry.Size;
        double[] rented = ArrayPool<double>.Shared.Rent(checked(2 * channels));
        Span<double> sums = rented.AsSpan(0, channels), products = rented.AsSpan(channels, channels);
        for (int start = 0; start < input.Length; start += channels)
        {
            FindSums(in geometry, input.Slice(start, channels), sums);
            for (int c = 0; c < channels; c++)
            {
                double power = Math.Pow(sums[c], -geometry.Beta);
                products[c] = upstream[start + c] * input[start + c] * power / sums[c];
                sums[c] = power;
            }

            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int i = Math.Max(0, c - after); i <= Math.Min(channels - 1, c + before); i++)
                    sum += products[i];
                gradient[start + c] = (float)(upstream[start + c] * sums[c] - slope * input[start + c] * sum);
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>bias + alpha / size times the squares of each channel's window.</summary>
    private static void FindSums(in LocalResponseGeometry geometry, ReadOnlySpan<float> row, Span<double> sums)
    {
        int before = (geometry.Size - 1) / 2, after = geometry.Size / 2;
        for (int c = 0; c < row.Length; c++)
        {
            double sum = 0;
            for (int i = Math.Max(0, c - before); i <= Math.Min(row.Length - 1, c + after); i++)
                sum += (double)row[i] * row[i];
            sums[c] = geometry.Bias + (double)geometry.Alpha / geometry.Size * sum;
        }
    }
}
