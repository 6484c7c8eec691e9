// Depthwise convolution, of which filtering a picture with one channel is the smallest case. Channels do not mix, so vectors
// run along a row of the tensor: over the channels of a pixel and, with stride 1, on into the next pixels. The rows under the
// window are first copied between zeros, which spares the inner loop every question about borders.

using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnNative.Kernels.Managed;

internal static class DepthwiseConvolution
{
    // Weights are repeated along a run of pixels up to this many elements: long enough that few vectors are cut short at the
    // end of a run, short enough that the weights of a large window stay in the first-level cache.
    private const int RunElements = 256;

    public static void Run(
        in Conv2dGeometry geometry,
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        Span<float> output)
    {
        WindowAxis vertical = geometry.Vertical;
        WindowAxis horizontal = geometry.Horizontal;
        var shape = new RowShape(geometry);
        float[] filters = ArrayPool<float>.Shared.Rent(checked((vertical.Window * horizontal.Window + 1) * shape.FilterPitch));
        float[] rows = ArrayPool<float>.Shared.Rent(checked(vertical.Window * shape.RowPitch));
        PackFilters(geometry, shape, weights, bias, filters);

        int imageLength = vertical.Input * shape.InputRow;
        for (int row = 0; row < geometry.Batch * vertical.Output; row++)
        {
            (int image, int outputY) = Math.DivRem(row, vertical.Output);
            ReadOnlySpan<float> picture = input.Slice(image * imageLength, imageLength);
            for (int tap = 0; tap < vertical.Window; tap++)
            {
                int y = vertical.Start(outputY) + tap * vertical.Dilation;
                bool inside = (uint)y < (uint)vertical.Input;
                ReadOnlySpan<float> inputRow = inside ? picture.Slice(y * shape.InputRow, shape.InputRow) : [];
                Span<float> target = rows.AsSpan(tap * shape.RowPitch, shape.RowPitch);
                CopyBetweenZeros(inputRow, horizontal.PaddingBefore * shape.Channels, target);
            }

            ConvolveRow(geometry, shape, rows, filters, output.Slice(row * shape.OutputRow, shape.OutputRow));
        }

        ArrayPool<float>.Shared.Return(rows);
        ArrayPool<float>.Shared.Return(filters);
    }

    /// <summary>Writes a row of biases and then a row of weights for each tap, both repeated for each pixel of a run.</summary>
    private static void PackFilters(
        in Conv2dGeometry geometry, in RowShape shape, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> filters)
    {
        int taps = geometry.Vertical.Window * geometry.Horizontal.Window;
        filters[..((taps + 1) * shape.FilterPitch)].Clear();
        for (int i = 0; i < shape.PixelsPerRun * shape.Channels; i++)
        {
            int channel = i % shape.Channels;
            filters[i] = bias.IsEmpty ? 0 : bias[channel];
            for (int tap = 0; tap < taps; tap++)
                filters[(tap + 1) * shape.FilterPitch + i] = weights[channel * taps + tap];
        }
    }

    /// <summary>Fills the target with zeros and the source, which starts <paramref name="before"/> elements into it; what does
    /// not fit is left out, because no window reaches it.</summary>
    private static void CopyBetweenZeros(ReadOnlySpan<float> source, int before, Span<float> target)
    {
        int start = Math.Min(before, target.Length);
        int length = Math.Min(source.Length, target.Length - start);
        target[..start].Clear();
        source[..length].CopyTo(target[start..]);
        target[(start + length)..].Clear();
    }

    // Optimised from the first call: the slow code that a method starts with would be most of the time of a short run.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ConvolveRow(
        in Conv2dGeometry geometry, in RowShape shape, ReadOnlySpan<float> rows, ReadOnlySpan<float> filters, Span<float> output)
    {
        int verticalTaps = geometry.Vertical.Window;
        int horizontalTaps = geometry.Horizontal.Window;
        int tapStep = geometry.Horizontal.Dilation * shape.Channels;
        ref float inputStart = ref MemoryMarshal.GetReference(rows);
        ref float filterStart = ref MemoryMarshal.GetReference(filters);
        for (int x = 0; x < geometry.Horizontal.Output; x += shape.PixelsPerRun)
        {
            int length = Math.Min(shape.PixelsPerRun, geometry.Horizontal.Output - x) * shape.Channels;
            int windowStart = x * geometry.Horizontal.Stride * shape.Channels;
            for (int i = 0; i < length; i += Vector<float>.Count)
            {
                Vector<float> sum = Vector.LoadUnsafe(ref filterStart, (nuint)i);
                int filter = shape.FilterPitch + i;
                for (int tapY = 0; tapY < verticalTaps; tapY++)
                {
                    int source = tapY * shape.RowPitch + windowStart + i;
                    for (int tapX = 0; tapX < horizontalTaps; tapX++)
                    {
                        Vector<float> element = Vector.LoadUnsafe(ref inputStart, (nuint)source);
                        sum = Vector.MultiplyAddEstimate(element, Vector.LoadUnsafe(ref filterStart, (nuint)filter), sum);
                        source += tapStep;
                        filter += shape.FilterPitch;
                    }
                }

                sum.StoreFirst(output[(x * shape.Channels + i)..], Math.Min(length - i, Vector<float>.Count));
            }
        }
    }

    /// <summary>How a row of the tensor is cut into runs, in elements unless the name says pixels.</summary>
    private readonly struct RowShape
    {
        public RowShape(in Conv2dGeometry geometry)
        {
            WindowAxis horizontal = geometry.Horizontal;
            Channels = geometry.InputChannels;
            InputRow = horizontal.Input * Channels;
            OutputRow = horizontal.Output * Channels;
            PixelsPerRun = horizontal.Stride == 1 ? Math.Clamp(RunElements / Channels, 1, horizontal.Output) : 1;
            int runVectors = (PixelsPerRun * Channels + Vector<float>.Count - 1) / Vector<float>.Count;
            FilterPitch = runVectors * Vector<float>.Count;
            int reach = checked((horizontal.Output - 1) * horizontal.Stride + (horizontal.Window - 1) * horizontal.Dilation + 1);
            RowPitch = checked(reach * Channels + Vector<float>.Count);
        }

        public int Channels { get; }

        public int InputRow { get; }

        public int OutputRow { get; }

        public int PixelsPerRun { get; }

        /// <summary>From one tap's weights to the next: a run, rounded up to whole vectors.</summary>
        public int FilterPitch { get; }

        /// <summary>From one copied row to the next: all that the windows of a row reach, and a vector's length that the last
        /// load of a run may touch.</summary>
        public int RowPitch { get; }
    }
}
