// Uniform and normal random numbers with the bits of the native library: the same operations in the same order, each of which
// IEEE 754 rounds in one way. So nothing here may be rearranged, and no function of the runtime takes the place of a series.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedRandom
{
    private const int Lanes = 4;

    /// <summary>Added to a whole number's bits this makes the float64 of 2^52 more.</summary>
    private const ulong WholeBits = 0x4330000000000000;

    private const double WholeOffset = 4503599627370496;

    /// <summary>low + (high - low) u, with u from the upper 24 bits of each word.</summary>
    public static void Uniform(in RandomSequence sequence, double low, double high, Span<float> output)
    {
        Span<uint> words = stackalloc uint[Philox.GroupSize];
        RandomSequence rest = sequence;
        double step = (high - low) / 16777216;
        for (int used; output.Length > 0; output = output[used..])
        {
            used = Used(in rest, output.Length);
            if (used == Philox.GroupSize)
            {
                Philox.Group(rest.Seed, rest.Offset / Philox.GroupSize, words);
                for (int i = 0; i < Philox.GroupSize; i += 2 * Lanes)
                {
                    Vector256<uint> bits = Vector256.Create<uint>(words[i..]) >>> 8;
                    Vector256<double> first = ToDouble(Vector256.WidenLower(bits));
                    Vector256<double> second = ToDouble(Vector256.WidenUpper(bits));
                    first = Vector256.Create(low) + Vector256.Create(step) * first;
                    second = Vector256.Create(low) + Vector256.Create(step) * second;
                    Vector256.Narrow(first, second).CopyTo(output[i..]);
                }
            }
            else
            {
                Philox.Words(in rest, words[..used]);
                for (int i = 0; i < used; i++)
                    output[i] = (float)(low + step * (words[i] >> 8));
            }

            rest = rest.After(used);
        }
    }

    /// <summary>mean + deviation z, with pairs of z from pairs of words.</summary>
    public static void Normal(in RandomSequence sequence, double mean, double deviation, Span<float> output)
    {
        Span<float> group = stackalloc float[Philox.GroupSize];
        RandomSequence rest = sequence;
        for (int used; output.Length > 0; output = output[used..])
        {
            used = Used(in rest, output.Length);
            NormalGroup(rest.Seed, rest.Offset / Philox.GroupSize, mean, deviation, group);
            group.Slice((int)(rest.Offset % Philox.GroupSize), used).CopyTo(output);
            rest = rest.After(used);
        }
    }

    /// <summary>How many of the elements lie in the group of the sequence's position.</summary>
    private static int Used(in RandomSequence sequence, int count) =>
        Math.Min(Philox.GroupSize - (int)(sequence.Offset % Philox.GroupSize), count);

    private static void NormalGroup(ulong seed, ulong group, double mean, double deviation, Span<float> output)
    {
        Span<uint> words = stackalloc uint[Philox.GroupSize];
        Philox.Group(seed, group, words);
        for (int pair = 0; pair < Philox.GroupSize; pair += 16)
        {
            for (int i = pair; i < pair + 8; i += Lanes)
            {
                Vector256<double> fraction = (Load(words[i..]) + Vector256<double>.One) / Vector256.Create(4294967296.0);
                Vector256<double> turn = Load(words[(i + 8)..]) / Vector256.Create(4294967296.0);
                Vector256<double> radius = Vector256.Sqrt(-2.0 * LogOfFraction(fraction));
                SineOfTurn(turn, out Vector256<double> sine, out Vector256<double> cosine);
                Store(Vector256.Create(mean) + deviation * (radius * cosine), output[i..]);
                Store(Vector256.Create(mean) + deviation * (radius * sine), output[(i + 8)..]);
            }
        }
    }

    /// <summary>The logarithm of x in [2^-32, 1]: 2 artanh((m - 1) / (m + 1)) of the mantissa m, which is brought between the
    /// square roots of 1/2 and of 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LogOfFraction(Vector256<double> x)
    {
        // The exponent of x / sqrt(1/2), which is from -32 to 0, plus 64, so that the shift is one of a positive number.
        Vector256<ulong> biased = (x.AsUInt64() - Vector256.Create(0x3fe6a09e667f3bcdul - (64ul << 52))) >>> 52;
        Vector256<double> exponent = ToDouble(biased) - Vector256.Create(64.0);
        Vector256<double> mantissa = (x.AsUInt64() - ((biased - Vector256.Create(64ul)) << 52)).AsDouble();
        Vector256<double> f = (mantissa - Vector256<double>.One) / (mantissa + Vector256<double>.One), s = f * f;
        Vector256<double> sum = Vector256.Create(1.0 / 17);
        sum = sum * s + Vector256.Create(1.0 / 15);
        sum = sum * s + Vector256.Create(1.0 / 13);
        sum = sum * s + Vector256.Create(1.0 / 11);
        sum = sum * s + Vector256.Create(1.0 / 9);
        sum = sum * s + Vector256.Create(1.0 / 7);
        sum = sum * s + Vector256.Create(1.0 / 5);
        sum = sum * s + Vector256.Create(1.0 / 3);
        sum = sum * s + Vector256<double>.One;
        return 2.0 * f * sum + exponent * 0.693147180559945309;
    }

    /// <summary>sin and cos of 2 pi t for t in [0, 1): Taylor's series of what is left of the nearest quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SineOfTurn(Vector256<double> t, out Vector256<double> sine, out Vector256<double> cosine)
    {
        Vector256<double> nearest = Vector256.Floor(4.0 * t + Vector256.Create(0.5));
        Vector256<ulong> quarter = (nearest + Vector256.Create(WholeOffset)).AsUInt64();
        Vector256<double> x = (4.0 * t - nearest) * 1.57079632679489662, s = x * x;
        Vector256<double> odd = Vector256.Create(-1.0 / 39916800) + s / Vector256.Create(6227020800.0);
        odd = Vector256.Create(1.0 / 362880) + s * odd;
        odd = Vector256.Create(-1.0 / 5040) + s * odd;
        odd = Vector256.Create(1.0 / 120) + s * odd;
        odd = Vector256.Create(-1.0 / 6) + s * odd;
        odd = x * (Vector256<double>.One + s * odd);
        Vector256<double> even = Vector256.Create(1.0 / 479001600) - s / Vector256.Create(87178291200.0);
        even = Vector256.Create(-1.0 / 3628800) + s * even;
        even = Vector256.Create(1.0 / 40320) + s * even;
        even = Vector256.Create(-1.0 / 720) + s * even;
        even = Vector256.Create(1.0 / 24) + s * even;
        even = Vector256.Create(-0.5) + s * even;
        even = Vector256<double>.One + s * even;

        // An odd quarter swaps the two; the second bit of it, or of the next one, is the sign.
        Vector256<double> swaps = Vector256.Equals(quarter & Vector256<ulong>.One, Vector256<ulong>.One).AsDouble();
        Vector256<ulong> sign = Vector256.Create(2ul);
        sine = Vector256.ConditionalSelect(swaps, even, odd);
        sine = (sine.AsUInt64() ^ ((quarter & sign) << 62)).AsDouble();
        cosine = Vector256.ConditionalSelect(swaps, odd, even);
        cosine = (cosine.AsUInt64() ^ (((quarter + Vector256<ulong>.One) & sign) << 62)).AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(ReadOnlySpan<uint> words) =>
        ToDouble(Vector256.WidenLower(Vector128.Create(words).ToVector256()));

    /// <summary>Whole numbers below 2^52, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> ToDouble(Vector256<ulong> whole) =>
        (whole | Vector256.Create(WholeBits)).AsDouble() - Vector256.Create(WholeOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> values, Span<float> output) =>
        Vector256.Narrow(values, values).GetLower().CopyTo(output);
}
