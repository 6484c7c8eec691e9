// The random generator Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), eight blocks at a time in the lanes of vectors, in the
// order of positions that cnn.h defines: 32 positions are the first words of eight blocks, then their second words, and so on.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CnnNative.Kernels.Managed;

internal static class Philox
{
    /// <summary>Positions that are computed together.</summary>
    public const int GroupSize = 32;

    /// <summary>The words from the sequence's position on.</summary>
    public static void Words(in RandomSequence sequence, Span<uint> words)
    {
        ulong position = sequence.Offset;
        Span<uint> group = stackalloc uint[GroupSize];
        for (int used; words.Length > 0; words = words[used..])
        {
            int first = (int)(position % GroupSize);
            used = Math.Min(GroupSize - first, words.Length);
            if (used == GroupSize)
            {
                Group(sequence.Seed, position / GroupSize, words);
            }
            else
            {
                Group(sequence.Seed, position / GroupSize, group);
                group.Slice(first, used).CopyTo(words);
            }

            position = unchecked(position + (ulong)used);
        }
    }

    /// <summary>The words of the positions 32 group to 32 group + 31. Always optimised: the runtime's first, unoptimised code of
    /// this method was seen to give other words on processors with AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Group(ulong seed, ulong group, Span<uint> words)
    {
        // Eight times the group ends in three zero bits, so that nothing is carried into the high half.
        Vector256<uint> x0 = Vector256.Create(unchecked((uint)(group << 3))) + Vector256<uint>.Indices;
        Vector256<uint> x1 = Vector256.Create(unchecked((uint)(group >> 29)));
        Vector256<uint> x2 = Vector256<uint>.Zero, x3 = Vector256<uint>.Zero;
        Vector256<uint> low = Vector256.Create(unchecked((uint)seed)), high = Vector256.Create((uint)(seed >> 32));
        for (int round = 0; round < 10; round++)
        {
            Multiply(x0, 0xd2511f53, out Vector256<uint> firstLow, out Vector256<uint> firstHigh);
            Multiply(x2, 0xcd9e8d57, out Vector256<uint> secondLow, out Vector256<uint> secondHigh);
            x0 = secondHigh ^ x1 ^ low;
            x1 = secondLow;
            x2 = firstHigh ^ x3 ^ high;
            x3 = firstLow;
            low += Vector256.Create(0x9e3779b9);
            high += Vector256.Create(0xbb67ae85);
        }

        x0.CopyTo(words);
        x1.CopyTo(words[8..]);
        x2.CopyTo(words[16..]);
        x3.CopyTo(words[24..]);
    }

    /// <summary>The halves of the products of 64 bits, those of even and of odd lanes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Vector256<uint> x, uint factor, out Vector256<uint> low, out Vector256<uint> high)
    {
        Vector256<ulong> mask = Vector256.Create(0xfffffffful);
        Vector256<ulong> even = Product(x.AsUInt64() & mask, factor), odd = Product(x.AsUInt64() >>> 32, factor);
        low = ((even & mask) | (odd << 32)).AsUInt32();
        high = ((even >>> 32) | (odd & ~mask)).AsUInt32();
    }

    /// <summary>There is an instruction for numbers of 32 bits in lanes of 64; a general product is several.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Product(Vector256<ulong> x, ulong factor) =>
        Avx2.IsSupported ? Avx2.Multiply(x.AsUInt32(), Vector256.Create(factor).AsUInt32()) : x * Vector256.Create(factor);
}
