// Convolution as a matrix product. The input under each window is gathered into a patch (taps x input channels, zeros where
// the window lies in the padding), so that stride, dilation, padding and groups are settled before the inner loop, which then
// only multiplies patches by weights. Patches are made for a tile of pixels at a time to stay in the cache.

using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CnnNative.Kernels.Managed;

internal static class PatchConvolution
{
    // Four pixels by two vectors are eight sums: enough to hide the latency of the additions, few enough for 16 registers.
    private const int PixelsPerBlock = 4;
    private const int VectorsPerPanel = 2;

    // A tile of patches takes a quarter of a 512 KiB second-level cache and leaves the rest to the weights.
    private const int TileElements = 32 * 1024;

    private static int PanelWidth => VectorsPerPanel * Vector<float>.Count;

    public static void Run(
        in Conv2dGeometry geometry,
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        Span<float> output)
    {
        var shape = new GroupShape(geometry);
        int pixels = checked(geometry.Batch * geometry.Vertical.Output * geometry.Horizontal.Output);
        int tilePixels = Math.Min(pixels, Math.Max(PixelsPerBlock, TileElements / shape.Depth));
        float[] panels = ArrayPool<float>.Shared.Rent(checked(shape.Panels * shape.PanelLength));
        float[] patches = shape.InputIsPatches ? [] : ArrayPool<float>.Shared.Rent(checked(tilePixels * shape.Depth));

        for (int group = 0; group < geometry.Groups; group++)
        {
            PackWeights(shape, group, weights, bias, panels);
            for (int first = 0; first < pixels; first += tilePixels)
            {
                int count = Math.Min(tilePixels, pixels - first);
                Span<float> tileOutput = output[(first * geometry.OutputChannels + group * shape.OutputChannels)..];
                if (shape.InputIsPatches)
                {
                    ReadOnlySpan<float> tile = input[(first * geometry.InputChannels + group * shape.InputChannels)..];
                    MultiplyTile(shape, tile, geometry.InputChannels, count, panels, tileOutput, geometry.OutputChannels);
                }
                else
                {
                    GatherTile(geometry, shape, group, first, count, input, patches);
                    MultiplyTile(shape, patches, shape.Depth, count, panels, tileOutput, geometry.OutputChannels);
                }
            }
        }

        ArrayPool<float>.Shared.Return(panels);
        if (!shape.InputIsPatches)
            ArrayPool<float>.Shared.Return(patches);
    }

    /// <summary>Turns the OHWI weights of one group into panels of PanelWidth output channels: a row of biases, then for each
    /// tap and input channel a row of weights. Channels beyond the last are zeros, so the product has no remainder.</summary>
    private static void PackWeights(
        in GroupShape shape, int group, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> panels)
    {
        panels[..(shape.Panels * shape.PanelLength)].Clear();
        for (int channel = 0; channel < shape.OutputChannels; channel++)
        {
            int outputChannel = group * shape.OutputChannels + channel;
            Span<float> column = panels[(channel / PanelWidth * shape.PanelLength + channel % PanelWidth)..];
            ReadOnlySpan<float> filter = weights.Slice(outputChannel * shape.Depth, shape.Depth);
            column[0] = bias.IsEmpty ? 0 : bias[outputChannel];
            for (int k = 0; k < filter.Length; k++)
                column[(k + 1) * PanelWidth] = filter[k];
        }
    }

    private static void GatherTile(
        in Conv2dGeometry geometry,
        in GroupShape shape,
        int group,
        int first,
        int count,
        ReadOnlySpan<float> input,
        Span<float> patches)
    {
        WindowAxis vertical = geometry.Vertical;
        WindowAxis horizontal = geometry.Horizontal;
        int imageLength = vertical.Input * horizontal.Input * geometry.InputChannels;
        for (int i = 0; i < count; i++)
        {
            (int row, int outputX) = Math.DivRem(first + i, horizontal.Output);
            (int image, int outputY) = Math.DivRem(row, vertical.Output);
            ReadOnlySpan<float> picture = input.Slice(image * imageLength, imageLength);
            Span<float> patch = patches.Slice(i * shape.Depth, shape.Depth);
            for (int tap = 0; tap < vertical.Window; tap++)
            {
                int y = vertical.Start(outputY) + tap * vertical.Dilation;
                Span<float> patchRow = patch.Slice(tap * shape.RowDepth, shape.RowDepth);
                if ((uint)y < (uint)vertical.Input)
                    GatherRow(geometry, shape, group, picture, y, horizontal.Start(outputX), patchRow);
                else
                    patchRow.Clear();
            }
        }
    }

    private static void GatherRow(
        in Conv2dGeometry geometry,
        in GroupShape shape,
        int group,
        ReadOnlySpan<float> picture,
        int y,
        int startX,
        Span<float> patchRow)
    {
        WindowAxis horizontal = geometry.Horizontal;
        int inputRow = y * horizontal.Input;
        bool contiguous = horizontal.Dilation == 1 && geometry.Groups == 1;
        if (contiguous && startX >= 0 && startX + horizontal.Window <= horizontal.Input)
        {
            picture.Slice((inputRow + startX) * geometry.InputChannels, shape.RowDepth).CopyTo(patchRow);
            return;
        }

        for (int tap = 0; tap < horizontal.Window; tap++)
        {
            int x = startX + tap * horizontal.Dilation;
            Span<float> target = patchRow.Slice(tap * shape.InputChannels, shape.InputChannels);
            int source = (inputRow + x) * geometry.InputChannels + group * shape.InputChannels;
            if ((uint)x < (uint)horizontal.Input)
                picture.Slice(source, shape.InputChannels).CopyTo(target);
            else
                target.Clear();
        }
    }

