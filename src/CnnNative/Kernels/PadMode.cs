// What padding adds: a value that users choose, and kernels read. The names are those of ONNX.

namespace CnnNative;

/// <summary>What stands in the elements that padding adds.</summary>
public enum PadMode
{
    /// <summary>A value.</summary>
    Constant = 0,

    /// <summary>The tensor mirrored at its first and last element, which are not repeated: c b | a b c | b a.</summary>
    Reflect = 1,

    /// <summary>The first or last element: a a | a b c | c c.</summary>
    Edge = 2,

    /// <summary>The tensor again from its other end: b c | a b c | a b.</summary>
    Wrap = 3,
}
