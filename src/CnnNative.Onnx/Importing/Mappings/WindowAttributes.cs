// The numbers of convolutions and pooling: window, steps, padding and the size of the output for each spatial dimension, with
// ONNX's defaults and its three ways of padding.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

/// <summary>The windows of a node over an input.</summary>
internal sealed record WindowAttributes(
    int[] Input, int[] Kernel, int[] Strides, int[] Dilations, int[] Before, int[] After, int[] Output, bool CeilMode)
{
    /// <summary>The number of spatial dimensions.</summary>
    public int Rank => Input.Length;

    /// <summary>Reads the attributes of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The spatial sizes of the input.</param>
    /// <param name="kernel">The window.</param>
    public static WindowAttributes Read(OnnxNode node, int[] input, int[] kernel)
    {
        int rank = input.Length;
        int[] strides = List(node, "strides", rank, 1), dilations = List(node, "dilations", rank, 1), pads =
            List(node, "pads", 2 * rank, 0);
        int[] before = pads[..rank], after = pads[rank..], output = new int[rank];
        string padding = node.Text("auto_pad", "NOTSET");
        bool ceil = node.Flag("ceil_mode");
        for (int d = 0; d < rank; d++)
        {
            if (kernel[d] < 1 || strides[d] < 1 || dilations[d] < 1)
            {
                throw node.Wrong(
                    $"window {kernel[d]}, stride {strides[d]} and dilation {dilations[d]} of dimension {d}, expected at least 1");
            }

            long covered = (kernel[d] - 1L) * dilations[d] + 1;
            if (padding is "SAME_UPPER" or "SAME_LOWER")
            {
                output[d] = (input[d] + strides[d] - 1) / strides[d];
                int total = (int)Math.Max(0, (output[d] - 1L) * strides[d] + covered - input[d]), small = total / 2;
                (before[d], after[d]) = padding == "SAME_UPPER" ? (small, total - small) : (total - small, small);
                continue;
            }

            (before[d], after[d]) = padding == "VALID" ? (0, 0) : (before[d], after[d]);
            output[d] = Size(node, d, input[d], covered, strides[d], before[d], after[d], ceil);
        }

        return new WindowAttributes(input, kernel, strides, dilations, before, after, output, ceil);
    }

    /// <summary>A list of numbers, one for each place; one default where it is not given.</summary>
    public static int[] List(OnnxNode node, string name, int length, int absent)
    {
        int[] list = node.Ints(name) ?? [.. Enumerable.Repeat(absent, length)];
        return list.Length == length ? list : throw node.Wrong($"{name} has {list.Length} numbers, expected {length}");
    }

    /// <summary>The attributes of a function that works by definition.</summary>
    public AttributeSet ToSet() => new AttributeSet()
        .With("kernel", (ReadOnlySpan<int>)Kernel).With("strides", (ReadOnlySpan<int>)Strides).With("dilations",
            (ReadOnlySpan<int>)Dilations)
        .With("before", (ReadOnlySpan<int>)Before).With("after", (ReadOnlySpan<int>)After).With("output",
            (ReadOnlySpan<int>)Output);

    /// <summary>The window in two dimensions; one of one dimension is one of height 1.</summary>
    public (Size2d Kernel, Size2d Strides, Size2d Dilations, Padding Padding) In2d() => Rank == 1
        ? ((1, Kernel[0]), (1, Strides[0]), (1, Dilations[0]), Padding.Explicit(0, Before[0], 0, After[0]))
        : (
            (Kernel[^2], Kernel[^1]), (Strides[^2], Strides[^1]), (Dilations[^2], Dilations[^1]),
            Padding.Explicit(Before[^2], Before[^1], After[^2], After[^1]));

    private static int Size(OnnxNode node, int dimension, int input, long covered, int stride, int before, int after, bool ceil)
    {
        long room = (long)input + before + after - covered;
        if (room < 0 || before < 0 || after < 0)
        {
            throw node.Wrong(
                $"the window covers {covered} of dimension {dimension}, which has {input} with padding {before} and {after}");
        }

        // A window that would start behind the input and the padding before it is left out.
        long size = room / stride + 1;
        return (int)(ceil && room % stride != 0 && size * stride < input + before ? size + 1 : size);
    }
}
