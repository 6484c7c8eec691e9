// Which dimension is meant: counted from the front, or with a negative number from the back.

namespace CnnNative.Operators;

internal static class AxisRule
{
    /// <summary>The dimension counted from the front.</summary>
    /// <exception cref="ShapeException">There is none.</exception>
    public static int Resolve(string name, int axis, Shape shape)
    {
        int dimension = axis < 0 ? axis + shape.Rank : axis;
        return dimension >= 0 && dimension < shape.Rank
            ? dimension
            : throw new ShapeException($"{name}: axis is {axis}, expected {-shape.Rank} to {shape.Rank - 1} for {shape}.");
    }

    /// <summary>Several of them, none twice.</summary>
    /// <exception cref="ShapeException">There is none, or one is given twice.</exception>
    public static int[] Resolve(string name, ReadOnlySpan<int> axes, Shape shape)
    {
        int[] dimensions = new int[axes.Length];
        for (int i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = Resolve(name, axes[i], shape);
            if (Array.IndexOf(dimensions, dimensions[i], 0, i) >= 0)
            {
                throw new ShapeException($"{name}: axis {axes[i]} is given twice, expected each dimension of {shape} once.");
            }
        }

        return dimensions;
    }
}
