// Colour maps are known from matplotlib, so their colours are compared with matplotlib's own; and what makes a map trustworthy,
// that lighter means more, is checked on all of its length.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class ColormapTests
{
    // From matplotlib's tables of 256 colours, entry by entry, scaled to 255 and rounded: the position is entry / 255.
    [Theory]
    [InlineData("Magma", 0, 0, 0, 4)]
    [InlineData("Magma", 64, 81, 18, 124)]
    [InlineData("Magma", 128, 183, 55, 121)]
    [InlineData("Magma", 192, 252, 137, 97)]
    [InlineData("Magma", 255, 252, 253, 191)]
    [InlineData("Viridis", 0, 68, 1, 84)]
    [InlineData("Viridis", 64, 59, 82, 139)]
    [InlineData("Viridis", 128, 33, 145, 140)]
    [InlineData("Viridis", 192, 94, 201, 98)]
    [InlineData("Viridis", 255, 253, 231, 37)]
    [InlineData("Gray", 0, 0, 0, 0)]
    [InlineData("Gray", 100, 100, 100, 100)]
    [InlineData("Gray", 255, 255, 255, 255)]
    public void Colours_are_those_of_matplotlib(string name, int entry, byte red, byte green, byte blue)
    {
        Color color = Colormap.Parse(name).At(entry / 255f);

        // One for a table that was cut off rather than rounded when it was turned into bytes.
        Assert.InRange(color.R, red - 1, red + 1);
        Assert.InRange(color.G, green - 1, green + 1);
        Assert.InRange(color.B, blue - 1, blue + 1);
    }

    // The ends and the neutral middle of Moreland's table of 33 colours, published beside the paper.
    [Theory]
    [InlineData(0f, 59, 76, 192)]
    [InlineData(0.25f, 141, 176, 254)]
    [InlineData(0.5f, 221, 221, 221)]
    [InlineData(0.75f, 244, 154, 123)]
    [InlineData(1f, 180, 4, 38)]
    public void Coolwarm_has_the_colours_of_its_paper(float position, byte red, byte green, byte blue)
    {
        Color color = Colormap.Coolwarm.At(position);

        Assert.InRange(color.R, red - 1, red + 1);
        Assert.InRange(color.G, green - 1, green + 1);
        Assert.InRange(color.B, blue - 1, blue + 1);
    }

    // Rounding to 8 bits moves a lightness by up to half a step of each channel, which is below 0.25 of 100.
    [Theory]
    [InlineData("Magma")]
    [InlineData("Viridis")]
    [InlineData("Gray")]
    public void Lightness_never_falls_on_the_way_up(string name)
    {
        const double Rounding = 0.25;
        Colormap map = Colormap.Parse(name);
        double before = Lightness(map.At(0));
        for (int i = 1; i <= 1000; i++)
        {
            double lightness = Lightness(map.At(i / 1000f));
            Assert.True(lightness >= before - Rounding, $"At {i / 1000f}: {lightness} after {before}.");
            before = lightness;
        }

        Assert.True(before - Lightness(map.At(0)) > 70, "From dark to light is most of the range of 100.");
    }

    [Fact]
    public void Coolwarm_is_lightest_in_the_middle_and_only_there()
    {
        const double Rounding = 0.25;
        for (int i = 0; i < 500; i++)
        {
            Assert.True(LightnessAt(i) <= LightnessAt(i + 1) + Rounding, $"At {i}.");
            Assert.True(LightnessAt(1000 - i) <= LightnessAt(999 - i) + Rounding, $"At {1000 - i}.");
        }

        static double LightnessAt(int thousandth) => Lightness(Colormap.Coolwarm.At(thousandth / 1000f));
    }

    [Fact]
    public void Positions_outside_are_held_at_the_ends()
    {
        Assert.Equal(4, Colormap.All.Count);
        foreach (Colormap map in Colormap.All)
        {
            Assert.Equal(map.At(0), map.At(-5));
            Assert.Equal(map.At(0), map.At(float.NegativeInfinity));
            Assert.Equal(map.At(0), map.At(float.NaN));
            Assert.Equal(map.At(1), map.At(1.0001f));
            Assert.Equal(map.At(1), map.At(float.PositiveInfinity));
            Assert.NotEqual(map.At(0), map.At(1));
        }
    }

    [Fact]
    public void No_colour_map_contains_the_colour_of_what_is_no_number()
    {
        foreach (Colormap map in Colormap.All)
        {
            for (int i = 0; i <= 1000; i++)
            {
                Color color = map.At(i / 1000f);
                int distance = Math.Abs(color.R - HeatMapFigure.NotANumber.R) + Math.Abs(color.G - HeatMapFigure.NotANumber.G)
                    + Math.Abs(color.B - HeatMapFigure.NotANumber.B);
                Assert.True(distance > 100, $"{map} at {i / 1000f} is {color}.");
            }
        }
    }

    [Theory]
    [InlineData("magma", "Magma")]
    [InlineData("VIRIDIS", "Viridis")]
    [InlineData("Gray", "Gray")]
    [InlineData("coolwarm", "Coolwarm")]
    public void Names_are_understood_without_regard_to_case(string name, string expected) =>
        Assert.Equal(expected, Colormap.Parse(name).ToString());

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Colormap.Parse("jet"));

        Assert.Contains("'jet', expected one of Magma, Viridis, Gray, Coolwarm", error.Message, StringComparison.Ordinal);
    }

    /// <summary>CIELAB's lightness, 0 to 100, of a colour in sRGB.</summary>
    private static double Lightness(Color color)
    {
        double luminance = 0.2126 * Linear(color.R) + 0.7152 * Linear(color.G) + 0.0722 * Linear(color.B);
        return luminance > 216.0 / 24389 ? 116 * Math.Cbrt(luminance) - 16 : luminance * 24389 / 27;

        static double Linear(byte value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow((value / 255.0 + 0.055) / 1.055, 2.4);
    }
}
