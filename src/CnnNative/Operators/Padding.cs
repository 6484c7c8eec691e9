// How a window behaves at the border of its input. The names are those of Keras and ONNX; explicit amounts are those of PyTorch.

namespace CnnNative;

/// <summary>How much is added around an input before a window slides over it: zeros for a convolution and an average,
/// nothing that could win for a maximum.</summary>
public readonly record struct Padding
{
    private Padding(PaddingKind kind, int top = 0, int left = 0, int bottom = 0, int right = 0)
    {
        Kind = kind;
        Top = top;
        Left = left;
        Bottom = bottom;
        Right = right;
    }

    /// <summary>No padding: only windows that lie inside the input. The default.</summary>
    public static Padding Valid => new(PaddingKind.Explicit);

    /// <summary>The output is ceil(input / stride) large; an odd rest goes to the bottom and right (Keras, ONNX SAME_UPPER).</summary>
    public static Padding Same => new(PaddingKind.Same);

    /// <summary>As <see cref="Same"/>, but an odd rest goes to the top and left (ONNX SAME_LOWER).</summary>
    public static Padding SameLower => new(PaddingKind.SameLower);

    /// <summary>Rows above; 0 for <see cref="Same"/>, where it depends on the input.</summary>
    public int Top { get; }

    /// <summary>Columns to the left.</summary>
    public int Left { get; }

    /// <summary>Rows below.</summary>
    public int Bottom { get; }

    /// <summary>Columns to the right.</summary>
    public int Right { get; }

    internal PaddingKind Kind { get; }

    /// <summary>As many rows and columns on each side.</summary>
    /// <param name="all">Rows or columns on each side.</param>
    public static implicit operator Padding(int all) => Explicit(all, all, all, all);

    /// <summary>Given amounts on each side.</summary>
    /// <param name="top">Rows above.</param>
    /// <param name="left">Columns to the left.</param>
    /// <param name="bottom">Rows below.</param>
    /// <param name="right">Columns to the right.</param>
    public static Padding Explicit(int top, int left, int bottom, int right) =>
        new(PaddingKind.Explicit, top, left, bottom, right);

    /// <summary>"same", "same_lower", or the amounts as top,left,bottom,right.</summary>
    public override string ToString() => Kind switch
    {
        PaddingKind.Same => "same",
        PaddingKind.SameLower => "same_lower",
        _ => FormattableString.Invariant($"{Top},{Left},{Bottom},{Right}"),
    };
}

internal enum PaddingKind
{
    Explicit,
    Same,
    SameLower,
}
