// What is done with a picture's pixels besides resizing: gray and colour, cutting out the middle, tensors and back.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class ImageTests
{
    // 0.299 R + 0.587 G + 0.114 B.
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(255, 0, 0, 76)] // 76.2
    [InlineData(0, 255, 0, 150)] // 149.7
    [InlineData(0, 0, 255, 29)] // 29.1
    [InlineData(10, 20, 30, 18)] // 18.15
    [InlineData(200, 100, 50, 124)] // 124.2
    public void Gray_is_the_luma_of_the_colour(byte red, byte green, byte blue, byte luma)
    {
        Image gray = Pictures.Constant(3, 2, red, green, blue).ToGrayscale();

        Pictures.AssertEqual(Pictures.Constant(3, 2, luma), gray);
    }

    [Fact]
    public void Gray_colours_keep_their_value()
    {
        Image image = Pictures.Make(256, 1, 3, (x, _, _) => x);

        Pictures.AssertEqual(Pictures.Make(256, 1, 1, (x, _, _) => x), image.ToGrayscale());
        Pictures.AssertEqual(image, image.ToGrayscale().ToRgb());
    }

    [Fact]
    public void A_picture_that_is_gray_or_RGB_already_is_not_copied()
    {
        Image gray = Pictures.Slope(3, 3, 1), rgb = Pictures.Slope(3, 3);

        Assert.Same(gray, gray.ToGrayscale());
        Assert.Same(rgb, rgb.ToRgb());
    }

    // torchvision: int(round((size - kept) / 2)), where Python rounds a half to the even neighbour: 0.5 to 0, 1.5 to 2.
    [Theory]
    [InlineData(10, 4, 3)]
    [InlineData(7, 7, 0)]
    [InlineData(7, 6, 0)]
    [InlineData(7, 4, 2)]
    [InlineData(9, 4, 2)]
    [InlineData(256, 224, 16)]
    [InlineData(255, 224, 16)]
    [InlineData(5, 1, 2)]
    public void The_middle_is_cut_out_where_torchvision_cuts_it(int size, int kept, int first)
    {
        Image wide = Pictures.Make(size, 3, 3, (x, y, channel) => x + 2 * y + 5 * channel);
        Image high = Pictures.Make(3, size, 1, (x, y, _) => 2 * x + y);

        Pictures.AssertEqual(
            Pictures.Make(kept, 3, 3, (x, y, channel) => first + x + 2 * y + 5 * channel), wide.CenterCrop(kept, 3));
        Pictures.AssertEqual(Pictures.Make(3, kept, 1, (x, y, _) => 2 * x + first + y), high.CenterCrop(3, kept));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, -1)]
    [InlineData(5, 3)]
    [InlineData(4, 4)]
    public void A_middle_that_is_no_part_of_the_picture_is_refused(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Pictures.Slope(4, 3).CenterCrop(width, height));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_pixel_survives_the_way_to_a_tensor_and_back(int channels)
    {
        Image image = Pictures.Make(256, 2, channels, (x, y, channel) => (x + 100 * y + 50 * channel) % 256);

        using Tensor tensor = image.ToTensor();

        Assert.Equal((1, 2, 256, channels), tensor.Shape);
        Assert.Equal(Array.ConvertAll(image.Pixels.ToArray(), pixel => pixel / 255f), tensor.ToArray());
        Pictures.AssertEqual(image, Image.FromTensor(tensor));
    }

    [Theory]
    [InlineData(-3f, 0)]
    [InlineData(-0f, 0)]
    [InlineData(0.5f, 128)] // 127.5
    [InlineData(0.499f, 127)] // 127.2
    [InlineData(1f, 255)]
    [InlineData(1.001f, 255)]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 255)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.MaxValue, 255)]
    public void Values_are_held_between_black_and_white_and_rounded(float value, byte pixel)
    {
        using Tensor tensor = Tensor.Full((1, 1, 2, 1), value);

        Assert.Equal([pixel, pixel], Image.FromTensor(tensor).Pixels.ToArray());
    }

    [Fact]
    public void Each_item_of_a_batch_can_be_shown()
    {
        using Tensor batch = Tensor.FromSpan([0f, 0.2f, 0.4f, 0.6f, 0.8f, 1f], (3, 1, 2, 1));

        Assert.Equal([0, 51], Image.FromTensor(batch).Pixels.ToArray());
        Assert.Equal([204, 255], Image.FromTensor(batch, 2).Pixels.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Image.FromTensor(batch, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Image.FromTensor(batch, -1));
    }

    public static TheoryData<int[]> NoPictures => new(new[] { 4 }, new[] { 2, 2, 3 }, new[] { 1, 2, 2, 2 }, new[] { 1, 1, 2, 2, 3 });

    [Theory]
    [MemberData(nameof(NoPictures))]
    public void A_tensor_that_is_no_picture_is_refused_with_its_shape(int[] dimensions)
    {
        using Tensor tensor = Tensor.Full(new Shape(dimensions), 0);

        ShapeException error = Assert.Throws<ShapeException>(() => Image.FromTensor(tensor));

        Assert.Contains($"the tensor is {tensor.Shape}, expected batch x height x width x channels", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, 2, 2, 3)]
    [InlineData(13, 2, 2, 3)]
    [InlineData(0, 1, 1, 1)]
    [InlineData(0, int.MaxValue, int.MaxValue, 3)]
    [InlineData(4, 0, 4, 1)]
    [InlineData(4, 4, -1, 1)]
    [InlineData(8, 2, 2, 2)]
    public void Pixels_that_do_not_fit_the_size_are_refused(int count, int width, int height, int channels) =>
        Assert.ThrowsAny<ArgumentException>(() => Image.FromPixels(new byte[count], width, height, channels));

    [Fact]
    public void A_picture_keeps_its_pixels_when_the_array_that_they_came_from_changes()
    {
        byte[] pixels = [1, 2, 3];
        Image image = Image.FromPixels(pixels, 1, 1, 3);

        pixels[0] = 9;

        Assert.Equal([1, 2, 3], image.Pixels.ToArray());
    }

    // (v - mean) / deviation: both operations round, and so does their result.
    [Fact]
    public void Normalising_centres_and_scales_each_channel()
    {
        using Tensor tensor = Pictures.Hashed(5, 4, 3, seed: 2).ToTensor();

        using Tensor normalised = tensor.Normalize(Normalization.ImageNetMean, Normalization.ImageNetDeviation);

        double[] mean = [0.485, 0.456, 0.406], deviation = [0.229, 0.224, 0.225];
        float[] values = tensor.ToArray(), results = normalised.ToArray();
        Assert.Equal(tensor.Shape, normalised.Shape);
        for (int i = 0; i < values.Length; i++)
        {
            // Single precision: half a unit in 2^24 of the magnitudes in the difference, which are at most 1, divided by 0.224,
            // and as much for the constants and the quotient, which is at most 2.7.
            const double Tolerance = 4 * 1.0 / (1 << 24) / 0.224;
            Assert.Equal((values[i] - mean[i % 3]) / deviation[i % 3], results[i], Tolerance);
        }
    }

    [Fact]
    public void Normalising_leaves_the_original_as_it_was()
    {
        using Tensor tensor = Tensor.Full((2, 1, 1, 1), 3);

        using Tensor normalised = tensor.Normalize([1], [4]);

        Assert.Equal([3, 3], tensor.ToArray());
        Assert.Equal([0.5f, 0.5f], normalised.ToArray());
    }

    [Fact]
    public void Constants_that_do_not_fit_the_channels_are_refused()
    {
        using Tensor tensor = Tensor.Full((1, 2, 2, 3), 0);

        ShapeException error = Assert.Throws<ShapeException>(() => tensor.Normalize([1, 2, 3], [1]));

        Assert.Contains("3 means and 1 deviations", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected 3 of each", error.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => tensor.Normalize([1], [1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Normalize([1, 2, 3], [1, 0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Normalize([1, 2, 3], [1, float.NaN, 1]));
    }
}
