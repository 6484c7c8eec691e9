// Sums in double precision over rows in single precision: what gradients and statistics are made of where the managed kernels
// are the oracle, so that only the last rounding is theirs.

using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class DoubleRow
{
    /// <summary>sums[i] += factor * values[i].</summary>
    public static void MultiplyAdd(double factor, ReadOnlySpan<float> values, Span<double> sums)
    {
        int i = 0;
        var factors = new Vector<double>(factor);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out Vector<double> low, out Vector<double> high);
            Span<double> first = sums[i..], second = sums[(i + Vector<double>.Count)..];
            (new Vector<double>(first) + factors * low).CopyTo(first);
            (new Vector<double>(second) + factors * high).CopyTo(second);
        }

        for (; i < values.Length; i++)
            sums[i] += factor * values[i];
    }

    /// <summary>target[i] = sums[i], or with <paramref name="accumulate"/> target[i] + sums[i].</summary>
    public static void Store(ReadOnlySpan<double> sums, bool accumulate, Span<float> target)
    {
        for (int i = 0; i < sums.Length; i++)
            target[i] = (float)(accumulate ? target[i] + sums[i] : sums[i]);
    }
}
