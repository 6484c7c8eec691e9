// What the elements of a value are, and what file formats call them. Networks compute in float32; the other types carry labels,
// indices and shapes, what is quantised, or stand in files only and are converted when they are read.

namespace CnnNative;

/// <summary>The type of the elements of a value in a <see cref="Graph"/>.</summary>
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

    /// <summary>IEEE 754 double precision; in files only.</summary>
    Float64 = 6,

    /// <summary>IEEE 754 half precision; in files only.</summary>
    Float16 = 7,

    /// <summary>The upper half of single precision; in files only.</summary>
    BFloat16 = 8,

    /// <summary>Signed, 16 bits; in files only.</summary>
    Int16 = 9,

    /// <summary>Unsigned, 16 bits; in files only.</summary>
    UInt16 = 10,

    /// <summary>Unsigned, 32 bits; in files only.</summary>
    UInt32 = 11,

    /// <summary>Unsigned, 64 bits; in files only.</summary>
    UInt64 = 12,
}

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
        (ElementType.Float64, 8, "F64", "<f8"),
        (ElementType.Float16, 2, "F16", "<f2"),
        (ElementType.BFloat16, 2, "BF16", null),
        (ElementType.Int16, 2, "I16", "<i2"),
        (ElementType.UInt16, 2, "U16", "<u2"),
        (ElementType.UInt32, 4, "U32", "<u4"),
        (ElementType.UInt64, 8, "U64", "<u8"),
    ];

    /// <summary>Bytes of an element.</summary>
    public static int Size(this ElementType type) => _all[(int)type].Size;

    public static string SafeTensorsName(this ElementType type) => _all[(int)type].SafeTensors;

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
}
