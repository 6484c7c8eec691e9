// Pooling: each window is a walk over its pixels inside the input, and a pixel is a row of channels that vectors run along.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedPooling
{
    /// <summary>The largest element of each window: NaN if one of them is NaN, negative infinity if the window covers none.
    /// </summary>
    public static void Max(in Pool2dGeometry geometry, ReadOnlySpan<float> input, Span<float> output)
    {
        output.Fill(float.NegativeInfinity);
        Accumulate<Maximum>(geometry, input, output);
    }

    /// <summary>The mean of each window, 0 if it covers no element.</summary>
    public static void Average(in Pool2dGeometry geometry, ReadOnlySpan<float> input, Span<float> output)
    {
        output.Clear();
        Accumulate<Sum>(geometry, input, output);
        for (int pixel = 0; pixel < output.Length / geometry.Channels; pixel++)
        {
            (int row, int outputX) = Math.DivRem(pixel, geometry.Horizontal.Output);
            int outputY = row % geometry.Vertical.Output;
            int divisor = CountTaps(geometry.Vertical, outputY, geometry.CountIncludePad)
                * CountTaps(geometry.Horizontal, outputX, geometry.CountIncludePad);
            if (divisor == 0)
                continue;

            foreach (ref float element in output.Slice(pixel * geometry.Channels, geometry.Channels))
                element /= divisor;
        }
    }

    /// <summary>The mean over the pixels of each image and channel: batch x pixels x channels to batch x channels. Sums are
    /// double precision, because an image has many pixels.</summary>
    public static void GlobalAverage(int batch, long pixels, int channels, ReadOnlySpan<float> input, Span<float> output)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        int position = 0;
        for (int image = 0; image < batch; image++)
        {
            sums.Clear();
            for (long pixel = 0; pixel < pixels; pixel++)
            {
                ReadOnlySpan<float> elements = input.Slice(position, sums.Length);
                for (int channel = 0; channel < sums.Length; channel++)
                    sums[channel] += elements[channel];
                position += channels;
            }

            for (int channel = 0; channel < channels; channel++)
                output[image * channels + channel] = (float)(sums[channel] / pixels);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Combines each output pixel, which the caller has set to the neutral element, with the pixels of its window.
    /// </summary>
    private static void Accumulate<TFunction>(in Pool2dGeometry geometry, ReadOnlySpan<float> input, Span<float> output)
        where TFunction : struct, IBinaryFunction
    {
        WindowAxis vertical = geometry.Vertical;
        WindowAxis horizontal = geometry.Horizontal;
        int channels = geometry.Channels;
        for (int pixel = 0; pixel < output.Length / channels; pixel++)
        {
            (int row, int outputX) = Math.DivRem(pixel, horizontal.Output);
            (int image, int outputY) = Math.DivRem(row, vertical.Output);
            Span<float> result = output.Slice(pixel * channels, channels);
            (int firstRow, int endRow) = TapsInside(vertical, outputY);
            (int firstColumn, int endColumn) = TapsInside(horizontal, outputX);
            for (int tapY = firstRow; tapY < endRow; tapY++)
            {
                int inputRow = image * vertical.Input + vertical.Start(outputY) + tapY * vertical.Dilation;
                for (int tapX = firstColumn; tapX < endColumn; tapX++)
                {
                    int inputPixel = inputRow * horizontal.Input + horizontal.Start(outputX) + tapX * horizontal.Dilation;
                    ElementLoop.Run<TFunction>(result, input.Slice(inputPixel * channels, channels), result);
                }
            }
        }
    }

    private static (int First, int End) TapsInside(in WindowAxis axis, int output) =>
        (TapsBefore(axis, output, position: 0), TapsBefore(axis, output, axis.Input));

    /// <summary>Taps that an average divides by. Windows that hang over the padded input because its size was rounded up have
    /// taps beyond the padding, and those never count.</summary>
    private static int CountTaps(in WindowAxis axis, int output, bool countIncludePad)
    {
        if (countIncludePad)
            return TapsBefore(axis, output, axis.Input + axis.PaddingAfter);

        (int first, int end) = TapsInside(axis, output);
        return end - first;
    }

    /// <summary>How many taps of a window lie before an input position.</summary>
    private static int TapsBefore(in WindowAxis axis, int output, int position)
    {
        int distance = position - axis.Start(output);
        return distance <= 0 ? 0 : Math.Min(axis.Window, (distance - 1) / axis.Dilation + 1);
    }
}
