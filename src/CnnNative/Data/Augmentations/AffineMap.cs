// Where the pixels of a result come from, relative to the picture's middle. Products of such maps are how several turns and
// scalings become one resampling.

namespace CnnNative;

/// <summary>x' = Xx x + Xy y + X0, y' = Yx x + Yy y + Y0, in pixels from the middle, y downwards.</summary>
internal readonly record struct AffineMap(float Xx, float Xy, float X0, float Yx, float Yy, float Y0)
{
    public static AffineMap Identity => new(1, 0, 0, 0, 1, 0);

    /// <summary>The map that takes a point through <paramref name="first"/> and the result through this one.</summary>
    public AffineMap After(in AffineMap first) => new(
        Xx * first.Xx + Xy * first.Yx, Xx * first.Xy + Xy * first.Yy, Xx * first.X0 + Xy * first.Y0 + X0,
        Yx * first.Xx + Yy * first.Yx, Yx * first.Xy + Yy * first.Yy, Yx * first.X0 + Yy * first.Y0 + Y0);
}
