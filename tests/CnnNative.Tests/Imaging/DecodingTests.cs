// What comes out of every format, what is done with transparency, and that the three ways to hand in a picture give the same.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class DecodingTests
{
    public static TheoryData<string> Formats => [.. EncodedPictures.Formats];

    // How far a format takes the slope from itself. JPEG and WebP are lossy: at quality 90 they quantise the lowest frequencies of
    // luma with steps of about 3 and those of chroma, at half the resolution, with about twice that; 24 is a tenth of the range
    // and far below the 255 between the corners. The test's GIF has four grays, 0, 85, 170 and 255, for ranges of 64.
    [Theory]
    [InlineData("PNG", 3, 0)]
    [InlineData("BMP", 3, 0)]
    [InlineData("JPEG", 3, 24)]
    [InlineData("WebP", 3, 24)]
    [InlineData("PNG", 1, 0)]
    [InlineData("JPEG", 1, 6)]
    public void Every_format_is_read(string format, int channels, int tolerance)
    {
        Image original = Pictures.Slope(21, 13, channels);

        Image image = Image.Load(EncodedPictures.Encode(format, original));

        Pictures.AssertEqual(original, image, tolerance);
    }

    [Fact]
    public void A_GIF_is_read_as_RGB()
    {
        Image original = Pictures.Hashed(9, 7, 1, seed: 3);

        Image image = Image.Load(EncodedPictures.Encode("GIF", original));

        Pictures.AssertEqual(Pictures.Make(9, 7, 3, (x, y, _) => (original.Pixels[y * 9 + x] >> 6) * 85), image);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Bytes_streams_and_files_give_the_same_picture(string format)
    {
        byte[] encoded = EncodedPictures.Encode(format, Pictures.Slope(10, 6));
        using TemporaryFolder folder = new();
        string path = folder.Write("picture.anything", encoded);
        using MemoryStream stream = new([1, 2, 3, .. encoded]);
        stream.Position = 3;

        Image image = Image.Load(encoded);

        Pictures.AssertEqual(image, Image.Load(path));
        Pictures.AssertEqual(image, Image.Load(stream));
        Assert.True(stream.CanRead);
        Assert.Equal(stream.Length, stream.Position);
    }

    public static TheoryData<int, int, int> Backgrounds => new() { { 255, 255, 255 }, { 0, 0, 0 }, { 10, 200, 90 } };

    [Theory]
    [MemberData(nameof(Backgrounds))]
    public void Transparent_pixels_are_laid_over_the_background(int red, int green, int blue)
    {
        int[] background = [red, green, blue];
        byte[] pixels = [.. Enumerable.Range(0, 256).SelectMany(alpha => (byte[])[200, 7, 255, (byte)alpha])];

        Image image = Image.Load(
            EncodedPictures.EncodeRgbaPng(64, 4, pixels),
            new ImageDecodeOptions { Background = new Color((byte)red, (byte)green, (byte)blue) });

        Image expected = Pictures.Make(64, 4, 3, (x, y, channel) =>
        {
            double alpha = (64 * y + x) / 255.0;
            return (int)Math.Round(pixels[channel] * alpha + background[channel] * (1 - alpha));
        });
        Pictures.AssertEqual(expected, image);
    }

    [Fact]
    public void The_background_is_white_unless_another_one_is_asked_for()
    {
        Image image = Image.Load(EncodedPictures.EncodeRgbaPng(1, 1, [1, 2, 3, 0]));

        Assert.Equal(Color.White, Pictures.At(image, 0, 0));
    }

    [Fact]
    public void The_numbers_behind_opaque_pixels_do_not_matter()
    {
        Image original = Pictures.Slope(8, 8);

        Image image = Image.Load(original.Encode(), new ImageDecodeOptions { Background = new Color(1, 2, 3) });

        Pictures.AssertEqual(original, image);
    }

    // The film of a live photograph follows the picture in the same file. It may contain anything, also what looks like the
    // start of a scan.
    [Fact]
    public void What_follows_the_end_of_a_JPEG_does_not_matter()
    {
        byte[] jpeg = Pictures.Slope(16, 16).Encode(ImageEncoding.Jpeg);

        Image image = Image.Load([.. jpeg, 0, 0, 0, 24, .. "ftypmp42"u8, 0xFF, 0xDA, 1, 2, 3]);

        Pictures.AssertEqual(Image.Load(jpeg), image);
    }
}
