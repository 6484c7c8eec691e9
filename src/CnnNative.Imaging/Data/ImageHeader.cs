// What a picture file announces, without decoding it: a folder is checked as a whole before training begins, and not one file
// after the other in the middle of it.

using SkiaSharp;

namespace CnnNative.Imaging;

/// <summary>The size and the channels of the picture that decoding would give.</summary>
internal readonly record struct ImageHeader(int Width, int Height, int Channels)
{
    /// <summary>Reads the header of a file.</summary>
    /// <exception cref="ImageFormatException">The file is no picture.</exception>
    public static ImageHeader Read(string path, ImageDecodeOptions? options)
    {
        using SKCodec? codec = SKCodec.Create(path);
        if (codec is null)
        {
            // Decoding says best what is wrong.
            Image image = Image.Load(path, options);
            return new ImageHeader(image.Width, image.Height, image.Channels);
        }

        (int width, int height) = codec.EncodedOrigin >= SKEncodedOrigin.LeftTop
            ? (codec.Info.Height, codec.Info.Width)
            : (codec.Info.Width, codec.Info.Height);
        return new ImageHeader(width, height, codec.Info.ColorType == SKColorType.Gray8 ? 1 : 3);
    }
}
