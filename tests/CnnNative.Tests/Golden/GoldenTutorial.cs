// Reads tutorial.json and its picture: what PyTorch makes of a photograph in the three steps of the tutorial. The picture is
// stored as it was resized, so that a test of the steps does not depend on how a library resizes.

using SkiaSharp;

namespace CnnNative.Tests.Golden;

/// <summary>A step's result: its extremes and mean, and every <paramref name="SampleStride"/>-th element of the NHWC tensor.
/// </summary>
internal sealed record GoldenDigest(int[] Shape, double Min, double Max, double Mean, int SampleStride, float[] Samples)
{
    /// <summary>Checks a tensor against the digest; the extremes and the mean are of the unrounded values.</summary>
    public void AssertMatches(ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(Shape.Aggregate(1, (count, size) => count * size), actual.Length);
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity, sum = 0;
        foreach (float value in actual)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
            sum += value;
        }

        Assert.Equal(Min, minimum, tolerance);
        Assert.Equal(Max, maximum, tolerance);
        Assert.Equal(Mean, sum / actual.Length, tolerance);
        for (int i = 0; i < Samples.Length; i++)
        {
            float value = actual[i * SampleStride];
            Assert.True(
                Math.Abs(value - Samples[i]) <= tolerance, $"Element {i * SampleStride} is {value}, PyTorch has {Samples[i]}.");
        }
    }
}

internal sealed record GoldenTutorial(string Torch, string Pillow, string Image, Dictionary<string, GoldenDigest> Steps)
{
    public static GoldenTutorial Read() => GoldenFile.Read<GoldenTutorial>("tutorial.json");

    /// <summary>The picture as a tensor of 1 x height x width x 1 with values from 0 to 1.</summary>
    public float[] ReadImage()
    {
        using SKBitmap bitmap = SKBitmap.Decode(GoldenFile.PathOf(Image));
        Assert.Equal(SKColorType.Gray8, bitmap.ColorType);
        var pixels = new float[bitmap.Width * bitmap.Height];
        ReadOnlySpan<byte> bytes = bitmap.GetPixelSpan();
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
                pixels[y * bitmap.Width + x] = bytes[y * bitmap.RowBytes + x] / 255f;
        }

        return pixels;
    }
}
