// What the elements of a tensor are. Networks compute in float32; the other types carry labels, indices, shapes and masks, and what
// is quantised.

namespace CnnNative;

/// <summary>The type of the elements of a <see cref="Tensor"/>, and of a value in a <see cref="Graph"/>.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 single precision.</summary>
    Float32 = 0,

    /// <summary>Signed, 32 bits.</summary>
    Int32 = 1,

    /// <summary>Signed, 64 bits.</summary>
    Int64 = 2,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 3,

    /// <summary>Unsigned, 8 bits.</summary>
    UInt8 = 4,

    /// <summary>Signed, 8 bits.</summary>
    Int8 = 5,

    /// <summary>Signed, 16 bits.</summary>
    Int16 = 6,

    /// <summary>Unsigned, 16 bits.</summary>
    UInt16 = 7,

    /// <summary>Unsigned, 32 bits.</summary>
    UInt32 = 8,

    /// <summary>Unsigned, 64 bits.</summary>
    UInt64 = 9,

    /// <summary>IEEE 754 double precision.</summary>
    Float64 = 10,
}

/// <summary>What follows from the type of an element.</summary>
internal static class ElementTypes
{
    /// <summary>The bytes of one element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => sizeof(byte),
        ElementType.Int16 or ElementType.UInt16 => sizeof(short),
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 => sizeof(long),
        _ => sizeof(float),
    };

    /// <summary>The type of elements that .NET calls <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException">Tensors hold no such elements.</exception>
    public static ElementType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return ElementType.Float32;
        }

        return typeof(T) == typeof(long) ? ElementType.Int64
            : typeof(T) == typeof(int) ? ElementType.Int32
            : typeof(T) == typeof(bool) ? ElementType.Bool
            : typeof(T) == typeof(byte) ? ElementType.UInt8
            : typeof(T) == typeof(sbyte) ? ElementType.Int8
            : typeof(T) == typeof(short) ? ElementType.Int16
            : typeof(T) == typeof(ushort) ? ElementType.UInt16
            : typeof(T) == typeof(uint) ? ElementType.UInt32
            : typeof(T) == typeof(ulong) ? ElementType.UInt64
            : typeof(T) == typeof(double) ? ElementType.Float64
            : throw new NotSupportedException($"Tensor: {typeof(T)} is no type of elements, expected float, double, bool or an integer.");
    }
}
