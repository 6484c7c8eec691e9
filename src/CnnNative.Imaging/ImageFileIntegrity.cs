// The codec stops reading once it has all pixels, so it does not miss a file's last bytes. A file without them was cut off on
// its way all the same; this looks for the end that each format writes. A GIF may go on with further frames, which are not
// read, and a BMP has no end mark, so for these two the codec's own check has to do.

using System.Buffers.Binary;

namespace CnnNative.Imaging;

internal static class ImageFileIntegrity
{
    /// <summary>Refuses a file whose end is missing.</summary>
    /// <exception cref="ImageFormatException">The end mark of the format is not there.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string kind, string name)
    {
        string? missing = kind switch
        {
            "PNG" => MissingFromPng(bytes),
            "JPEG" => MissingFromJpeg(bytes),
            "WebP" => MissingFromWebp(bytes),
            _ => null,
        };
        if (missing is not null)
        {
            throw new ImageFormatException($"{name}: the {kind} of {bytes.Length} bytes is truncated, expected {missing}.");
        }
    }

    // Chunks are: length, type, data, checksum (PNG specification, section 5.3). The last one has the type IEND.
    private static string? MissingFromPng(ReadOnlySpan<byte> bytes)
    {
        const int SignatureLength = 8, AroundData = 12;
        long position = SignatureLength;
        while (position + AroundData <= bytes.Length)
        {
            ReadOnlySpan<byte> chunk = bytes[(int)position..];
            position += AroundData + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (chunk[4..].StartsWith("IEND"u8) && position <= bytes.Length)
            {
                return null;
            }
        }

        return "complete chunks up to IEND";
    }

    // End of image is FF D9 (ITU-T T.81, B.1.1.3); inside a scan these two bytes cannot stand for anything else. A preview inside EXIF
    // has an end of its own, but it is before the first scan of the picture. Without a scan, the codec's own message is the better one.
    private static string? MissingFromJpeg(ReadOnlySpan<byte> bytes)
    {
        int scan = JpegSegments.FindScan(bytes);
        return scan < 0 || bytes[scan..].IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0 ? null : "an end-of-image marker after the scans";
    }

    // A RIFF file says after its first four bytes how many follow the first eight (RFC 9649, section 2.3).
    private static string? MissingFromWebp(ReadOnlySpan<byte> bytes)
    {
        long expected = 8L + BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        return bytes.Length < expected ? $"{expected} bytes" : null;
    }
}
