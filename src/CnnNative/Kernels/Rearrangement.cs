// What the functions that only move elements are told: how a tensor is seen where one of its dimensions is indexed or cut, and
// the orders of dimensions.

namespace CnnNative.Kernels;

/// <summary>The type of indices in a tensor, see <see cref="IntegerElements"/>.</summary>
internal enum IndexType
{
    /// <summary>One element for each index.</summary>
    Int32 = 0,

    /// <summary>Two elements for each index.</summary>
    Int64 = 1,
}

/// <summary>Rows of RowLength elements; offsets and strides count elements.</summary>
internal readonly record struct RowCopy(
    long Rows, long RowLength, long SourceOffset, long SourceStride, long DestinationOffset, long DestinationStride)
{
    /// <summary>Lays a tensor into a larger one, from <paramref name="start"/> on along <paramref name="axis"/>; the other
    /// dimensions are the same. Concatenation is made of these, and the gradient of a split.</summary>
    public static RowCopy Into(Shape part, Shape whole, int axis, int start)
    {
        (long rows, long inner) = Around(part, axis);
        return new RowCopy(rows, part[axis] * inner, 0, part[axis] * inner, start * inner, whole[axis] * inner);
    }

    /// <summary>Takes such a tensor out again: a split, and the gradient of concatenation.</summary>
    public static RowCopy OutOf(Shape whole, Shape part, int axis, int start)
    {
        (long rows, long inner) = Around(part, axis);
        return new RowCopy(rows, part[axis] * inner, start * inner, whole[axis] * inner, 0, part[axis] * inner);
    }

    /// <summary>The products of the dimensions before and after one.</summary>
    private static (long Before, long After) Around(Shape shape, int axis)
    {
        long before = 1, after = 1;
        for (int i = 0; i < shape.Rank; i++)
        {
            before *= i < axis ? shape[i] : 1;
            after *= i > axis ? shape[i] : 1;
        }

        return (before, after);
    }
}

/// <summary>A tensor whose middle dimension is indexed: Outer x Axis x Inner elements become Outer x IndexCount x
/// Inner.</summary>
internal readonly record struct GatherGeometry(IndexType IndexType, int Outer, int Axis, int Inner, int IndexCount);

/// <summary>The orders of dimensions that <see cref="IKernels.Transpose"/> takes between the two layouts of images.</summary>
internal static class Layout
{
    /// <summary>From channels before pixels to channels innermost.</summary>
    public static ReadOnlySpan<int> NchwToNhwc => [0, 2, 3, 1];

    /// <summary>From channels innermost to channels before pixels.</summary>
    public static ReadOnlySpan<int> NhwcToNchw => [0, 3, 1, 2];
}
