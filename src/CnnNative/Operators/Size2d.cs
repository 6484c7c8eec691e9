// A height and a width: the size of a window, the step of a stride. One number stands for both, as everybody writes it.

namespace CnnNative;

/// <summary>A height and a width, in rows and columns of pixels. An int converts to both of them.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>The same number for height and width.</summary>
    /// <param name="both">Rows and columns.</param>
    public static implicit operator Size2d(int both) => new(both, both);

    /// <summary>A height and a width.</summary>
    /// <param name="size">Rows and columns.</param>
    public static implicit operator Size2d((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>Height x width, such as "3x3".</summary>
    public override string ToString() => FormattableString.Invariant($"{Height}x{Width}");
}