    private static void MultiplyTile(
        in GroupShape shape,
        ReadOnlySpan<float> patches,
        int patchPitch,
        int count,
        ReadOnlySpan<float> panels,
        Span<float> output,
        int outputPitch)
    {
        for (int panel = 0; panel < shape.Panels; panel++)
        {
            ReadOnlySpan<float> weights = panels.Slice(panel * shape.PanelLength, shape.PanelLength);
            int channel = panel * PanelWidth;
            int width = Math.Min(PanelWidth, shape.OutputChannels - channel);
            for (int pixel = 0; pixel < count; pixel += PixelsPerBlock)
            {
                int blockPixels = Math.Min(PixelsPerBlock, count - pixel);
                Span<float> block = output[(pixel * outputPitch + channel)..];
                ReadOnlySpan<float> rows = patches[(pixel * patchPitch)..];
                MultiplyBlock(rows, patchPitch, blockPixels, weights, shape.Depth, block, outputPitch, width);
            }
        }
    }

    /// <summary>Four patches times one panel; when there are fewer, the last one stands in for the rest. Optimised from the
    /// first call: the slow code that a method starts with would be most of the time of a short run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyBlock(
        ReadOnlySpan<float> patches,
        int patchPitch,
        int count,
        ReadOnlySpan<float> panel,
        int depth,
        Span<float> output,
        int outputPitch,
        int width)
    {
        int last = count - 1;
        ref float x0 = ref MemoryMarshal.GetReference(patches);
        ref float x1 = ref Unsafe.Add(ref x0, Math.Min(1, last) * patchPitch);
        ref float x2 = ref Unsafe.Add(ref x0, Math.Min(2, last) * patchPitch);
        ref float x3 = ref Unsafe.Add(ref x0, last * patchPitch);
        ref float weights = ref MemoryMarshal.GetReference(panel);

        Vector<float> left0 = Vector.LoadUnsafe(ref weights);
        Vector<float> right0 = Vector.LoadUnsafe(ref weights, (nuint)Vector<float>.Count);
        Vector<float> left1 = left0, right1 = right0, left2 = left0, right2 = right0, left3 = left0, right3 = right0;
        for (int k = 0; k < depth; k++)
        {
            weights = ref Unsafe.Add(ref weights, PanelWidth);
            Vector<float> left = Vector.LoadUnsafe(ref weights);
            Vector<float> right = Vector.LoadUnsafe(ref weights, (nuint)Vector<float>.Count);
            var x = new Vector<float>(Unsafe.Add(ref x0, k));
            left0 = Vector.MultiplyAddEstimate(x, left, left0);
            right0 = Vector.MultiplyAddEstimate(x, right, right0);
            x = new Vector<float>(Unsafe.Add(ref x1, k));
            left1 = Vector.MultiplyAddEstimate(x, left, left1);
            right1 = Vector.MultiplyAddEstimate(x, right, right1);
            x = new Vector<float>(Unsafe.Add(ref x2, k));
            left2 = Vector.MultiplyAddEstimate(x, left, left2);
            right2 = Vector.MultiplyAddEstimate(x, right, right2);
            x = new Vector<float>(Unsafe.Add(ref x3, k));
            left3 = Vector.MultiplyAddEstimate(x, left, left3);
            right3 = Vector.MultiplyAddEstimate(x, right, right3);
        }

        // A pixel that stood in for missing ones is stored again, with the same values.
        Store(left3, right3, output[(last * outputPitch)..], width);
        Store(left2, right2, output[(Math.Min(2, last) * outputPitch)..], width);
        Store(left1, right1, output[(Math.Min(1, last) * outputPitch)..], width);
        Store(left0, right0, output, width);
    }

    private static void Store(Vector<float> left, Vector<float> right, Span<float> output, int width)
    {
        left.StoreFirst(output, Math.Min(width, Vector<float>.Count));
        if (width > Vector<float>.Count)
            right.StoreFirst(output[Vector<float>.Count..], width - Vector<float>.Count);
    }

    /// <summary>The sizes of one group, which all groups share.</summary>
    private readonly struct GroupShape
    {
        public GroupShape(in Conv2dGeometry geometry)
        {
            InputChannels = geometry.InputChannels / geometry.Groups;
            OutputChannels = geometry.OutputChannels / geometry.Groups;
            RowDepth = checked(geometry.Horizontal.Window * InputChannels);
            Depth = checked(geometry.Vertical.Window * RowDepth);
            Panels = (OutputChannels + PanelWidth - 1) / PanelWidth;
            PanelLength = checked((Depth + 1) * PanelWidth);
            InputIsPatches = IsPointwise(geometry.Vertical) && IsPointwise(geometry.Horizontal);
        }

        public int InputChannels { get; }

        public int OutputChannels { get; }

        /// <summary>Elements that one row of the window contributes to a patch.</summary>
        public int RowDepth { get; }

        /// <summary>Elements of a patch, and products in each output element.</summary>
        public int Depth { get; }

        public int Panels { get; }

        public int PanelLength { get; }

        /// <summary>With a 1x1 window on every pixel the input already is a matrix of patches.</summary>
        public bool InputIsPatches { get; }

        private static bool IsPointwise(in WindowAxis axis) =>
            axis is { Window: 1, Stride: 1, PaddingBefore: 0, PaddingAfter: 0 };
    }
}
