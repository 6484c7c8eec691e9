// How pixels become inputs: the arithmetic of ImageNet's models and of those that read BGR, and numbers that do not fit.

namespace CnnNative.Tests.Models;

public sealed class PreprocessingTests
{
    [Fact]
    public void Pixels_are_scaled_then_normalised_channel_by_channel()
    {
        using Tensor pixels = Tensor.FromSpan([1f, 0f, 0.5f, 0f, 1f, 0.25f], (1, 1, 2, 3));

        Preprocessing.ImageNet.Normalize(pixels);

        float[] expected =
        [
            (1f - 0.485f) / 0.229f, -0.456f / 0.224f, (0.5f - 0.406f) / 0.225f,
            -0.485f / 0.229f, (1f - 0.456f) / 0.224f, (0.25f - 0.406f) / 0.225f,
        ];

        // Each result comes from four roundings of numbers below 5.
        Assert.All(expected.Zip(pixels.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 4 * 5 * MathF.Pow(2, -24)));
    }

    [Fact]
    public void Channels_change_places_before_means_are_taken()
    {
        Preprocessing caffe = new() { Size = 1, Color = ColorOrder.Bgr, Scale = 1, Mean = [104, 117, 123] };
        using Tensor pixels = Tensor.FromSpan([1f, 0f, 0f], (1, 1, 1, 3));

        caffe.Normalize(pixels);

        Assert.Equal([-104f, -117f, 132f], pixels.ToArray());
    }

    [Fact]
    public void One_mean_serves_all_channels_and_none_leaves_them()
    {
        using Tensor pixels = Tensor.FromSpan([1f, 0f], (1, 2, 1, 1));

        new Preprocessing { Size = (2, 1), Color = ColorOrder.Grayscale, Mean = [0.5f], Deviation = [0.5f] }.Normalize(pixels);
        Assert.Equal([1f, -1f], pixels.ToArray());
        new Preprocessing { Size = (2, 1), Color = ColorOrder.Grayscale }.Normalize(pixels);
        Assert.Equal([1f, -1f], pixels.ToArray());
    }

    [Theory]
    [InlineData(ColorOrder.Grayscale, 0, 0, "Preprocessing: pixels are 1x1x1x3, expected 1 channels.")]
    [InlineData(ColorOrder.Rgb, 2, 0, "Preprocessing: there are 3 values with 2 means and 0 deviations, expected")]
    [InlineData(ColorOrder.Rgb, 0, 4, "Preprocessing: there are 3 values with 0 means and 4 deviations, expected")]
    public void Numbers_that_do_not_fit_are_refused(ColorOrder color, int means, int deviations, string expected)
    {
        Preprocessing wrong = new() { Size = 1, Color = color, Mean = new float[means], Deviation = new float[deviations] };
        using Tensor pixels = Tensor.Zeros((1, 1, 1, 3));

        ShapeException error = Assert.Throws<ShapeException>(() => wrong.Normalize(pixels));

        Assert.StartsWith(expected, error.Message);
    }
}
