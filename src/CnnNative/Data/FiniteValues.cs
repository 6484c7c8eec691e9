// Looks for NaN and infinities: one of them in fifty thousand pictures turns all weights of a network into NaN within a step.
// It is asked for every sample of every epoch, so it looks at eight values at a time.

using System.Runtime.Intrinsics;

namespace CnnNative;

internal static class FiniteValues
{
    private const uint Exponent = 0x7f800000;

    /// <summary>The place of the first value that is NaN or infinite; -1 if there is none.</summary>
    public static int IndexOfOther(ReadOnlySpan<float> values)
    {
        int start = 0;
        for (; start <= values.Length - Vector256<float>.Count; start += Vector256<float>.Count)
        {
            Vector256<uint> bits = Vector256.Create(values[start..]).AsUInt32() & Vector256.Create(Exponent);
            if (Vector256.EqualsAny(bits, Vector256.Create(Exponent)))
            {
                break;
            }
        }

        for (int i = start; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
