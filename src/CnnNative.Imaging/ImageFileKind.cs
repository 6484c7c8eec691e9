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

    /// <summary>The name of a format that is not read, because a name says more than its first bytes; null for anything
    /// else.</summary>
    public static string? RecognizeOther(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
        {
            return "TIFF";
        }

        // A box of a length and a type, or a codestream by itself (ISO/IEC 15444-1, 18181-2 and 14496-12).
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) || HasBox(bytes, "jP  "u8))
        {
            return "JPEG 2000";
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || HasBox(bytes, "JXL "u8))
        {
            return "JPEG XL";
        }

        if (HasBox(bytes, "ftypavif"u8) || HasBox(bytes, "ftypheic"u8) || HasBox(bytes, "ftypmif1"u8))
        {
            return "HEIF or AVIF";
        }

        return bytes.Length > 2 && bytes[0] == 'P' && bytes[1] is >= (byte)'1' and <= (byte)'7'
            && bytes[2] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'#' ? "PNM" : null;
    }

    private static bool HasBox(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> type) =>
        bytes.Length > 4 && bytes[4..].StartsWith(type);
}
