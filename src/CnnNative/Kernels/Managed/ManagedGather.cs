// Rows chosen by index, and their gradient, which adds up the rows that were chosen more than once. Indices are data, so they
// are looked at here, all of them before the first element moves.

using System.Buffers;
using System.Runtime.InteropServices;

namespace CnnNative.Kernels.Managed;

internal static class ManagedGather
{
    /// <summary>output[o, k, i] = input[o, indices[k], i].</summary>
    public static void Run(
        in GatherGeometry geometry, ReadOnlySpan<float> input, ReadOnlySpan<float> indices, Span<float> output)
    {
        Check(in geometry, indices);
        int inner = geometry.Inner, to = 0;
        for (int outer = 0; outer < geometry.Outer; outer++)
        {
            for (int k = 0; k < geometry.IndexCount; k++, to += inner)
                input.Slice((outer * geometry.Axis + Index(in geometry, indices, k)) * inner, inner).CopyTo(output[to..]);
        }
    }

    /// <summary>gradient[o, j, i] = the sum of upstream[o, k, i] over all k with indices[k] = j.</summary>
    public static void Backward(
        in GatherGeometry geometry, ReadOnlySpan<float> upstream, ReadOnlySpan<float> indices, Span<float> gradient)
    {
        Check(in geometry, indices);
        double[] rented = ArrayPool<double>.Shared.Rent(gradient.Length);
        Span<double> sums = rented.AsSpan(0, gradient.Length);
        sums.Clear();
        int inner = geometry.Inner, from = 0;
        for (int outer = 0; outer < geometry.Outer; outer++)
        {
            for (int k = 0; k < geometry.IndexCount; k++, from += inner)
            {
                Span<double> row = sums.Slice((outer * geometry.Axis + Index(in geometry, indices, k)) * inner, inner);
                for (int i = 0; i < inner; i++)
                    row[i] += upstream[from + i];
            }
        }

        for (int i = 0; i < gradient.Length; i++)
            gradient[i] = (float)sums[i];
        ArrayPool<double>.Shared.Return(rented);
    }

    private static void Check(in GatherGeometry geometry, ReadOnlySpan<float> indices)
    {
        for (int k = 0; k < geometry.IndexCount; k++)
        {
            long index = Stored(geometry.IndexType, indices, k);
            if (index < -geometry.Axis || index >= geometry.Axis)
            {
                throw new ArgumentException(
                    $"Gather: index {k} is {index}, expected {-geometry.Axis} to {geometry.Axis - 1}.", nameof(indices));
            }
        }
    }

    private static int Index(in GatherGeometry geometry, ReadOnlySpan<float> indices, int k)
    {
        int index = (int)Stored(geometry.IndexType, indices, k);
        return index < 0 ? index + geometry.Axis : index;
    }

    private static long Stored(IndexType type, ReadOnlySpan<float> indices, int k) =>
        type == IndexType.Int64 ? MemoryMarshal.Cast<float, long>(indices)[k] : MemoryMarshal.Cast<float, int>(indices)[k];
}
