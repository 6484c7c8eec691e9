// Resizing in C#: for each output row the input rows that it is made of are summed into one, and that is summed along itself,
// both in double precision.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedResize
{
    /// <summary>Resizes images of <paramref name="channels"/> channels.</summary>
    public static void Run(
        int batch, int channels, ResizeTaps rows, ResizeTaps columns, ReadOnlySpan<float> source, Span<float> target)
    {
        int sourceRow = columns.Inputs * channels, targetRow = columns.Outputs * channels;
        double[] rented = ArrayPool<double>.Shared.Rent(sourceRow);
        Span<double> sum = rented.AsSpan(0, sourceRow);
        for (int row = 0; row < batch * rows.Outputs; row++)
        {
            int image = row / rows.Outputs, y = row % rows.Outputs;
            ReadOnlySpan<float> pixels = source.Slice(image * rows.Inputs * sourceRow, rows.Inputs * sourceRow);
            SumRows(rows.Positions(y), rows.Weights(y), pixels, sum);
            Span<float> output = target.Slice(row * targetRow, targetRow);
            for (int x = 0; x < columns.Outputs; x++)
                SumPixels(columns.Positions(x), columns.Weights(x), sum, output.Slice(x * channels, channels));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The first product is stored and not added to 0, which would change the sign of -0.</summary>
    private static void SumRows(
        ReadOnlySpan<int> positions, ReadOnlySpan<double> weights, ReadOnlySpan<float> pixels, Span<double> sum)
    {
        sum.Clear();
        for (int tap = 0; tap < positions.Length; tap++)
        {
            ReadOnlySpan<float> row = pixels.Slice(positions[tap] * sum.Length, sum.Length);
            double weight = weights[tap];
            for (int i = 0; i < row.Length; i++)
                sum[i] = tap == 0 ? weight * row[i] : sum[i] + weight * row[i];
        }
    }

    private static void SumPixels(
        ReadOnlySpan<int> positions, ReadOnlySpan<double> weights, ReadOnlySpan<double> row, Span<float> pixel)
    {
        for (int channel = 0; channel < pixel.Length; channel++)
        {
            double sum = 0;
            for (int tap = 0; tap < positions.Length; tap++)
            {
                double product = weights[tap] * row[positions[tap] * pixel.Length + channel];
                sum = tap == 0 ? product : sum + product;
            }

            pixel[channel] = (float)sum;
        }
    }
}
