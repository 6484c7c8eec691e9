// JPEG is a family: most of its processes are read by no common decoder. When a file is refused, its owner should learn which one
// it uses rather than that "the header cannot be read".

namespace CnnNative.Imaging;

internal static class JpegProcess
{
    /// <summary>Names the process of a JPEG file that the codec refused and what is read instead, or null if the process is a
    /// common one or cannot be found.</summary>
    public static string? DescribeUncommon(ReadOnlySpan<byte> bytes)
    {
        // A frame header is: FF, marker, two bytes of length, precision.
        const int ToPrecision = 4;
        int frame = JpegSegments.FindFrame(bytes);
        return frame >= 0 && frame + ToPrecision < bytes.Length ? Describe(bytes[frame + 1], bytes[frame + ToPrecision]) : null;
    }

    // The last two bits of the marker are the process, the one above them stands for a hierarchical file, and from C9 on the coding
    // is arithmetic (ITU-T T.81, table B.1).
    private static string? Describe(byte marker, int bits)
    {
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
}
