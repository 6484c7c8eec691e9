// Each step does what it is named for, in its range, on pictures of one, two and three channels; and the pipeline passes pictures
// on in the right order and refuses those that do not fit.

namespace CnnNative.Tests.Data;

public sealed class AugmentationTests
{
    private const int Draws = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_flip_mirrors_about_half_of_the_pictures(int channels)
    {
        Shape shape = (2, 5, channels);
        float[] picture = WarpTests.Picture(shape);
        float[] horizontal = Mirror(picture, shape, vertical: false), vertical = Mirror(picture, shape, vertical: true);

        Assert.Equal(horizontal, WarpTests.Apply(new Augmentation(new RandomHorizontalFlip(1)), shape, picture));
        Assert.Equal(vertical, WarpTests.Apply(new Augmentation(new RandomVerticalFlip(1)), shape, picture));
        Assert.Equal(
            picture, WarpTests.Apply(new Augmentation(new RandomHorizontalFlip(0), new RandomVerticalFlip(0)), shape, picture));
        float[][] results = Results(new RandomHorizontalFlip(), shape, picture);
        Assert.All(results, result => Assert.True(result.SequenceEqual(picture) || result.SequenceEqual(horizontal)));
        // Half of the draws but for five deviations.
        Assert.Equal(Draws / 2.0, results.Count(result => result.SequenceEqual(picture)), 5 * Math.Sqrt(Draws / 4.0));
    }

