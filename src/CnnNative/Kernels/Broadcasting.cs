// How shapes of different rank stand over each other: aligned at their innermost dimensions, and repeated where one has size 1
// or no dimension at all. NumPy's rule, in numbers that both kernel sets read.

namespace CnnNative.Kernels;

/// <summary>A tensor with the shape as which it is aligned: its own, or one with dimensions of size 1 between its own, as after a
/// reduction that dropped them.</summary>
internal readonly record struct AlignedTensor(Tensor Tensor, Shape Shape)
{
    public static implicit operator AlignedTensor(Tensor tensor) => new(tensor, tensor.Shape);
}

internal static class Broadcasting
{
    /// <summary>The size of the shape at <paramref name="axis"/> of a tensor of <paramref name="rank"/> dimensions.</summary>
    public static int Size(Shape shape, int rank, int axis)
    {
        int own = axis - (rank - shape.Rank);
        return own < 0 ? 1 : shape[own];
    }

    /// <summary>Elements from one index of an axis to the next, 0 where the shape is repeated. Called from the innermost axis
    /// to the outermost; <paramref name="dense"/> starts as 1.</summary>
    public static long Stride(Shape shape, int rank, int axis, int outputSize, ref long dense)
    {
        int size = Size(shape, rank, axis);
        long stride = size == outputSize ? dense : 0;
        dense *= size;
        return stride;
    }
}
