// Cameras store pictures as the sensor lies and note in EXIF how to turn them. A network trained on upright pictures needs the
// turned pixels, so decoding turns them, unless it is told not to, and the note is gone afterwards.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class ImageOrientation
{
    /// <summary>Turns a stored picture upright; the eight cases are those of the EXIF tag Orientation (0x0112).</summary>
    public static Image Apply(SKEncodedOrigin origin, Image stored)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
        {
            return stored;
        }

        bool turned = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop
            or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        int width = turned ? stored.Height : stored.Width;
        int height = turned ? stored.Width : stored.Height;
        ReadOnlySpan<byte> source = stored.Pixels;
        byte[] pixels = GC.AllocateUninitializedArray<byte>(source.Length);
        int target = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int sourceX, int sourceY) = Source(origin, x, y, stored.Width, stored.Height);
                int offset = (sourceY * stored.Width + sourceX) * stored.Channels;
                source.Slice(offset, stored.Channels).CopyTo(pixels.AsSpan(target));
                target += stored.Channels;
            }
        }

        return Image.Own(pixels, width, height, stored.Channels);
    }

    private static (int X, int Y) Source(SKEncodedOrigin origin, int x, int y, int width, int height) => origin switch
    {
        SKEncodedOrigin.TopRight => (width - 1 - x, y),
        SKEncodedOrigin.BottomRight => (width - 1 - x, height - 1 - y),
        SKEncodedOrigin.BottomLeft => (x, height - 1 - y),
        SKEncodedOrigin.LeftTop => (y, x),
        SKEncodedOrigin.RightTop => (y, height - 1 - x),
        SKEncodedOrigin.RightBottom => (width - 1 - y, height - 1 - x),
        SKEncodedOrigin.LeftBottom => (width - 1 - y, x),
        _ => (x, y),
    };
}
