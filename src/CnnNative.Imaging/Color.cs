// A colour of the public interface. The plotting and drawing libraries each have a colour type of their own; neither shows
// outside this project, so that they can be exchanged.

namespace CnnNative.Imaging;

/// <summary>An opaque colour, as in a picture file: sRGB, 8 bits per channel.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Color(byte R, byte G, byte B)
{
    /// <summary>White.</summary>
    public static Color White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static Color Black { get; } = new(0, 0, 0);
}