    [Theory]
    [InlineData(PixelBorder.Zero, "0 0 0 0 0 0 0  0 0 1 2 3 0 0  0 0 4 5 6 0 0  0 0 7 8 9 0 0")]
    [InlineData(PixelBorder.Edge, "1 1 1 2 3 3 3  1 1 1 2 3 3 3  4 4 4 5 6 6 6  7 7 7 8 9 9 9")]
    [InlineData(PixelBorder.Reflect, "6 5 4 5 6 5 4  3 2 1 2 3 2 1  6 5 4 5 6 5 4  9 8 7 8 9 8 7")]
    public void A_window_over_the_edges_sees_the_border(PixelBorder border, string expected)
    {
        // It begins one pixel above the picture and two to its left.
        float[] picture = [1, 2, 3, 4, 5, 6, 7, 8, 9], result = new float[28];
        Window.Copy(picture, (3, 3, 1), -1, -2, result, 4, 7, border);

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), result.Select(value => $"{value}"));
    }

    [Fact]
    public void Crops_reach_every_place_of_the_padded_picture_and_keep_the_pixels()
    {
        Shape shape = (3, 4, 2);
        float[] picture = WarpTests.Picture(shape);
        HashSet<string> seen = [];
        foreach (float[] result in Results(new RandomCrop(2, 3, 1), shape, picture))
        {
            Assert.Equal(12, result.Length);
            seen.Add(string.Join(' ', result));
        }

        // 4 x 4 places; one of 200 draws misses one of them with a probability of 16 (15/16)^200 = 4e-5, and the seed is fixed.
        Assert.Equal(16, seen.Count);
        Assert.Contains(string.Join(' ', picture.Skip(0).Take(6).Concat(picture.Skip(8).Take(6))), seen);
        Assert.Equal(new Shape(2, 3, 2), new Augmentation(new RandomCrop(2, 3, 1)).OutputShape(shape));
    }

    [Fact]
    public void Shifts_move_by_whole_pixels_to_all_sides()
    {
        float[] dot = new float[25];
        dot[12] = 1;
        HashSet<int> places = [.. Results(new RandomShift(1), (5, 5, 1), dot).Select(result => Array.IndexOf(result, 1f))];

        Assert.Equal([6, 7, 8, 11, 12, 13, 16, 17, 18], places.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Brightness_scales_and_holds_values_between_0_and_1(int channels)
    {
        Shape shape = (3, 5, channels);
        float[] picture = WarpTests.Picture(shape);
        foreach (float[] result in Results(new RandomBrightness(0.5f), shape, picture))
        {
            float factor = result[0] / picture[0];
            Assert.InRange(factor, 0.499f, 1.501f);
            for (int i = 0; i < result.Length; i++)
                Assert.Equal(Math.Clamp(picture[i] * factor, 0, 1), result[i], 1e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Contrast_keeps_the_mean_where_nothing_is_cut_off(int channels)
    {
        Shape shape = (4, 4, channels);
        float[] picture = [.. WarpTests.Picture(shape).Select(value => 0.4f + 0.2f * value)];
        float mean = Brightness(picture, channels);
        float[][] results = Results(new RandomContrast(0.9f), shape, picture);

        Assert.All(results, result => Assert.Equal(mean, Brightness(result, channels), 1e-5));
        Assert.InRange(results.Min(result => result.Max() - result.Min()) / (picture.Max() - picture.Min()), 0.09f, 0.2f);
        Assert.InRange(results.Max(result => result.Max() - result.Min()) / (picture.Max() - picture.Min()), 1.8f, 1.91f);
    }

    [Fact]
    public void Colour_jitter_keeps_gray_and_luma_and_leaves_other_pictures_alone()
    {
        float[] gray = [0.2f, 0.2f, 0.2f, 0.7f, 0.7f, 0.7f], colours = [0.5f, 0.45f, 0.4f, 0.3f, 0.5f, 0.45f];
        ColorJitter step = new(0.8f, 0.3f);

        // The matrices to YIQ and back have three decimals, so what is gray stays so to 2e-3.
        Assert.All(Results(step, (1, 2, 3), gray), result =>
        {
            for (int i = 0; i < gray.Length; i++)
                Assert.Equal(gray[i], result[i], 2e-3);
        });
        float[][] results = Results(step, (1, 2, 3), colours);
        Assert.All(results, result => Assert.Equal(Brightness(colours, 3), Brightness(result, 3), 2e-3));
        Assert.True(results.Select(result => MathF.Round(result[0], 2)).Distinct().Count() > 5);
        Assert.Equal(gray, WarpTests.Apply(new Augmentation(step), (1, 6, 1), gray));

        // No turn and no change of saturation leave the picture.
        float[] same = WarpTests.Apply(new Augmentation(new ColorJitter(0)), (1, 2, 3), colours);
        for (int i = 0; i < same.Length; i++)
            Assert.Equal(colours[i], same[i], 2e-3);
    }

    [Fact]
    public void Erasing_overwrites_one_rectangle_of_the_asked_area()
    {
        float[] picture = [.. Enumerable.Repeat(0.5f, 20 * 30)];
        foreach (float[] result in Results(new RandomErasing(1, 0.1f, 0.2f) { Value = 2 }, (20, 30, 1), picture))
        {
            int[] rows = [.. Enumerable.Range(0, 600).Where(i => result[i] == 2).Select(i => i / 30).Distinct()];
            int[] columns = [.. Enumerable.Range(0, 600).Where(i => result[i] == 2).Select(i => i % 30).Distinct()];
            int erased = result.Count(value => value == 2);
            Assert.Equal(rows.Length * columns.Length, erased);
            Assert.Equal(rows.Length - 1, rows.Max() - rows.Min());
            // Rounding to whole rows and columns changes an area of 60 to 120 by at most a half of each side.
            Assert.InRange(erased, 60 - 15, 120 + 20);
        }

        float[] noise = WarpTests.Apply(new Augmentation(new RandomErasing(1) { Value = null }), (20, 30, 1), picture);
        Assert.Contains(noise, value => value is > 0.6f and < 1);
        Assert.All(Results(new RandomErasing(0), (20, 30, 1), picture), result => Assert.Equal(picture, result));
    }

    [Fact]
    public void Noise_has_the_asked_deviation()
    {
        float[] picture = [.. Enumerable.Repeat(0.5f, 10007)];
        float[] result = WarpTests.Apply(new Augmentation(new GaussianNoise(0.1f)), (1, 10007, 1), picture);

        // Five deviations of the mean and of the variance of 10007 draws.
        Assert.Equal(0.5, result.Average(), 5 * 0.1 / 100);
        Assert.Equal(0.01, result.Average(value => (value - 0.5) * (value - 0.5)), 5 * 0.01 * Math.Sqrt(2) / 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Normalising_subtracts_the_mean_and_divides_by_the_deviation(int channels)
    {
        Shape shape = (3, 7, channels);
        float[] picture = WarpTests.Picture(shape), mean = [0.1f, 0.2f, 0.3f], deviation = [0.5f, 0.25f, 2];

        float[] result = WarpTests.Apply(
            new Augmentation(new Normalize(mean.AsSpan(0, channels), deviation.AsSpan(0, channels))), shape, picture);

        Assert.Equal(picture.Select((value, i) => (value - mean[i % channels]) / deviation[i % channels]), result);
    }

    [Fact]
    public void Steps_follow_one_another_and_the_picture_that_was_given_is_not_changed()
    {
        Shape shape = (4, 6, 1);
        float[] picture = WarpTests.Picture(shape), before = [.. picture];
        Augmentation all = new(
            new RandomVerticalFlip(1), new RandomHorizontalFlip(1), new RandomCrop(4, 6),
            new Normalize([0.5f], [2]), new RandomShift(0));

        float[] expected = [.. Mirror(Mirror(picture, shape, true), shape, false).Select(value => (value - 0.5f) / 2)];

        Assert.Equal(expected, WarpTests.Apply(all, shape, picture));
        Assert.Equal(before, picture);
        Assert.Equal(5, all.Steps.Count);
        Assert.Equal(picture, WarpTests.Apply(new Augmentation(), shape, picture));
    }

    public static TheoryData<string, Func<object>> Misuses => new()
    {
        { "RandomCrop: a window of 9x2 does not fit", () => new Augmentation(new RandomCrop(9, 2, 2)).OutputShape((4, 4, 1)) },
        { "needs larger pictures", () => new Augmentation(new RandomCrop(4, 4, 4, PixelBorder.Reflect)).OutputShape((4, 4, 1)) },
        { "nothing would be left", () => new Augmentation(new RandomShift(4)).OutputShape((9, 4, 1)) },
        { "there are 3 means and the pictures are 4x4x1", () => new Normalize([0, 0, 0], [1, 1, 1]).OutputShape((4, 4, 1)) },
        { "the samples are 784, expected pictures", () => new Augmentation().OutputShape(784) },
        { "Expected deviations above 0", () => new Normalize([0], [0]) },
        { "Expected a number from 0 to 1", () => new RandomHorizontalFlip(1.5f) },
        { "Expected a number from 0 to 180", () => new RandomRotation(float.NaN) },
        { "Expected a number from 2 to 100", () => new RandomScale(2, 1) },
        { "3 values were given", () => WarpTests.Apply(new Augmentation(), (2, 2, 1), new float[3]) },
    };

    [Theory]
    [MemberData(nameof(Misuses))]
    public void A_step_that_does_not_fit_says_what_was_found(string expected, Func<object> use) =>
        Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(use).Message, StringComparison.Ordinal);

    private static float[][] Results(AugmentationStep step, Shape shape, float[] picture)
    {
        Augmentation augmentation = new(step);
        return [.. Enumerable.Range(0, Draws).Select(i => WarpTests.Apply(augmentation, shape, picture, i))];
    }

    private static float[] Mirror(float[] picture, Shape shape, bool vertical)
    {
        float[] result = new float[picture.Length];
        int height = shape[0], width = shape[1], channels = shape[2];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int from = vertical ? (height - 1 - y) * width + x : y * width + width - 1 - x;
                picture.AsSpan(from * channels, channels).CopyTo(result.AsSpan((y * width + x) * channels));
            }
        }

        return result;
    }

    private static float Brightness(float[] picture, int channels) => channels == 1
        ? picture.Average()
        : Enumerable.Range(0, picture.Length / 3)
            .Average(i => 0.299f * picture[3 * i] + 0.587f * picture[3 * i + 1] + 0.114f * picture[3 * i + 2]);
}
