// Finds the parts of a JPEG file before its pixels. A search for marker bytes would also find those of a preview inside EXIF and
// those in a film that follows the picture, so segments are stepped over whole, by their lengths.

using System.Buffers.Binary;

namespace CnnNative.Imaging;

internal static class JpegSegments
{
    private const byte StartOfScan = 0xDA;

    /// <summary>Where the first scan begins, at its FF, or -1.</summary>
    public static int FindScan(ReadOnlySpan<byte> bytes) => Find(bytes, static marker => marker == StartOfScan);

    /// <summary>Where the frame header begins, at its FF, or -1.</summary>
    // C4, C8 and CC, between the frame headers, are other segments (ITU-T T.81, table B.1).
    public static int FindFrame(ReadOnlySpan<byte> bytes) =>
        Find(bytes, static marker => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC));

    // Segments are: FF, marker, length that counts itself, content (T.81, B.1.1.4). Decoders pass over stray bytes between them, and
    // so does this.
    private static int Find(ReadOnlySpan<byte> bytes, Func<byte, bool> isWanted)
    {
        int position = 0;
        while (position + 4 <= bytes.Length)
        {
            byte marker = bytes[position + 1];
            if (bytes[position] != 0xFF || marker == 0xFF)
            {
                position++;
            }
            else if (isWanted(marker))
            {
                return position;
            }
            else if (marker == StartOfScan)
            {
                return -1;
            }
            else
            {
                position += 2 + (HasLength(marker) ? BinaryPrimitives.ReadUInt16BigEndian(bytes[(position + 2)..]) : 0);
            }
        }

        return -1;
    }

    private static bool HasLength(byte marker) => marker is not (0x00 or 0x01 or (>= 0xD0 and <= 0xD9));
}
