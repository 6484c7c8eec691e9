// Cameras note in EXIF how a picture is to be turned. Here the same pixels carry each of the eight notes, and photographs that
// were stored in eight ways have to look alike.

using System.Buffers.Binary;
using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class OrientationTests
{
    public static TheoryData<string, int> Photographs
    {
        get
        {
            TheoryData<string, int> photographs = [];
            foreach (string name in (string[])["Landscape", "Portrait"])
            {
                for (int orientation = 0; orientation <= 8; orientation++)
                    photographs.Add(name, orientation);
            }

            return photographs;
        }
    }

    [Theory]
    [MemberData(nameof(Photographs))]
    public void A_photograph_looks_the_same_in_every_orientation(string name, int orientation)
    {
        Image upright = Load(name, 1);

        Image turned = Load(name, orientation);

        // The photographs were compressed one by one, and each has its number written into it: 4 on average. Turned in any
        // other way they differ by more than 40.
        Assert.InRange(Pictures.MeanDifference(upright, turned), 0, 5);
    }

    // Where the pixel in column x of row y comes from, by the definition of the tag: 1 has row 0 at the top and column 0 at the
    // left, 2 column 0 at the right, 3 row 0 at the bottom and column 0 at the right, and so on.
    [Theory]
    [InlineData(1, "x", "y")]
    [InlineData(2, "w-x", "y")]
    [InlineData(3, "w-x", "h-y")]
    [InlineData(4, "x", "h-y")]
    [InlineData(5, "y", "x")]
    [InlineData(6, "y", "h-x")]
    [InlineData(7, "w-y", "h-x")]
    [InlineData(8, "w-y", "x")]
    [InlineData(0, "x", "y")]
    [InlineData(9, "x", "y")]
    public void Each_orientation_moves_every_pixel_where_EXIF_says(int orientation, string column, string row)
    {
        byte[] jpeg = Pictures.Slope(19, 11).Encode(ImageEncoding.Jpeg);
        Image stored = Image.Load(jpeg);
        int lastX = stored.Width - 1, lastY = stored.Height - 1;
        bool isTurned = column.EndsWith('y');

        Image image = Image.Load(WithOrientation(jpeg, (ushort)orientation));

        Image expected = Pictures.Make(
            isTurned ? stored.Height : stored.Width,
            isTurned ? stored.Width : stored.Height,
            3,
            (x, y, channel) => stored.Pixels[(Source(row, x, y, lastY) * stored.Width + Source(column, x, y, lastX)) * 3 + channel]);
        Pictures.AssertEqual(expected, image);
    }

    [Fact]
    public void Gray_pictures_are_turned_too()
    {
        byte[] jpeg = Pictures.Slope(6, 4, channels: 1).Encode(ImageEncoding.Jpeg, quality: 100);

        Image image = Image.Load(WithOrientation(jpeg, 6));

        Assert.Equal("4 x 6 gray", image.ToString());
        // A quarter turn to the right: what grew from left to right now grows from top to bottom.
        Assert.InRange(image.Pixels[0], 0, 10);
        Assert.InRange(image.Pixels[^1], 245, 255);
    }

    private static int Source(string rule, int x, int y, int last)
    {
        int position = rule.EndsWith('x') ? x : y;
        return rule.Length > 1 ? last - position : position;
    }

    private static Image Load(string name, int orientation) =>
        Image.Load(SharedData.File("images", "exif-orientation", $"{name}_{orientation}.jpg"));

    /// <summary>The file with an EXIF segment of one entry after its first marker.</summary>
    internal static byte[] WithOrientation(ReadOnlySpan<byte> jpeg, ushort orientation)
    {
        byte[] value = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(value, orientation);
        byte[] exif =
        [
            .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, // Big-endian, the directory follows at once.
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, .. value, 0, 0, // One entry: Orientation, one short number.
            0, 0, 0, 0, // No further directory.
        ];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }
}
