// Sums over any axes, each in double precision. For every element of the output the elements of the input that belong to it
// are walked in order, so nothing but a few indices has to be kept.

namespace CnnNative.Kernels.Managed;

internal static class ManagedReduction
{
    /// <summary>output = scale times the sums of input over the axes where the output has size 1, or is increased by them; see
    /// <see cref="IKernels.ReduceSum"/>.</summary>
    public static void Sum(
        Shape inputShape, ReadOnlySpan<float> input, float scale, bool accumulate, Shape outputShape, Span<float> output)
    {
        int rank = inputShape.Rank;
        Span<int> index = stackalloc int[rank];
        Span<int> sizes = stackalloc int[rank];
        index.Clear();
        for (int axis = 0; axis < rank; axis++)
            sizes[axis] = Broadcasting.Size(outputShape, rank, axis);

        for (int i = 0; i < output.Length; i++)
        {
            double sum = scale * SumOf(inputShape, input, index, sizes);
            output[i] = (float)(accumulate ? output[i] + sum : sum);
            for (int axis = rank - 1; axis >= 0 && ++index[axis] == sizes[axis]; axis--)
                index[axis] = 0;
        }
    }

    /// <summary>The sum of the elements at <paramref name="index"/> of the kept axes and at all of the others.</summary>
    private static double SumOf(Shape shape, ReadOnlySpan<float> input, ReadOnlySpan<int> index, ReadOnlySpan<int> sizes)
    {
        int rank = shape.Rank;
        Span<int> position = stackalloc int[rank];
        index.CopyTo(position);
        double sum = 0;
        while (true)
        {
            int offset = 0;
            for (int axis = 0; axis < rank; axis++)
                offset = offset * shape[axis] + position[axis];
            sum += input[offset];

            int next = rank - 1;
            for (; next >= 0; next--)
            {
                if (sizes[next] != 1 || shape[next] == 1)
                    continue;
                if (++position[next] < shape[next])
                    break;
                position[next] = 0;
            }

            if (next < 0)
                return sum;
        }
    }
}
