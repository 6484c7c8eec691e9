// Pictures for the tests: made by a formula, so that every pixel is known, and compared so that a failure names the pixel.

using CnnNative.Imaging;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Imaging;

internal static class Pictures
{
    /// <summary>A smooth picture in which no two corners are alike, so that any turn of it is noticed.</summary>
    public static Image Slope(int width, int height, int channels = 3) =>
        Make(width, height, channels, (x, y, channel) => channel switch
        {
            0 => 255 * x / Math.Max(width - 1, 1),
            1 => 255 * y / Math.Max(height - 1, 1),
            _ => 255 - 255 * (x + y) / Math.Max(width + height - 2, 1),
        });

    public static Image Constant(int width, int height, params byte[] color) =>
        Make(width, height, color.Length, (_, _, channel) => color[channel]);

    /// <summary>The random pictures of make_resize_references.py; blocks are only black and white.</summary>
    public static Image Hashed(int width, int height, int channels, uint seed, bool blocks = false)
    {
        float[] values = HashedValues.Create(width * height * channels, seed);
        // The 24 bits of a value are mapped to [-1, 1); these are the upper 8 of them.
        byte[] pixels = Array.ConvertAll(values, value => (byte)MathF.Floor((value + 1) * 128));
        return Image.FromPixels(
            blocks ? Array.ConvertAll(pixels, pixel => pixel < 128 ? (byte)0 : (byte)255) : pixels, width, height, channels);
    }

    public static Image Make(int width, int height, int channels, Func<int, int, int, int> value)
    {
        byte[] pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)value(i / channels % width, i / channels / width, i % channels);
        return Image.FromPixels(pixels, width, height, channels);
    }

    public static Color At(Image image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.Pixels.Slice((y * image.Width + x) * image.Channels, image.Channels);
        return new Color(pixel[0], pixel[image.Channels / 2], pixel[image.Channels - 1]);
    }

    /// <summary>Checks size, channels, and that no value is further than the tolerance from the expected one.</summary>
    public static void AssertEqual(Image expected, Image actual, int tolerance = 0)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            int pixel = i / expected.Channels;
            Assert.True(
                Math.Abs(expected.Pixels[i] - actual.Pixels[i]) <= tolerance,
                $"Column {pixel % expected.Width}, row {pixel / expected.Width}, channel {i % expected.Channels}:"
                + $" {actual.Pixels[i]}, expected {expected.Pixels[i]} within {tolerance}.");
        }
    }

    public static double MeanDifference(Image one, Image other)
    {
        Assert.Equal(one.ToString(), other.ToString());
        double sum = 0;
        for (int i = 0; i < one.Pixels.Length; i++)
            sum += Math.Abs(one.Pixels[i] - other.Pixels[i]);
        return sum / one.Pixels.Length;
    }
}
