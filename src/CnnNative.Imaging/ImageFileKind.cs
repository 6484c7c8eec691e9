// Which formats are read. The decoder library knows more of them, camera raw among them; only the formats named here are handed
// to it, recognised by their first bytes rather than by the file's name.

namespace CnnNative.Imaging;

internal static class ImageFileKind
{
    public const string Expected = "expected JPEG, PNG, WebP, BMP or GIF";

    public static string? Recognize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return "JPEG";
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return "PNG";
        }

        if (bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..].StartsWith("WEBP"u8))
        {
            return "WebP";
        }

        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
        {
            return "GIF";
        }

        return bytes.StartsWith("BM"u8) ? "BMP" : null;
    }
}
