// The resampling of geometric steps against PyTorch's grid_sample, the maps of the steps against what they are named for, and the
// elastic field against its definition.

using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Data;

public sealed class WarpTests
{
    internal sealed record WarpCase(int[] Shape, string Border, float[] Map, float[] Expected);

    private static readonly WarpCase[] _cases = GoldenFile.Read<WarpCase[]>("warp.json");

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, _cases.Length)];

    // Places reach 60 pixels and are computed in a few steps of float32, so they are off by at most 4 * 60 * 2^-24 = 1.4e-5;
    // values differ by at most 1 from pixel to pixel in either direction, and the file has six decimals.
    private const double Tolerance = 2 * 1.4e-5 + 1e-6;

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_picture_is_resampled_as_by_grid_sample(int number)
    {
        WarpCase golden = _cases[number];
        Shape shape = new(golden.Shape);
        float[] m = golden.Map;
        Augmentation augmentation = new(new FixedMap(new AffineMap(m[0], m[1], m[2], m[3], m[4], m[5]))
        {
            Border = Enum.Parse<PixelBorder>(golden.Border),
        });

        float[] result = Apply(augmentation, shape, Picture(shape));

        Assert.Equal(golden.Expected.Length, result.Length);
        for (int i = 0; i < result.Length; i++)
            Assert.Equal(golden.Expected[i], result[i], Tolerance);
    }

    [Fact]
    public void Neighbouring_steps_become_one_resampling_of_the_product_of_their_maps()
    {
        Shape shape = (6, 7, 1);
        AffineMap first = new(0.9f, -0.3f, 0.5f, 0.2f, 1.1f, -0.4f), second = new(1.2f, 0.1f, -0.7f, -0.3f, 0.8f, 0.6f);
        Augmentation both = new(new FixedMap(first), new FixedMap(second)), one = new(new FixedMap(first.After(second)));

        Assert.Equal(Apply(one, shape, Picture(shape)), Apply(both, shape, Picture(shape)));
    }

    [Fact]
    public void The_second_of_two_steps_is_done_to_the_result_of_the_first()
    {
        // Two pixels to the right, then three times as large from the middle: a dot next to the middle goes out by nine.
        AffineMap right = new(1, 0, -2, 0, 1, 0), larger = new(1 / 3f, 0, 0, 0, 1 / 3f, 0);
        float[] dot = new float[21 * 21];
        dot[10 * 21 + 11] = 1;

        float[] result = Apply(new Augmentation(new FixedMap(right), new FixedMap(larger)), (21, 21, 1), dot);

        Assert.Equal(10 * 21 + 19, Array.IndexOf(result, result.Max()));
    }

    // A quarter to the left is exact but for rounding in the sine, 4e-8 of half a picture.
    [Fact]
    public void A_rotation_turns_around_the_middle()
    {
        Shape shape = (5, 5, 1);
        float[] picture = Picture(shape), turned = Apply(new Augmentation(new FixedMap(new(0, -1, 0, 1, 0, 0))), shape, picture);
        for (int y = 0; y < 5; y++)
        {
            for (int x = 0; x < 5; x++)
                Assert.Equal(picture[x * 5 + 4 - y], turned[y * 5 + x]);
        }

        AffineMap[] maps = Maps(new RandomRotation(30));
        Assert.All(maps, map => Assert.Equal(1, map.Xx * map.Yy - map.Xy * map.Yx, 1e-6));
        Assert.All(maps, map => Assert.InRange(MathF.Atan2(map.Yx, map.Xx) * 180 / MathF.PI, -30.0001f, 30.0001f));
        Assert.InRange(maps.Max(map => MathF.Atan2(map.Yx, map.Xx) * 180 / MathF.PI), 29, 30.0001f);
    }

    [Fact]
    public void Scales_shears_and_translations_stay_in_their_ranges_and_use_them()
    {
        AffineMap[] scales = Maps(new RandomScale(0.5f, 2)), free = Maps(new RandomScale(0.5f, 2) { Anisotropic = true });
        Assert.All(scales, map => Assert.Equal(map.Xx, map.Yy));
        Assert.InRange(scales.Min(map => 1 / map.Xx), 0.5f, 0.51f);
        Assert.InRange(scales.Max(map => 1 / map.Xx), 1.98f, 2.0001f);
        Assert.Contains(free, map => Math.Abs(map.Xx - map.Yy) > 0.5f);

        AffineMap[] shears = Maps(new RandomShear(45));
        Assert.All(shears, map => Assert.Equal((1f, 0f, 1f), (map.Xx, map.Yx, map.Yy)));
        Assert.InRange(shears.Max(map => map.Xy), 0.98f, 1.0001f);

        AffineMap[] moves = Maps(new RandomTranslation(3));
        Assert.InRange(moves.Min(map => map.X0), -3, -2.95f);
        Assert.InRange(moves.Max(map => map.Y0), 2.95f, 3);
    }

    [Fact]
    public void Elastic_displacements_are_smoothed_noise_as_in_the_paper()
    {
        const float alpha = 5, sigma = 1.3f;
        const int height = 11, width = 37, radius = 4;
        float[] x = new float[height * width], y = new float[height * width], noise = new float[height * width];
        SampleRandom random = SampleRandom.ForSample(1, 2, 3), same = random;
        x.AsSpan().Fill(10);

        new ElasticDistortion(alpha, sigma).AddDisplacements((height, width, 1), x, y, ref random);

        double[] weights = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(i => Math.Exp(-0.5 * i * i / (sigma * sigma)))];
        double sum = weights.Sum();
        foreach ((float[] field, float start) in new[] { (x, 10f), (y, 0f) })
        {
            same.FillUniform(noise, -1, 1);
            for (int row = 0; row < height; row++)
            {
                for (int column = 0; column < width; column++)
                {
                    double expected = 0;
                    for (int i = -radius; i <= radius; i++)
                    {
                        for (int j = -radius; j <= radius; j++)
                        {
                            bool inside = row + i is >= 0 and < height && column + j is >= 0 and < width;
                            expected += inside ? weights[i + radius] * weights[j + radius]
                                * noise[(row + i) * width + column + j]
                                : 0;
                        }
                    }

                    // Two sums of nine products of float32 below 5, and one addition to 10.
                    Assert.Equal(start + alpha * expected / (sum * sum), field[row * width + column], 20 * 10 * Math.Pow(2, -24));
                }
            }
        }
    }

    [Fact]
    public void An_elastic_distortion_without_strength_changes_nothing_and_one_with_it_does()
    {
        Shape shape = (9, 13, 3);
        float[] picture = Picture(shape);

        Assert.Equal(picture, Apply(new Augmentation(new ElasticDistortion(0)), shape, picture));
        Assert.NotEqual(picture, Apply(new Augmentation(new ElasticDistortion(34, 4)), shape, picture));
    }

    [Fact]
    public void Neighbours_with_other_borders_are_resampled_apart()
    {
        // Everything moves out to the right and comes back: with zeros it is lost, with the edge it is the first column.
        Shape shape = (1, 3, 1);
        AffineMap away = new(1, 0, -9, 0, 1, 0), back = new(1, 0, 9, 0, 1, 0);
        float[] picture = [1, 2, 3];

        Assert.Equal([1, 2, 3], Apply(new Augmentation(new FixedMap(away), new FixedMap(back)), shape, picture));
        Assert.Equal(
            [0, 0, 0],
            Apply(new Augmentation(new FixedMap(away), new FixedMap(back) { Border = PixelBorder.Edge }), shape, picture));
        Assert.Equal(
            [1, 0, 0],
            Apply(
                new Augmentation(new FixedMap(away) { Border = PixelBorder.Edge }, new FixedMap(new(1, 0, 2, 0, 1, 0))), shape,
                picture));
    }

    internal static float[] Picture(Shape shape) =>
        [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => (37 * i + 11) % 101 / 101f)];

    internal static float[] Apply(Augmentation augmentation, Shape shape, float[] picture, int position = 0)
    {
        float[] result = new float[augmentation.OutputShape(shape).ElementCount];
        SampleRandom random = SampleRandom.ForSample(1, 0, position);
        augmentation.Apply(shape, picture, result, ref random);
        return result;
    }

    private static AffineMap[] Maps(GeometricStep step)
    {
        SampleRandom random = SampleRandom.ForSample(4, 5, 6);
        return [.. Enumerable.Range(0, 500).Select(_ => step.DrawMap((8, 8, 1), ref random))];
    }

    private sealed class FixedMap(AffineMap map) : GeometricStep
    {
        internal override AffineMap DrawMap(Shape shape, ref SampleRandom random) => map;
    }
}
