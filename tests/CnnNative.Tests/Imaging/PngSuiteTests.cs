// PngSuite has every kind of PNG: all colour types and depths, interlaced or not, odd sizes, every filter, transparency of every
// sort, unusual chunks; and files that are broken on purpose. The references were decoded from the specification.

using System.Security.Cryptography;
using CnnNative.Imaging;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Imaging;

public sealed class PngSuiteTests
{
    private static readonly Lazy<Dictionary<string, Reference>> _references = new(
        () => GoldenFile.Read<ReferenceFile>("png_suite.json").Pictures.ToDictionary(picture => picture.Name));

    public static TheoryData<string> Names => [.. _references.Value.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_valid_file_is_decoded_to_the_pixels_of_the_specification(string name)
    {
        Reference reference = _references.Value[name];

        Image image = Image.Load(SharedData.File("images", "png-suite", "png", name));

        Assert.Equal((reference.Width, reference.Height), (image.Width, image.Height));
        Assert.Equal(reference.Channels, image.Channels);
        // The samples come first because their difference tells more than that of a hash.
        Assert.Equal(reference.Samples, SamplesOf(image, reference.SampleStride));
        Assert.Equal(reference.Sha256, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    [Theory]
    [InlineData("xs1n0g01")] // The signature's first byte lost its eighth bit.
    [InlineData("xs2n0g01")] // The signature says QNG.
    [InlineData("xs4n0g01")] // The signature says PNg.
    [InlineData("xs7n0g01")] // The signature has a space for its control character.
    [InlineData("xcrn0g04")] // Carriage returns were added.
    [InlineData("xlfn0g04")] // Line feeds were added.
    [InlineData("xhdn0g08")] // The checksum of the header is wrong.
    [InlineData("xcsn0g01")] // The checksum of the pixels is wrong.
    [InlineData("xc1n0g08")] // Colour type 1 does not exist.
    [InlineData("xc9n2c08")] // Colour type 9 does not exist.
    [InlineData("xd0n2c08")] // Bit depth 0 does not exist.
    [InlineData("xd3n2c08")] // Bit depth 3 does not exist.
    [InlineData("xd9n2c08")] // Bit depth 99 does not exist.
    [InlineData("xdtn0g01")] // There are no pixels.
    public void A_broken_file_is_refused_with_its_name(string name)
    {
        string path = SharedData.File("images", "png-suite", "png", $"{name}.png");

        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Image.Load(path));

        Assert.StartsWith($"'{path}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
    }

    private static int[] SamplesOf(Image image, int stride)
    {
        List<int> samples = [];
        for (int i = 0; i < image.Pixels.Length; i += stride)
            samples.Add(image.Pixels[i]);
        return [.. samples];
    }

    private sealed record ReferenceFile(string Pillow, Reference[] Pictures);

    private sealed record Reference(
        string Name, int Width, int Height, int Channels, string Sha256, int SampleStride, int[] Samples);
}
