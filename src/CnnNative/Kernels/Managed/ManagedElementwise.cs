// Work on whole tensors that has no window: addition, and the copies of rows that concatenation, splitting and slicing are.

namespace CnnNative.Kernels.Managed;

internal static class ManagedElementwise
{
    /// <summary>output[i] = activation(left[i] + right[i]); output may be either input.</summary>
    public static void Add(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Activation activation, Span<float> output)
    {
        ElementLoop.Run<Sum>(left, right, output);
        ManagedActivation.Run(activation, output, output);
    }

    /// <summary>Copies rows of <paramref name="rowLength"/> elements between tensors whose rows lie a stride apart, starting at
    /// an offset, all in elements. The tensors do not overlap.</summary>
    public static void CopyRows(
        long rows,
        int rowLength,
        ReadOnlySpan<float> source,
        long sourceOffset,
        long sourceStride,
        Span<float> destination,
        long destinationOffset,
        long destinationStride)
    {
        for (long row = 0; row < rows; row++)
        {
            int from = checked((int)(sourceOffset + row * sourceStride));
            int to = checked((int)(destinationOffset + row * destinationStride));
            source.Slice(from, rowLength).CopyTo(destination[to..]);
        }
    }
}
