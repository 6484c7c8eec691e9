// Loading and storing the first elements of a vector: the ends of rows, where a whole vector would reach too far.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace CnnNative.Kernels.Managed;

internal static class VectorRemainder
{
    /// <summary>Stores the first <paramref name="count"/> elements; a whole vector is the fast case.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst(this Vector<float> vector, Span<float> target, int count)
    {
        if (count == Vector<float>.Count)
            vector.CopyTo(target);
        else
            StoreElements(vector, target[..count]);
    }

    /// <summary>A vector of the source's elements, which may be fewer than a vector holds, followed by zeros.</summary>
    public static Vector<float> LoadFirst(ReadOnlySpan<float> source)
    {
        Span<float> elements = stackalloc float[Vector<float>.Count];
        elements.Clear();
        source.CopyTo(elements);
        return new Vector<float>(elements);
    }

    private static void StoreElements(Vector<float> vector, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = vector[i];
    }
}
