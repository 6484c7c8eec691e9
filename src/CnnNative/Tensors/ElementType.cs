// The types of elements that files hold, by the names that each format gives them. A tensor holds float32 alone, so everything
// else is converted when it is read.

namespace CnnNative;

internal enum ElementType
{
    Float32,
    Float64,
    Float16,
    BFloat16,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
}

internal static class ElementTypes
{
    private static readonly (ElementType Type, int Size, string SafeTensors, string? NumPy)[] _all =
    [
        (ElementType.Float32, 4, "F32", "<f4"),
        (ElementType.Float64, 8, "F64", "<f8"),
        (ElementType.Float16, 2, "F16", "<f2"),
        (ElementType.BFloat16, 2, "BF16", null),
        (ElementType.Int8, 1, "I8", "|i1"),
        (ElementType.Int16, 2, "I16", "<i2"),
        (ElementType.Int32, 4, "I32", "<i4"),
        (ElementType.Int64, 8, "I64", "<i8"),
        (ElementType.UInt8, 1, "U8", "|u1"),
        (ElementType.UInt16, 2, "U16", "<u2"),
        (ElementType.UInt32, 4, "U32", "<u4"),
        (ElementType.UInt64, 8, "U64", "<u8"),
        (ElementType.Bool, 1, "BOOL", "|b1"),
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
