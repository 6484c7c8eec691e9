// How pixels of a resized picture are weighed: values that users choose, and kernels read. The names and definitions are those of
// ONNX's Resize.

namespace CnnNative;

/// <summary>How a pixel is made of its neighbours.</summary>
public enum ResizeMode
{
    /// <summary>The nearest one.</summary>
    Nearest = 0,

    /// <summary>Two in each direction, by distance: bilinear.</summary>
    Linear = 1,

    /// <summary>Four in each direction, by a cubic polynomial of the distance: bicubic; Keys 1981.</summary>
    Cubic = 2,
}

/// <summary>Where in the input the centre of an output pixel o lies; scale is output size / input size.</summary>
public enum CoordinateMode
{
    /// <summary>(o + 0.5) / scale - 0.5.</summary>
    HalfPixel = 0,

    /// <summary>As half pixel, moved so that the centres of both images meet.</summary>
    HalfPixelSymmetric = 1,

    /// <summary>As half pixel, but 0 for an output of one pixel.</summary>
    PytorchHalfPixel = 2,

    /// <summary>o (input size - 1) / (output size - 1); 0 for an output of one pixel.</summary>
    AlignCorners = 3,

    /// <summary>o / scale.</summary>
    Asymmetric = 4,
}

/// <summary>Which pixel is the nearest.</summary>
public enum NearestMode
{
    /// <summary>Rounded, halves down.</summary>
    RoundPreferFloor = 0,

    /// <summary>Rounded, halves up.</summary>
    RoundPreferCeil = 1,

    /// <summary>The one before.</summary>
    Floor = 2,

    /// <summary>The one after.</summary>
    Ceil = 3,
}

/// <summary>How pixels are weighed.</summary>
/// <param name="Mode">How many neighbours count.</param>
/// <param name="Coordinates">Where a pixel lies.</param>
/// <param name="Nearest">Which is the nearest, for that mode.</param>
/// <param name="Antialias">Whether filters are stretched when the image shrinks, to see all pixels that they pass.</param>
/// <param name="ExcludeOutside">Whether pixels outside the input have no weight and the others sum to 1; else the nearest pixel
/// of the border stands for them.</param>
/// <param name="CubicCoefficient">The coefficient a of the cubic filter.</param>
public readonly record struct ResizeFilter(
    ResizeMode Mode, CoordinateMode Coordinates = CoordinateMode.HalfPixel,
    NearestMode Nearest = NearestMode.RoundPreferFloor, bool Antialias = false, bool ExcludeOutside = false,
    double CubicCoefficient = -0.75)
{
    /// <summary>The nearest pixel, by half-pixel centres.</summary>
    public static ResizeFilter NearestPixel => new(ResizeMode.Nearest);

    /// <summary>Bilinear, by half-pixel centres.</summary>
    public static ResizeFilter Bilinear => new(ResizeMode.Linear);

    /// <summary>Bicubic, by half-pixel centres, with PyTorch's coefficient.</summary>
    public static ResizeFilter Bicubic => new(ResizeMode.Cubic);
}
