// From encoded bytes to pixels with SkiaSharp's codec, which reads a file's header without decoding it: limits are checked in
// between. A codec that meets a broken file fills what it has; every result but full success is an error here.
// Colour profiles and gamma are left alone, as Pillow leaves them, so that networks see the numbers they were trained on.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class ImageDecoder
{
    // The codec's pixels are four bytes each in one array.
    private const long MaxAddressablePixels = int.MaxValue / 4;

    public static Image Decode(byte[] bytes, string name, ImageDecodeOptions options)
    {
        if (bytes.Length == 0)
        {
            throw new ImageFormatException($"{name}: empty, {ImageFileKind.Expected}.");
        }

        string kind = ImageFileKind.Recognize(bytes) ?? throw new ImageFormatException(
            $"{name}: {(ImageFileKind.RecognizeOther(bytes) is { } other ? $"a picture in the format {other}"
                : $"starts with the bytes {Convert.ToHexString(bytes, 0, Math.Min(8, bytes.Length))}")}, {ImageFileKind.Expected}.");
        ImageFileIntegrity.Check(bytes, kind, name);

        using SKData data = SKData.CreateCopy(bytes);
        using SKCodec codec = SKCodec.Create(data) ?? throw Refuse(bytes, kind, name);
        CheckSize(codec.Info, kind, name, options);

        using SKBitmap bitmap = DecodePixels(codec, kind, name);
        int channels = codec.Info.ColorType == SKColorType.Gray8 ? 1 : 3;
        byte[] pixels = Flatten(bitmap.GetPixelSpan(), channels, options.Background);
        Image stored = Image.Own(pixels, bitmap.Width, bitmap.Height, channels);
        return options.ApplyOrientation ? ImageOrientation.Apply(codec.EncodedOrigin, stored) : stored;
    }

    private static ImageFormatException Refuse(byte[] bytes, string kind, string name)
    {
        string? uncommon = kind == "JPEG" ? JpegProcess.DescribeUncommon(bytes) : null;
        return new ImageFormatException(uncommon is null
            ? $"{name}: the {kind} header cannot be read, expected a complete file of a common variant of {kind}."
            : $"{name}: {uncommon}.");
    }

    private static void CheckSize(SKImageInfo info, string kind, string name, ImageDecodeOptions options)
    {
        long limit = Math.Min(options.MaxPixels, MaxAddressablePixels);
        long pixels = (long)info.Width * info.Height;
        if (pixels > limit)
        {
            throw new ImageFormatException(
                $"{name}: {kind} of {info.Width} x {info.Height} = {pixels} pixels, expected at most {limit}"
                + $" ({nameof(ImageDecodeOptions)}.{nameof(ImageDecodeOptions.MaxPixels)}).");
        }
    }

    private static SKBitmap DecodePixels(SKCodec codec, string kind, string name)
    {
        var wanted = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var bitmap = new SKBitmap();
        try
        {
            if (!bitmap.TryAllocPixels(wanted))
            {
                throw new InsufficientMemoryException($"{name}: no memory for {wanted.Width} x {wanted.Height} pixels.");
            }

            SKCodecResult result = codec.GetPixels(wanted, bitmap.GetPixels());
            if (result != SKCodecResult.Success)
            {
                string problem = result == SKCodecResult.IncompleteInput ? "truncated" : $"broken ({result})";
                throw new ImageFormatException(
                    $"{name}: the {kind} of {wanted.Width} x {wanted.Height} pixels is {problem}, expected a complete file.");
            }

            return bitmap;
        }
        catch
        {
            bitmap.Dispose();
            throw;
        }
    }

    private static byte[] Flatten(ReadOnlySpan<byte> rgba, int channels, Color background)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * channels);
        ReadOnlySpan<byte> behind = [background.R, background.G, background.B];
        int target = 0;
        for (int i = 0; i < rgba.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            for (int channel = 0; channel < channels; channel++)
            {
                int mixed = rgba[i + channel] * alpha + behind[channel] * (255 - alpha);
                pixels[target++] = (byte)((mixed + 127) / 255);
            }
        }

        return pixels;
    }
}
