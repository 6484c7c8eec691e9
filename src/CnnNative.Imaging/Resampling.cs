// The names of the resampling filters; their arithmetic is in Resampler.

namespace CnnNative.Imaging;

/// <summary>How <see cref="Image.Resize"/> computes new pixels.</summary>
public enum Resampling
{
    /// <summary>Each new pixel is the nearest old one.</summary>
    Nearest,

    /// <summary>A triangle over two pixels, widened by the reduction.</summary>
    Bilinear,

    /// <summary>Keys' cubic convolution with a = -1/2 over four pixels, widened by the reduction.</summary>
    Bicubic,
}
