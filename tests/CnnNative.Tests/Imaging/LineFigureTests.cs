// Figures of lines: they go through their points, in different colours, with the text that was asked for.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class LineFigureTests
{
    // The first three colours of the usual palette of ten.
    private static readonly Color _blue = new(0x1F, 0x77, 0xB4), _orange = new(0xFF, 0x7F, 0x0E), _green = new(0x2C, 0xA0, 0x2C);

    [Fact]
    public void A_line_goes_through_its_points()
    {
        Image figure = Draw(Figure.Lines(new Series("", [.. Enumerable.Range(0, 200).Select(i => (double)i)])));

        // A rising straight line: each column's pixels are above those of the columns on its left, as far as their slope says.
        (int X, double Y)[] line = Find(figure, _blue);
        Assert.True(line.Length > figure.Width / 2, $"The line covers {line.Length} columns of {figure.Width}.");
        double slope = (line[^1].Y - line[0].Y) / (line[^1].X - line[0].X);
        Assert.True(slope < -0.3, $"The line has the slope {slope} on the figure.");
        foreach ((int x, double y) in line)
            // The mean of a column of pixels is off by up to half the width of the line, 2 pixels, and its antialiased edge.
            Assert.InRange(y - (line[0].Y + slope * (x - line[0].X)), -2, 2);
    }

    [Fact]
    public void Positions_place_the_points_on_the_horizontal_axis()
    {
        // Steep at first, flat after the tenth part of the axis.
        Image figure = Draw(Figure.Lines(new Series("", [0, 1, 1.001], [0, 1, 10])));

        (int X, double Y)[] line = Find(figure, _blue);
        double left = line[0].X, width = line[^1].X - left;
        double bottom = line.Max(point => point.Y), height = bottom - line.Min(point => point.Y);
        Assert.InRange(line.Where(point => point.X < left + 0.05 * width).Min(point => point.Y), bottom - 0.75 * height, bottom);
        Assert.InRange(line.Where(point => point.X > left + 0.15 * width).Max(point => point.Y), bottom - height, bottom - 0.97 * height);
    }

    [Fact]
    public void Each_line_has_a_colour_and_a_name_of_its_own()
    {
        Series[] series = [new("one", [1, 2, 3]), new("two", [2, 3, 1]), new("three", [3, 1, 2])];

        Image named = Draw(Figure.Lines(series)), unnamed = Draw(Figure.Lines([.. series.Select(line => new Series("", line.Y))]));

        foreach (Color color in (Color[])[_blue, _orange, _green])
        {
            Assert.NotEmpty(Find(named, color));
            Assert.NotEmpty(Find(unnamed, color));
        }

        // The names stand beside the lines, above the numbers of the horizontal axis.
        Assert.True(CountDark(named, named.Width - 100, 0, named.Width, named.Height - 60) > 50, "There is no legend.");
        Assert.Equal(0, CountDark(unnamed, unnamed.Width - 100, 0, unnamed.Width, unnamed.Height - 60));
    }

    // The axis of a small number has numbers like 0.0012, three digits of some seven pixels longer than the 1.2 of a large one.
    [Theory]
    [InlineData(500, true)]
    [InlineData(900, false)]
    public void Names_stand_above_the_lines_of_a_narrow_figure_and_beside_those_of_a_wide_one(int width, bool isAbove)
    {
        Image figure = Image.Load(Figure.Lines(new Series("one", [0, 0]), new Series("two", [1, 1])).Render(width, 400));

        // The lower line is level: it ends near the right edge unless names stand there.
        int end = Find(figure, _blue).Where(point => point.Y > 0.7 * figure.Height).Max(point => point.X);
        Assert.Equal(isAbove, end > 0.88 * width);
    }

    [Fact]
    public void A_level_line_has_an_axis_that_suits_it()
    {
        (int X, double Y)[] small = Find(Draw(Figure.Lines(new Series("", [0.001, 0.001, 0.001]))), _blue);
        (int X, double Y)[] large = Find(Draw(Figure.Lines(new Series("", [1, 1, 1]))), _blue);

        Assert.All(small, point => Assert.Equal(small[0].Y, point.Y, 2.0));
        Assert.Equal(large[0].Y, small[0].Y, 1.0);
        Assert.InRange(small[0].X - large[0].X, 12, 40);
    }

    [Fact]
    public void Whole_numbers_alone_stand_at_the_axis_where_that_was_asked_for()
    {
        LineFigure figure = Figure.Lines(new Series("", [1, 2, 3], [1, 2, 3]));

        // Between two numbers there is no other, so there is less text below the axis.
        Image halves = Draw(figure), whole = Draw(figure.WithWholeX());
        int high = halves.Height;
        Assert.True(
            CountDark(whole, 0, high - 60, whole.Width, high) < CountDark(halves, 0, high - 60, halves.Width, high),
            "There are as many numbers at the axis.");
    }

    [Fact]
    public void A_title_stands_above_the_lines()
    {
        LineFigure figure = Figure.Lines(new Series("", [1, 2, 3]));

        Image with = Draw(figure.WithTitle("Loss")), without = Draw(figure.WithTitle(""));

        Assert.True(CountDark(with, 0, 0, with.Width, 32) > 50, "There is no title.");
        Assert.Equal(0, CountDark(without, 0, 0, without.Width, 32));
    }

    [Fact]
    public void Axes_have_numbers_and_the_labels_that_were_asked_for()
    {
        LineFigure figure = Figure.Lines(new Series("", [1, 2, 3]));

        Image without = Draw(figure), with = Draw(figure.WithAxes("epochs of the training", "cross-entropy"));

        // The numbers are the same in both, so what is more is the label; a long one, because text is drawn lighter on Windows.
        int numbers = CountDark(without, 0, without.Height - 70, without.Width, without.Height);
        Assert.True(numbers > 50, "There are no numbers.");
        Assert.True(
            CountDark(with, 0, with.Height - 70, with.Width, with.Height) > numbers + 50, "The horizontal axis has no label.");
        Assert.True(
            CountDark(with, 0, 0, 70, with.Height - 80) > CountDark(without, 0, 0, 70, without.Height - 80) + 30,
            "The vertical axis has no label.");
    }

    [Fact]
    public void Powers_are_a_straight_line_on_a_logarithmic_axis()
    {
        Series powers = new("", [.. Enumerable.Range(0, 100).Select(i => Math.Pow(10, i / 20.0))]);

        (int X, double Y)[] line = Find(Draw(Figure.Lines(powers).WithLogarithmicY()), _blue);

        double slope = (line[^1].Y - line[0].Y) / (line[^1].X - line[0].X);
        Assert.True(slope < -0.3, $"The line has the slope {slope} on the figure.");
        Assert.All(line, point => Assert.InRange(point.Y - (line[0].Y + slope * (point.X - line[0].X)), -2, 2));
    }

    [Fact]
    public void A_logarithmic_axis_within_a_decade_has_numbers_all_along()
    {
        Image figure = Draw(Figure.Lines(new Series("", [1, 1.2, 1.1])).WithLogarithmicY());

        int[] rows = [.. Enumerable.Range(0, figure.Height - 60).Where(y => CountDark(figure, 0, y, 45, y + 1) > 0)];
        Assert.InRange(rows[0], 0, figure.Height / 4);
        Assert.InRange(rows[^1], figure.Height * 3 / 4, figure.Height);
    }

    [Fact]
    public void Points_that_have_no_place_are_left_out()
    {
        double[] odd = [1, double.NaN, 2, double.PositiveInfinity, 3, double.NegativeInfinity];
        double[] negative = [-5, 1, 0, 2, 3];

        byte[] drawn = Figure.Lines(new Series("", odd)).Render();
        byte[] logarithmic = Figure.Lines(new Series("", negative)).WithLogarithmicY().Render();

        Assert.Equal(Figure.Lines(new Series("", [1, 2, 3], [0, 2, 4])).Render(), drawn);
        Assert.Equal(Figure.Lines(new Series("", [1, 2, 3], [1, 3, 4])).WithLogarithmicY().Render(), logarithmic);
    }

    public static TheoryData<double[]> OddData => new(
        [], [5], [double.NaN], [7, 7, 7], [1e300, -1e300], [double.MaxValue, double.MinValue], [1e-300, 2e-300], [0, 0], [1e15, 1e15 + 1]);

    [Theory]
    [MemberData(nameof(OddData))]
    public void Odd_data_can_be_drawn_on_every_axis(double[] values)
    {
        LineFigure figure = Figure.Lines(new Series("odd", values));
        foreach (LineFigure drawn in (LineFigure[])
            [figure, figure.WithLogarithmicX(), figure.WithLogarithmicY(), figure.WithLogarithmicX().WithLogarithmicY()])
        {
            Assert.Equal("900 x 540 RGB", Draw(drawn).ToString());
        }
    }

    [Theory]
    [InlineData(null, null, 900, 540)]
    [InlineData(100, 100, 100, 100)]
    [InlineData(1500, null, 1500, 540)]
    public void The_size_is_the_callers(int? width, int? height, int expectedWidth, int expectedHeight)
    {
        Image figure = Image.Load(Figure.Lines(new Series("a", [1, 2])).WithTitle("Title").Render(width, height));

        Assert.Equal((expectedWidth, expectedHeight), (figure.Width, figure.Height));
    }

    [Theory]
    [InlineData(99, 200)]
    [InlineData(200, 0)]
    public void A_size_that_is_too_small_is_refused(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Lines(new Series("a", [1, 2])).Render(width, height));

    [Fact]
    public void A_line_keeps_its_numbers_when_their_source_changes()
    {
        double[] values = [1, 2];
        Series series = new("a", values);

        values[0] = 9;

        Assert.Equal([1, 2], series.Y);
        Assert.Equal([0, 1], series.X);
    }

    [Fact]
    public void Lines_that_do_not_fit_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Series("loss", [1, 2, 3], [1, 2]));

        Assert.Contains("Series 'loss': 2 positions and 3 values", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Figure.Lines());
    }

    private static Image Draw(LineFigure figure) => Image.Load(figure.Render());

    /// <summary>For each column that has pixels of the colour, their mean height.</summary>
    private static (int X, double Y)[] Find(Image figure, Color color)
    {
        List<(int, double)> columns = [];
        for (int x = 0; x < figure.Width; x++)
        {
            int[] rows = [.. Enumerable.Range(0, figure.Height).Where(y => Pictures.At(figure, x, y) == color)];
            if (rows.Length > 0)
                columns.Add((x, rows.Average()));
        }

        return [.. columns];
    }

    private static int CountDark(Image figure, int left, int top, int right, int bottom)
    {
        int count = 0;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
                count += Pictures.At(figure, x, y) is { R: < 90, G: < 90, B: < 90 } ? 1 : 0;
        }

        return count;
    }
}
