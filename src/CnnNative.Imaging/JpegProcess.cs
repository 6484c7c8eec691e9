// JPEG is a family: most of its processes are read by no common decoder. When a file is refused, its owner should learn which one
// it uses rather than that "the header cannot be read".

using System.Buffers.Binary;

namespace CnnNative.Imaging;

internal static class JpegProcess
{
    /// <summary>Names the process of a JPEG file that the codec refused and what is read instead, or null if the process is a
    /// common one or cannot be found.</summary>
    public static string? DescribeUncommon(ReadOnlySpan<byte> bytes)
    {
        // Segments are: FF, marker, length that counts itself, content (ITU-T T.81, B.1.1.4). The frame header's content begins with
        // the precision.
        const int StartOfImage = 2, Longest = 5;
        int position = StartOfImage;
        while (position + Longest <= bytes.Length && bytes[position] == 0xFF)
        {
            byte marker = bytes[position + 1];
            if (IsStartOfFrame(marker))
            {
                return Describe(marker, bytes[position + 4]);
            }

            // Any number of FF may stand before a marker.
            position += marker == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(position + 2)..]);
        }

        return null;
    }

    private static string? Describe(byte marker, int bits)
    {
        // The last two bits of the marker are the process, and the one above them stands for a hierarchical file; from C9 on the
        // coding is arithmetic (T.81, table B.1).
        string process = (marker & 3) switch
        {
            0 => "baseline",
            1 => "sequential",
            2 => "progressive",
            _ => "lossless",
        };
        string coding = marker >= 0xC9 ? "arithmetic-coded " : "";
        string hierarchy = (marker & 4) != 0 ? "hierarchical " : "";
        bool isCommon = process != "lossless" && coding.Length == 0 && hierarchy.Length == 0 && bits == 8;
        return isCommon
            ? null
            : $"a {hierarchy}{coding}{process} JPEG with {bits} bits per channel, expected baseline or progressive with 8";
    }

    // C4, C8 and CC, between the frame headers, are other segments.
    private static bool IsStartOfFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
