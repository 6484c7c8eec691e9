// Sums of float32 rows in double precision, on vectors: what means and normalisations are made of. The sums are exact enough
// that what an oracle gives is rounded once.

using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class DoubleSums
{
    /// <summary>sums[i] += row[i].</summary>
    public static void Add(Span<double> sums, ReadOnlySpan<float> row)
    {
        int i = 0, half = Vector<double>.Count;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[i..]), out Vector<double> low, out Vector<double> high);
            (new Vector<double>(sums[i..]) + low).CopyTo(sums[i..]);
            (new Vector<double>(sums[(i + half)..]) + high).CopyTo(sums[(i + half)..]);
        }

        for (; i < row.Length; i++)
            sums[i] += row[i];
    }

    /// <summary>The sum of the elements.</summary>
    public static double Of(ReadOnlySpan<float> row)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[i..]), out Vector<double> low, out Vector<double> high);
            sums += low + high;
        }

        double sum = Vector.Sum(sums);
        for (; i < row.Length; i++)
            sum += row[i];
        return sum;
    }

    /// <summary>output[i] = sums[i] / divisor, rounded once.</summary>
    public static void Divide(ReadOnlySpan<double> sums, double divisor, Span<float> output)
    {
        for (int i = 0; i < output.Length; i++)
            output[i] = (float)(sums[i] / divisor);
    }

    /// <summary>sums[i] += (row[i] - center[i]) squared.</summary>
    public static void AddSquares(Span<double> sums, ReadOnlySpan<float> row, ReadOnlySpan<double> center)
    {
        int i = 0, half = Vector<double>.Count;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[i..]), out Vector<double> low, out Vector<double> high);
            low -= new Vector<double>(center[i..]);
            high -= new Vector<double>(center[(i + half)..]);
            (new Vector<double>(sums[i..]) + low * low).CopyTo(sums[i..]);
            (new Vector<double>(sums[(i + half)..]) + high * high).CopyTo(sums[(i + half)..]);
        }

        for (; i < row.Length; i++)
            sums[i] += (row[i] - center[i]) * (row[i] - center[i]);
    }

    /// <summary>output[i] = (row[i] - center[i]) scale[i] + offset[i], rounded once. Output may be the row.</summary>
    public static void Normalize(
        ReadOnlySpan<float> row, ReadOnlySpan<double> center, ReadOnlySpan<double> scale, ReadOnlySpan<double> offset,
        Span<float> output)
    {
        int i = 0, half = Vector<double>.Count;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[i..]), out Vector<double> low, out Vector<double> high);
            int next = i + half;
            low = (low - new Vector<double>(center[i..])) * new Vector<double>(scale[i..]);
            low += new Vector<double>(offset[i..]);
            high = (high - new Vector<double>(center[next..])) * new Vector<double>(scale[next..]);
            high += new Vector<double>(offset[next..]);
            Vector.Narrow(low, high).CopyTo(output[i..]);
        }

        for (; i < row.Length; i++)
            output[i] = (float)((row[i] - center[i]) * scale[i] + offset[i]);
    }
}
