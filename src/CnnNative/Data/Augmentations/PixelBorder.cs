// What lies outside a picture, for steps that look there.

namespace CnnNative;

/// <summary>The pixels outside a picture.</summary>
public enum PixelBorder
{
    /// <summary>Zeros.</summary>
    Zero = 0,

    /// <summary>The nearest pixel of the edge.</summary>
    Edge = 1,

    /// <summary>The picture mirrored at its edge, which is not repeated: c b | a b c | b a.</summary>
    Reflect = 2,
}
