// What the elements of a value are. Networks compute in float32; the other types carry labels, indices and shapes, and what is
// quantised.

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
}
