// JPEG files of many kinds with the pixels that another decoder made of them: progressive, CMYK, restart markers, odd sizes,
// sampled and not. The lossless process is not read; it has to be refused with its name.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class JpegReferenceTests
{
    // A decoder's inverse cosine transform may be off by 1 (ITU-T T.83). Blue is Y + 1.772 Cb, so it may be off by 2.8, and by
    // half of 1 more for each of the two roundings to whole numbers: 3.8.
    private const int Tolerance = 3;

    [Theory]
    [InlineData("16bit-qtables")]
    [InlineData("blank_800x280")]
    [InlineData("extraneous-data")]
    [InlineData("grayscale_16x24_sampling2x2")]
    [InlineData("grayscale_24x16_sampling2x2")]
    [InlineData("grayscale_large")]
    [InlineData("grayscale_long")]
    [InlineData("grayscale_square")]
    [InlineData("mjpeg")]
    [InlineData("mozilla/jpg-cmyk-1")]
    [InlineData("mozilla/jpg-cmyk-2")]
    [InlineData("mozilla/jpg-gray")]
    [InlineData("mozilla/jpg-progressive")]
    [InlineData("mozilla/jpg-size-1x1")]
    [InlineData("mozilla/jpg-size-2x2")]
    [InlineData("mozilla/jpg-size-3x3")]
    [InlineData("mozilla/jpg-size-4x4")]
    [InlineData("mozilla/jpg-size-5x5")]
    [InlineData("mozilla/jpg-size-6x6")]
    [InlineData("mozilla/jpg-size-7x7")]
    [InlineData("mozilla/jpg-size-8x8")]
    [InlineData("mozilla/jpg-size-9x9")]
    [InlineData("mozilla/jpg-size-15x15")]
    [InlineData("mozilla/jpg-size-16x16")]
    [InlineData("mozilla/jpg-size-17x17")]
    [InlineData("mozilla/jpg-size-31x31")]
    [InlineData("mozilla/jpg-size-32x32")]
    [InlineData("mozilla/jpg-size-33x33")]
    [InlineData("mozilla/jpg-srgb-icc")]
    [InlineData("non-interleaved-mcu")]
    [InlineData("partial_progressive")]
    [InlineData("progressive-missing-ac")]
    [InlineData("progressive-missing-dc")]
    [InlineData("progressive3")]
    [InlineData("restarts")]
    [InlineData("rgb")]
    [InlineData("ycck")]
    public void A_file_is_decoded_to_the_pixels_of_its_reference(string name)
    {
        Image expected = Image.Load(File($"{name}.png"));

        Image image = Image.Load(File($"{name}.jpg"));

        Pictures.AssertEqual(expected, image, Tolerance);
    }

    [Theory]
    [InlineData("lossless/1/jpeg_lossless_sel1-8bit", 8)]
    [InlineData("lossless/1/jpeg_lossless_sel1", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel2", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel3", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel4", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel5", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel6", 16)]
    [InlineData("lossless/1/jpeg_lossless_sel7", 16)]
    [InlineData("lossless/1/lossless16bit", 16)]
    [InlineData("lossless/2/MR4", 12)]
    [InlineData("lossless/2/XA1", 10)]
    public void A_lossless_file_is_refused_as_such(string name, int bits)
    {
        string path = File($"{name}.jpg");

        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Image.Load(path));

        Assert.StartsWith(
            $"'{path}': a lossless JPEG with {bits} bits per channel, expected baseline or progressive with 8",
            error.Message,
            StringComparison.Ordinal);
    }

    private static string File(string name) => SharedData.File(["images", "jpeg-reference", "images", .. name.Split('/')]);
}
