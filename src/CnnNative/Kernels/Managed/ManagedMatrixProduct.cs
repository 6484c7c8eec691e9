// The product of two matrices, row by row of the output, in double precision: the oracle of the native one. Rows of a right
// matrix that lies as it is multiply into the sums a whole row at a time; those of a transposed one are the other factors of
// dot products.

using System.Buffers;
using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedMatrixProduct
{
    /// <summary>Elements from the first to the last of the right matrix as it is stored.</summary>
    public static int RightLength(in MatrixProductGeometry geometry)
    {
        (int rows, int columns) = geometry.TransposeRight ? (geometry.Columns, geometry.Depth) : (geometry.Depth, geometry.Columns);
        int stride = geometry.RightStride == 0 ? columns : geometry.RightStride;
        return checked((rows - 1) * stride + columns);
    }

    /// <summary>output = activation(op(left) op(right) + bias + residual), and what the output held with
    /// <paramref name="accumulate"/>. Bias and residual may be empty, and the residual may be the output.</summary>
    public static void Run(
        in MatrixProductGeometry geometry,
        Activation activation,
        bool accumulate,
        ReadOnlySpan<float> left,
        ReadOnlySpan<float> right,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> residual,
        Span<float> output)
    {
        int columns = geometry.Columns;
        int outputStride = geometry.OutputStride == 0 ? columns : geometry.OutputStride;
        int residualStride = geometry.ResidualStride == 0 ? columns : geometry.ResidualStride;
        double[] rented = ArrayPool<double>.Shared.Rent(columns);
        Span<double> sums = rented.AsSpan(0, columns);
        float[] rentedRow = ArrayPool<float>.Shared.Rent(geometry.Depth);
        Span<float> row = rentedRow.AsSpan(0, geometry.Depth);
        for (int i = 0; i < geometry.Rows; i++)
        {
            sums.Clear();
            CopyRow(in geometry, i, left, row);
            if (geometry.TransposeRight)
                AddDots(in geometry, row, right, sums);
            else
                AddRows(in geometry, row, right, sums);

            if (!bias.IsEmpty)
                DoubleSums.Add(sums, bias);
            if (!residual.IsEmpty)
                DoubleSums.Add(sums, residual.Slice(i * residualStride, columns));

            Span<float> target = output.Slice(i * outputStride, columns);
            DoubleRow.Store(sums, accumulate, target);
            ManagedActivation.Run(activation, target, target);
        }

        ArrayPool<float>.Shared.Return(rentedRow);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Row <paramref name="index"/> of op(left).</summary>
    private static void CopyRow(in MatrixProductGeometry geometry, int index, ReadOnlySpan<float> left, Span<float> row)
    {
        int width = geometry.TransposeLeft ? geometry.Rows : geometry.Depth;
        int stride = geometry.LeftStride == 0 ? width : geometry.LeftStride;
        if (!geometry.TransposeLeft)
        {
            left.Slice(index * stride, row.Length).CopyTo(row);
            return;
        }

        for (int k = 0; k < row.Length; k++)
            row[k] = left[k * stride + index];
    }

    private static void AddRows(
        in MatrixProductGeometry geometry, ReadOnlySpan<float> row, ReadOnlySpan<float> right, Span<double> sums)
    {
        int stride = geometry.RightStride == 0 ? geometry.Columns : geometry.RightStride;
        for (int k = 0; k < row.Length; k++)
            DoubleRow.MultiplyAdd(row[k], right.Slice(k * stride, sums.Length), sums);
    }

    private static void AddDots(
        in MatrixProductGeometry geometry, ReadOnlySpan<float> row, ReadOnlySpan<float> right, Span<double> sums)
    {
        int stride = geometry.RightStride == 0 ? geometry.Depth : geometry.RightStride;
        for (int column = 0; column < sums.Length; column++)
            sums[column] += Dot(row, right.Slice(column * stride, row.Length));
    }

    private static double Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        int i = 0;
        Vector<double> first = Vector<double>.Zero, second = Vector<double>.Zero;
        for (; i <= left.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(left[i..]), out Vector<double> leftLow, out Vector<double> leftHigh);
            Vector.Widen(new Vector<float>(right[i..]), out Vector<double> rightLow, out Vector<double> rightHigh);
            first += leftLow * rightLow;
            second += leftHigh * rightHigh;
        }

        double sum = Vector.Sum(first + second);
        for (; i < left.Length; i++)
            sum += (double)left[i] * right[i];
        return sum;
    }
}
