// Sums in double precision over rows in single precision: what convolutions, gradients and statistics are made of where the
// managed kernels are the oracle, so that only the last rounding is theirs.

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
            AddTo(sums[i..], factors * low, factors * high);
        }

        for (; i < values.Length; i++)
            sums[i] += factor * values[i];
    }

    /// <summary>sums[i] += left[i] * right[i].</summary>
    public static void MultiplyAdd(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<double> sums)
    {
        int i = 0;
        for (; i <= left.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(left[i..]), out Vector<double> leftLow, out Vector<double> leftHigh);
            Vector.Widen(new Vector<float>(right[i..]), out Vector<double> rightLow, out Vector<double> rightHigh);
            AddTo(sums[i..], leftLow * rightLow, leftHigh * rightHigh);
        }

        for (; i < left.Length; i++)
            sums[i] += (double)left[i] * right[i];
    }

    /// <summary>target[i] = sums[i], or with <paramref name="accumulate"/> target[i] + sums[i].</summary>
    public static void Store(ReadOnlySpan<double> sums, bool accumulate, Span<float> target)
    {
        for (int i = 0; i < sums.Length; i++)
            target[i] = (float)(accumulate ? target[i] + sums[i] : sums[i]);
    }

    private static void AddTo(Span<double> sums, Vector<double> low, Vector<double> high)
    {
        Span<double> second = sums[Vector<double>.Count..];
        (new Vector<double>(sums) + low).CopyTo(sums);
        (new Vector<double>(second) + high).CopyTo(second);
    }
}
