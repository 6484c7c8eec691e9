// What the elements of a tensor are, and what file formats call them. Networks compute in float32; the other types carry labels,
// indices, shapes and masks, what is quantised, or stand in files only and are converted when they are read.

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

    /// <summary>IEEE 754 half precision; in files only.</summary>
    Float16 = 11,

    /// <summary>The upper half of single precision; in files only.</summary>
    BFloat16 = 12,
}

/// <summary>What follows from the type of an element.</summary>
internal static class ElementTypes
{
    private static readonly (ElementType Type, int Size, string SafeTensors, string? NumPy)[] _all =
    [
        (ElementType.Float32, 4, "F32", "<f4"),
        (ElementType.Int32, 4, "I32", "<i4"),
        (ElementType.Int64, 8, "I64", "<i8"),
        (ElementType.Bool, 1, "BOOL", "|b1"),
        (ElementType.UInt8, 1, "U8", "|u1"),
        (ElementType.Int8, 1, "I8", "|i1"),
        (ElementType.Int16, 2, "I16", "<i2"),
        (ElementType.UInt16, 2, "U16", "<u2"),
        (ElementType.UInt32, 4, "U32", "<u4"),
        (ElementType.UInt64, 8, "U64", "<u8"),
        (ElementType.Float64, 8, "F64", "<f8"),
        (ElementType.Float16, 2, "F16", "<f2"),
        (ElementType.BFloat16, 2, "BF16", null),
    ];

    /// <summary>Bytes of an element.</summary>
    public static int Size(this ElementType type) => _all[(int)type].Size;

    public static string SafeTensorsName(this ElementType type) => _all[(int)type].SafeTensors;

    /// <summary>What NumPy calls the type, or null where it has none.</summary>
    public static string? NumPyName(this ElementType type) => _all[(int)type].NumPy;

    /// <summary>The type that the safetensors format calls so, or null.</summary>
    public static ElementType? FromSafeTensors(string? name)
    {
        foreach ((ElementType type, _, string known, _) in _all)
        {
            if (known == name)
                return type;
        }

        return null;
    }

    /// <summary>The type that NumPy describes so, or null.</summary>
    public static ElementType? FromNumPy(string description)
    {
        foreach ((ElementType type, _, _, string? known) in _all)
        {
            if (known == description)
                return type;
        }

        return null;
    }

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
