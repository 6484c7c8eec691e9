// Pooling: each window is a walk over its pixels inside the input, and a pixel is a row of channels that vectors run along.
// Means are sums in double precision, rounded once.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedPooling
{
    /// <summary>The largest element of each window: NaN if one of them is NaN, negative infinity if the window covers none.
    /// </summary>
    public static void Max(in PoolShape shape, ReadOnlySpan<float> input, Span<float> output)
    {
        int channels = shape.Channels, at = 0;
        output.Fill(float.NegativeInfinity);
        for (int row = 0; row < shape.Batch * shape.OutputHeight; row++)
        {
            (int image, int outputY) = Math.DivRem(row, shape.OutputHeight);
            PoolTaps vertical = shape.Vertical.At(outputY);
            for (int outputX = 0; outputX < shape.OutputWidth; outputX++, at += channels)
            {
                Span<float> result = output.Slice(at, channels);
                PoolTaps horizontal = shape.Horizontal.At(outputX);
                for (int tap = 0; tap < vertical.Count * horizontal.Count; tap++)
                {
                    int pixel = image * shape.Plane + Position(in shape, in vertical, in horizontal, tap);
                    ElementLoop.Run<Maximum>(result, input.Slice(pixel * channels, channels), result);
                }
            }
        }
    }

    /// <summary><see cref="Max"/> that also tells where in the plane each maximum is: the first of equal ones, the first NaN if
    /// there is one, -1 if the window covers no element.</summary>
    public static void MaxIndexed(in PoolShape shape, ReadOnlySpan<float> input, Span<float> output, Span<int> positions)
    {
        int channels = shape.Channels, at = 0;
        for (int row = 0; row < shape.Batch * shape.OutputHeight; row++)
        {
            (int image, int outputY) = Math.DivRem(row, shape.OutputHeight);
            ReadOnlySpan<float> picture = input.Slice(image * shape.Plane * channels, shape.Plane * channels);
            PoolTaps vertical = shape.Vertical.At(outputY);
            for (int outputX = 0; outputX < shape.OutputWidth; outputX++, at += channels)
            {
                PoolTaps horizontal = shape.Horizontal.At(outputX);
                FindMaxima(
                    in shape, picture, in vertical, in horizontal, firstChannel: 0, output.Slice(at, channels),
                    positions.Slice(at, channels));
            }
        }
    }

    /// <summary>The mean of each window, 0 if it covers no element.</summary>
    public static void Average(in PoolShape shape, ReadOnlySpan<float> input, Span<float> output)
    {
        int channels = shape.Channels, at = 0;
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        for (int row = 0; row < shape.Batch * shape.OutputHeight; row++)
        {
            (int image, int outputY) = Math.DivRem(row, shape.OutputHeight);
            PoolTaps vertical = shape.Vertical.At(outputY);
            for (int outputX = 0; outputX < shape.OutputWidth; outputX++, at += channels)
            {
                PoolTaps horizontal = shape.Horizontal.At(outputX);
                sums.Clear();
                for (int tap = 0; tap < vertical.Count * horizontal.Count; tap++)
                {
                    int pixel = image * shape.Plane + Position(in shape, in vertical, in horizontal, tap);
                    DoubleSums.Add(sums, input.Slice(pixel * channels, channels));
                }

                long divisor = Math.Max(1, (long)vertical.Divisor * horizontal.Divisor);
                DoubleSums.Divide(sums, divisor, output.Slice(at, channels));
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The mean over the pixels of each image and channel: batch x pixels x channels to batch x channels.</summary>
    public static void GlobalAverage(int batch, long pixels, int channels, ReadOnlySpan<float> input, Span<float> output)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        int position = 0;
        for (int image = 0; image < batch; image++)
        {
            sums.Clear();
            for (long pixel = 0; pixel < pixels; pixel++, position += channels)
                DoubleSums.Add(sums, input.Slice(position, channels));
            DoubleSums.Divide(sums, pixels, output.Slice(image * channels, channels));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The maxima of one window, and their positions, for as many channels from <paramref name="firstChannel"/> on as
    /// the results hold.</summary>
    public static void FindMaxima(
        in PoolShape shape, ReadOnlySpan<float> picture, in PoolTaps vertical, in PoolTaps horizontal, int firstChannel,
        Span<float> maxima, Span<int> positions)
    {
        maxima.Fill(float.NegativeInfinity);
        positions.Fill(-1);
        for (int tap = 0; tap < vertical.Count * horizontal.Count; tap++)
        {
            int position = Position(in shape, in vertical, in horizontal, tap);
            ReadOnlySpan<float> pixel = picture.Slice(position * shape.Channels + firstChannel, maxima.Length);
            for (int c = 0; c < pixel.Length; c++)
            {
                bool first = positions[c] < 0;
                if (first || pixel[c] > maxima[c] || (float.IsNaN(pixel[c]) && !float.IsNaN(maxima[c])))
                {
                    maxima[c] = pixel[c];
                    positions[c] = position;
                }
            }
        }
    }

    /// <summary>Where in the plane a tap of a window lies; taps count row by row.</summary>
    public static int Position(in PoolShape shape, in PoolTaps vertical, in PoolTaps horizontal, int tap)
    {
        (int tapY, int tapX) = Math.DivRem(tap, horizontal.Count);
        int row = vertical.Start + tapY * vertical.Step;
        return row * shape.Horizontal.Window.Input + horizontal.Start + tapX * horizontal.Step;
    }
}
