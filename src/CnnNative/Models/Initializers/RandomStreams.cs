// Many sequences of random numbers from one seed, so that adding a layer to a model, or filling layers in another order, leaves
// the numbers of the others as they were.

using CnnNative.Kernels;

namespace CnnNative;

internal static class RandomStreams
{
    /// <summary>A stream's sequence: another key of the generator for each stream of a seed.</summary>
    /// <remarks>Both steps are bijections, so no two streams of a seed share a key; keys of neighbouring seeds have nothing in
    /// common that could show, because the finaliser of SplitMix64 (Steele, Lea and Flood 2014) mixes all bits.</remarks>
    public static RandomSequence Of(ulong seed, ulong stream) =>
        new(Mix(unchecked(Mix(seed) + stream * 0x9E3779B97F4A7C15)));

    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}
