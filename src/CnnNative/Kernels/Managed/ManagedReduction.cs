// Sums over any axes, each in double precision: row by row along the innermost dimension, which is summed itself, or kept, and
// then summed in blocks of columns that fit on the stack.

namespace CnnNative.Kernels.Managed;

internal static class ManagedReduction
{
    private const int BlockColumns = 256;

    /// <summary>output = scale times the sums of input over the axes where the output has size 1, or is increased by them; see
    /// <see cref="IKernels.ReduceSum"/>.</summary>
    public static void Sum(
        Shape inputShape, ReadOnlySpan<float> input, float scale, bool accumulate, Shape outputShape, Span<float> output)
    {
        int rank = inputShape.Rank;
        Span<int> index = stackalloc int[rank], sizes = stackalloc int[rank];
        Span<double> block = stackalloc double[BlockColumns];
        index.Clear();
        for (int axis = 0; axis < rank; axis++)
            sizes[axis] = Broadcasting.Size(outputShape, rank, axis);

        int columns = sizes[^1];
        for (int start = 0; start < output.Length; start += columns)
        {
            for (int column = 0; column < columns; column += BlockColumns)
            {
                Span<double> sums = block[..Math.Min(BlockColumns, columns - column)];
                sums.Clear();
                AddRows(inputShape, input, index, sizes, column, sums);
                Store(sums, scale, accumulate, output.Slice(start + column, sums.Length));
            }

            for (int axis = rank - 2; axis >= 0 && ++index[axis] == sizes[axis]; axis--)
                index[axis] = 0;
        }
    }

    /// <summary>Adds all rows at <paramref name="index"/> of the kept axes: their columns from the first one on, or all of their
    /// elements to one sum.</summary>
    private static void AddRows(
        Shape shape, ReadOnlySpan<float> input, ReadOnlySpan<int> index, ReadOnlySpan<int> sizes, int column, Span<double> sums)
    {
        int rank = shape.Rank, length = shape[^1];
        Span<int> position = stackalloc int[rank];
        index.CopyTo(position);
        int axis;
        do
        {
            int row = 0;
            for (int i = 0; i < rank - 1; i++)
                row = row * shape[i] + position[i];
            ReadOnlySpan<float> values = input.Slice(row * length, length);
            if (sizes[^1] == length)
                DoubleSums.Add(sums, values.Slice(column, sums.Length));
            else
                sums[0] += DoubleSums.Of(values);

            for (axis = rank - 2; axis >= 0; axis--)
            {
                if (sizes[axis] == shape[axis])
                    continue;
                if (++position[axis] < shape[axis])
                    break;
                position[axis] = 0;
            }
        }
        while (axis >= 0);
    }

    private static void Store(ReadOnlySpan<double> sums, double scale, bool accumulate, Span<float> output)
    {
        for (int i = 0; i < sums.Length; i++)
            output[i] = (float)((accumulate ? output[i] : 0) + sums[i] * scale);
    }
}
