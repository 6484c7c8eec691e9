// Labels and indices are integers. Only kernels that say so read them; rearranging keeps all bits.

using System.Runtime.InteropServices;

namespace CnnNative.Kernels;

internal static class IntegerElements
{
    /// <summary>A vector of int32.</summary>
    public static Tensor Create(ReadOnlySpan<int> values) => Tensor.From(values, values.Length);

    /// <summary>A vector of int64.</summary>
    public static Tensor Create(ReadOnlySpan<long> values) => Tensor.From(values, values.Length);

    /// <summary>The bits that <see cref="Tensor.AccessBits"/> opens as int32.</summary>
    public static Span<int> Integers(this in TensorAccess access) => MemoryMarshal.Cast<float, int>(access.Values);

    /// <summary>The bits that <see cref="Tensor.AccessBits"/> opens as int64.</summary>
    public static Span<long> LongIntegers(this in TensorAccess access) => MemoryMarshal.Cast<float, long>(access.Values);
}
