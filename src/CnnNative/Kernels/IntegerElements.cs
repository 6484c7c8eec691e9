// Labels and indices are integers, while tensors hold float32: such a tensor holds the bits of int32 in each element, or of
// int64 in each two. Only kernels that say so read them; rearranging keeps all bits.

using System.Runtime.InteropServices;

namespace CnnNative.Kernels;

internal static class IntegerElements
{
    /// <summary>A tensor of the bits of <paramref name="values"/>.</summary>
    public static Tensor Create(ReadOnlySpan<int> values) =>
        Tensor.FromSpan(MemoryMarshal.Cast<int, float>(values), values.Length);

    /// <summary>A tensor of twice as many elements, with the bits of <paramref name="values"/>.</summary>
    public static Tensor Create(ReadOnlySpan<long> values) =>
        Tensor.FromSpan(MemoryMarshal.Cast<long, float>(values), 2 * values.Length);

    /// <summary>The elements as int32.</summary>
    public static Span<int> Integers(this in TensorAccess access) => MemoryMarshal.Cast<float, int>(access.Values);

    /// <summary>Each two elements as int64.</summary>
    public static Span<long> LongIntegers(this in TensorAccess access) => MemoryMarshal.Cast<float, long>(access.Values);
}
