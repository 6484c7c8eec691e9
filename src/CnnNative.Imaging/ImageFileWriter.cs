// Encoding with SkiaSharp, and writing so that no partial file can be left behind. Figures are saved through here too.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class ImageFileWriter
{
    public static ImageEncoding EncodingOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PNG" => ImageEncoding.Png,
        ".JPG" or ".JPEG" => ImageEncoding.Jpeg,
        ".WEBP" => ImageEncoding.Webp,
        _ => throw new ArgumentException(
            $"Cannot write '{path}': the extension is '{Path.GetExtension(path)}', expected .png, .jpg, .jpeg or .webp.", nameof(path)),
    };

    public static byte[] Encode(Image image, ImageEncoding encoding, int quality)
    {
        using SKBitmap bitmap = ToBitmap(image);
        using SKPixmap pixmap = bitmap.PeekPixels();
        return Encode(pixmap, encoding, quality);
    }

    public static byte[] Encode(SKPixmap pixmap, ImageEncoding encoding, int quality)
    {
        using SKData? data = encoding switch
        {
            ImageEncoding.Png => pixmap.Encode(SKPngEncoderOptions.Default),
            ImageEncoding.Jpeg => pixmap.Encode(new SKJpegEncoderOptions(quality)),
            ImageEncoding.Webp => pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality)),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Expected a member of the enumeration."),
        };
        return data?.ToArray() ?? throw new ImageFormatException(
            $"{pixmap.Width} x {pixmap.Height} pixels cannot be encoded as {encoding}; WebP holds at most 16383 a side, JPEG 65535.");
    }

    /// <summary>The drawing library's copy of a picture; the caller disposes it.</summary>
    public static SKBitmap ToBitmap(Image image)
    {
        var bitmap = new SKBitmap(Describe(image));
        CopyPixels(image, bitmap.GetPixelSpan());
        return bitmap;
    }

    public static void Write(string path, byte[] bytes) => AtomicFile.Write(path, stream => stream.Write(bytes));

    private static SKImageInfo Describe(Image image) => new(
        image.Width, image.Height, image.Channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);

    private static void CopyPixels(Image image, Span<byte> target)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        if (image.Channels == 1)
        {
            pixels.CopyTo(target);
            return;
        }

        for (int i = 0; i < pixels.Length / 3; i++)
        {
            pixels.Slice(3 * i, 3).CopyTo(target[(4 * i)..]);
            target[4 * i + 3] = 255;
        }
    }
}
