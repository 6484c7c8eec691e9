// Figures of maps, looked at as a reader does: every value is a whole square in the right colour, text is there when it was asked
// for, and odd data does not break the figure.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class HeatMapFigureTests
{
    [Fact]
    public void Every_value_of_a_map_is_a_square_in_its_colour()
    {
        using Tensor tensor = Tensor.FromSpan([0f, 1, 2, 3, 4, 5], (2, 3));

        Image figure = Image.Load(Figure.Row(tensor).WithColormap(Colormap.Magma).Render());

        AssertShows(figure, FindMap(figure), Colormap.Magma, [[0, 0.2f, 0.4f], [0.6f, 0.8f, 1]]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Maps_may_have_two_to_four_dimensions(int rank)
    {
        int[] dimensions = [1, 2, 2, 1];
        Shape shape = rank switch { 2 => (2, 2), 3 => (2, 2, 1), _ => new Shape(dimensions) };
        using Tensor tensor = Tensor.FromSpan([0f, 1, 2, 3], shape);

        Image figure = Image.Load(Figure.Row(tensor).Render());

        AssertShows(figure, FindMap(figure), Colormap.Viridis, [[0, 1 / 3f], [2 / 3f, 1]]);
    }

    [Fact]
    public void Three_channels_are_a_picture_in_its_own_colours_without_a_scale()
    {
        using Tensor tensor = Tensor.FromSpan([1f, 0, 0, 0, 0.4f, 0, 0, 0, 1, 0.2f, 0.2f, 0.2f], (1, 2, 2, 3));

        Image figure = Image.Load(Figure.Row(tensor).Render());

        Block map = FindMap(figure);
        Assert.Equal(new Color(255, 0, 0), map.ColorOf(figure, 0, 0));
        Assert.Equal(new Color(0, 102, 0), map.ColorOf(figure, 0, 1));
        Assert.Equal(new Color(0, 0, 255), map.ColorOf(figure, 1, 0));
        Assert.Equal(new Color(51, 51, 51), map.ColorOf(figure, 1, 1));
        Assert.Equal(0, CountInk(figure, map.Left + 2 * map.Side, 0, figure.Width, figure.Height));
    }

    [Fact]
    public void A_map_has_a_scale_with_numbers_on_its_right()
    {
        using Tensor tensor = Tensor.FromSpan([0f, 1, 2, 3], (2, 2));

        Image figure = Image.Load(Figure.Row(tensor).Render());

        Block map = FindMap(figure);
        int right = map.Left + 2 * map.Side;
        Assert.True(CountDark(figure, right, map.Top, figure.Width, map.Top + 2 * map.Side) > 20, "The scale has no numbers.");
        // The scale has more colours than the four of the map, the light end above and the dark one below.
        HashSet<Color> colors = [];
        for (int y = map.Top; y < map.Top + 2 * map.Side; y++)
            colors.Add(Pictures.At(figure, right + 14, y));
        Assert.True(colors.Count > 50, $"The scale has {colors.Count} colours.");
        Color high = Pictures.At(figure, right + 14, map.Top + 3), low = Pictures.At(figure, right + 14, map.Top + 2 * map.Side - 4);
        Assert.True(high.G > 200 && low.G < 30, $"The scale goes from {low} to {high}.");
    }

    [Fact]
    public void Odd_values_have_colours_of_their_own()
    {
        using Tensor tensor = Tensor.FromSpan([0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 10, 5], (2, 3));

        Image figure = Image.Load(Figure.Row(tensor).Render());

        Block map = FindMap(figure);
        Assert.Equal(HeatMapFigure.NotANumber, map.ColorOf(figure, 0, 1));
        Assert.Equal(Colormap.Viridis.At(1), map.ColorOf(figure, 0, 2));
        Assert.Equal(Colormap.Viridis.At(0), map.ColorOf(figure, 1, 0));
        Assert.Equal(Colormap.Viridis.At(1), map.ColorOf(figure, 1, 1));
        Assert.Equal(Colormap.Viridis.At(0.5f), map.ColorOf(figure, 1, 2));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(7f)]
    [InlineData(-1e30f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    public void A_constant_map_has_the_middle_colour(float value)
    {
        using Tensor tensor = Tensor.Full((2, 2), value);

        Image figure = Image.Load(Figure.Row(tensor).Render());

        Assert.Equal(Colormap.Viridis.At(0.5f), FindMap(figure).ColorOf(figure, 0, 0));
    }

    [Theory]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity)]
    [InlineData(float.MaxValue, float.MinValue)]
    [InlineData(0f, float.Epsilon)]
    [InlineData(1f, 1.0000001f)]
    [InlineData(16777216f, 16777218f)]
    public void Extreme_values_can_be_drawn_with_every_colour_map(float first, float second)
    {
        using Tensor tensor = Tensor.FromSpan([first, second], (1, 2));
        foreach (Colormap map in Colormap.All)
        {
            Image figure = Image.Load(Figure.Row(tensor).WithColormap(map).Render());

            Assert.True(CountInk(figure, 0, 0, figure.Width, figure.Height) > 100, $"{map}");
        }
    }

    [Fact]
    public void A_diverging_colour_map_has_zero_in_its_middle()
    {
        using Tensor tensor = Tensor.FromSpan([-1f, 0, 4], (1, 3));

        Image figure = Image.Load(Figure.Row(tensor).WithColormap(Colormap.Coolwarm).Render());

        AssertShows(figure, FindMap(figure), Colormap.Coolwarm, [[0.375f, 0.5f, 1]]);
    }

    [Fact]
    public void A_map_that_is_larger_than_the_figure_is_reduced_to_means()
    {
        // A chessboard of zeros and ones. 2000 columns fit into 1200 pixels two by two, and each such square has the mean 0.5.
        float[] values = new float[2000 * 2000];
        for (int i = 0; i < values.Length; i++)
            values[i] = (i % 2000 + i / 2000) % 2;
        using Tensor tensor = Tensor.FromSpan(values, (2000, 2000));

        Image figure = Image.Load(Figure.Row(tensor).Render(width: 1200));

        Assert.Equal(1200, figure.Width);
        (int left, int top) = FindInk(figure);
        Assert.Equal(Colormap.Viridis.At(0.5f), Pictures.At(figure, left, top));
        Assert.Equal(Colormap.Viridis.At(0.5f), Pictures.At(figure, left + 333, top + 500));
    }

    [Fact]
    public void A_map_of_half_the_size_is_drawn_as_high_as_its_neighbour()
    {
        using Tensor large = Tensor.Full((40, 40), 1), small = Tensor.Full((20, 20), 1);

        Image figure = Image.Load(Figure.Row(large, small).WithColormap(Colormap.Coolwarm).Render());

        // Both are constant, so each is one square in the colour of the end.
        int[] heights =
        [
            .. Enumerable.Range(0, figure.Width).Select(x => Enumerable.Range(0, figure.Height)
                .Count(y => Pictures.At(figure, x, y) == Colormap.Coolwarm.At(1))).Where(height => height > 100).Distinct(),
        ];
        Assert.Single(heights);
    }

    public static TheoryData<string> Titles => ["Filters", "Ä → β, 3 × 3", "a long title, " + new string('w', 400)];

    [Theory]
    [MemberData(nameof(Titles))]
    public void A_title_is_written_above_the_maps_and_nowhere_else(string title)
    {
        using Tensor tensor = Tensor.FromSpan([0f, 1, 2, 3], (2, 2));
        HeatMapFigure untitled = Figure.Row(tensor).WithTitle("");

        Image without = Image.Load(untitled.Render()), with = Image.Load(untitled.WithTitle(title).Render());

        int top = FindMap(without).Top;
        Assert.Equal((without.Width, without.Height), (with.Width, with.Height));
        Assert.Equal(0, CountInk(without, 0, 0, without.Width, top - 12));
        Assert.True(CountDark(with, 0, 0, with.Width, top - 12) > 50, "There is no title.");
        Assert.Equal(0, CountInk(with, 0, 0, 10, top - 12) + CountInk(with, with.Width - 10, 0, with.Width, top - 12));
        for (int y = top - 12; y < with.Height; y++)
        {
            for (int x = 0; x < with.Width; x++)
                Assert.Equal(Pictures.At(without, x, y), Pictures.At(with, x, y));
        }
    }

    // A missing glyph is drawn as the same box for every letter.
    [Fact]
    public void Text_is_written_in_the_font_that_the_library_brings()
    {
        using Tensor tensor = Tensor.Full((2, 2), 0);
        HeatMapFigure figure = Figure.Row(tensor);

        string[] drawn =
            [.. ((string[])["A", "B", "ß", "Σ", "→"]).Select(text => Convert.ToHexString(figure.WithTitle(text).Render()))];

        Assert.Equal(drawn.Length, drawn.Distinct().Count());
        Assert.Equal("DejaVu Sans", FigureFont.Typeface.FamilyName);
    }

    [Fact]
    public void Each_map_has_its_title_above_it()
    {
        using Tensor tensor = Tensor.FromSpan([0f, 1, 2, 3], (2, 2));

        Image with = Image.Load(Figure.Row(tensor, tensor).WithTitles("", "Second").Render());

        int middle = with.Width / 2;
        Block map = FindMap(with);
        Assert.Equal(0, CountDark(with, 0, 0, middle, map.Top - 12));
        Assert.True(CountDark(with, middle, 0, with.Width, map.Top) > 50, "There is no title above the second map.");
    }

    [Fact]
    public void A_grid_has_one_map_for_each_channel_in_rows()
    {
        // Channel c is c everywhere: each map is one square in the colour of c / 5.
        using Tensor tensor = Tensor.FromSpan([.. Enumerable.Range(0, 3 * 3 * 6).Select(i => (float)(i % 6))], (1, 3, 3, 6));

        Image figure = Image.Load(Figure.Grid(tensor, columns: 2).Render());

        (int X, int Y)[] corners = [.. Enumerable.Range(0, 6).Select(channel => FirstOf(figure, Colormap.Viridis.At(channel / 5f)))];
        int width = CountWidth(figure, corners[1]);
        for (int channel = 0; channel < 6; channel++)
        {
            Assert.Equal(corners[channel % 2].X, corners[channel].X);
            Assert.Equal(corners[channel / 2 * 2].Y, corners[channel].Y);
            // Above each map stands its number.
            Assert.True(
                CountDark(figure, corners[channel].X, corners[channel].Y - 26, corners[channel].X + width, corners[channel].Y) > 5,
                $"Map {channel} has no number.");
        }

        Assert.True(corners[0].X < corners[1].X && corners[0].Y < corners[2].Y && corners[2].Y < corners[4].Y);
    }

    [Theory]
    [InlineData(1, null, 1, 1)]
    [InlineData(4, null, 2, 2)]
    [InlineData(10, null, 4, 3)]
    [InlineData(16, 8, 8, 2)]
    [InlineData(3, 100, 3, 1)]
    public void A_grid_is_about_square_unless_its_columns_are_given(int channels, int? columns, int across, int down)
    {
        using Tensor tensor = Tensor.Full((8, 8, channels), -1);

        Image figure = Image.Load(Figure.Grid(tensor, columns).WithColormap(Colormap.Coolwarm).Render());

        // All maps have the first colour of Coolwarm. Its runs along the row and the column through the first map are counted;
        // the scale, right of all maps, is narrower than any of them.
        Color color = Colormap.Coolwarm.At(0);
        (int left, int top) = FirstOf(figure, color);
        Assert.Equal(across, CountRuns(figure.Width, x => Pictures.At(figure, x, top + 20) == color, longerThan: 14));
        Assert.Equal(down, CountRuns(figure.Height, y => Pictures.At(figure, left + 5, y) == color, longerThan: 14));
    }

    [Theory]
    [InlineData(640, 480)]
    [InlineData(1000, null)]
    [InlineData(null, 700)]
    public void A_figure_has_the_size_that_was_asked_for(int? width, int? height)
    {
        using Tensor tensor = Pictures.Slope(30, 20).ToTensor();

        Image row = Image.Load(Figure.Row(tensor, tensor).WithTitle("Size").Render(width, height));
        Image grid = Image.Load(Figure.Grid(tensor).Render(width, height));

        foreach (Image figure in (Image[])[row, grid])
        {
            Assert.Equal((width ?? figure.Width, height ?? figure.Height), (figure.Width, figure.Height));
            Assert.True(CountInk(figure, 0, 0, figure.Width, figure.Height) > 1000, "The figure is empty.");
        }
    }

    [Theory]
    [InlineData(50, 50)]
    [InlineData(20, 2000)]
    [InlineData(2000, 20)]
    [InlineData(0, 500)]
    [InlineData(500, 32768)]
    public void A_size_that_cannot_hold_the_maps_is_refused(int width, int height)
    {
        using Tensor tensor = Tensor.Full((4, 4), 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Row(tensor, tensor).Render(width, height));
    }

    [Fact]
    public void A_figure_outlives_its_tensors_and_never_changes()
    {
        HeatMapFigure figure;
        using (Tensor tensor = Tensor.FromSpan([1f, 2, 3, 4], (2, 2)))
            figure = Figure.Row(tensor);

        byte[] first = figure.Render();
        _ = figure.WithColormap(Colormap.Gray).WithTitle("Other").WithTitles("Other");

        Assert.Equal(first, figure.Render());
    }

    [Fact]
    public void Figures_can_be_drawn_by_several_threads_at_once()
    {
        using Tensor tensor = Pictures.Hashed(16, 16, 1, seed: 6).ToTensor();
        HeatMapFigure figure = Figure.Row(tensor).WithTitle("Threads");
        byte[] expected = figure.Render();
        byte[][] drawn = new byte[16][];

        Parallel.For(0, drawn.Length, i => drawn[i] = figure.Render());

        Assert.All(drawn, bytes => Assert.Equal(expected, bytes));
    }

    [Fact]
    public void A_figure_is_saved_as_PNG_only()
    {
        using TemporaryFolder folder = new();
        using Tensor tensor = Tensor.FromSpan([1f, 2, 3, 4], (2, 2));
        HeatMapFigure figure = Figure.Row(tensor);

        figure.Save(folder.PathOf("a.png"), Colormap.Magma);

        Assert.Equal(figure.WithColormap(Colormap.Magma).Render(), File.ReadAllBytes(folder.PathOf("a.png")));
        Assert.Throws<ArgumentException>(() => figure.Save(folder.PathOf("a.jpg")));
        Assert.Single(Directory.GetFileSystemEntries(folder.FullName));
    }

    [Fact]
    public void What_cannot_be_drawn_is_refused_with_its_shape()
    {
        using Tensor batch = Tensor.Full((2, 4, 4, 1), 0), two = Tensor.Full((4, 4, 2), 0), line = Tensor.Full(4, 0);

        Assert.Throws<ArgumentException>(() => Figure.Row());
        AssertRefused(batch, "a batch of 2", () => Figure.Row(batch));
        AssertRefused(batch, "a batch of 2", () => Figure.Grid(batch));
        AssertRefused(two, "2 channels, expected 1 or 3", () => Figure.Row(two));
        AssertRefused(line, "expected 1 x height x width x channels", () => Figure.Grid(line));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Grid(two, columns: 0));
        Assert.Throws<ArgumentException>(() => Figure.Grid(two).WithTitles("one"));

        static void AssertRefused(Tensor tensor, string expected, Action draw)
        {
            ShapeException error = Assert.Throws<ShapeException>(draw);
            Assert.Contains($"the tensor is {tensor.Shape}", error.Message, StringComparison.Ordinal);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    private static void AssertShows(Image figure, Block map, Colormap colormap, float[][] positions)
    {
        for (int row = 0; row < positions.Length; row++)
        {
            for (int column = 0; column < positions[row].Length; column++)
                Assert.Equal(colormap.At(positions[row][column]), map.ColorOf(figure, row, column));
        }
    }

    /// <summary>The squares of the first map of a figure without titles: from its upper left corner to where the colour changes.
    /// </summary>
    private static Block FindMap(Image figure)
    {
        (int left, int top) = FindInk(figure);
        Color color = Pictures.At(figure, left, top);
        int side = 0, rows = 0;
        while (Pictures.At(figure, left + side, top) == color)
            side++;
        while (Pictures.At(figure, left, top + rows) == color)
            rows++;
        return new Block(left, top, Math.Min(side, rows));
    }

    /// <summary>The highest pixel of the leftmost column that is not white: the corner of the first map.</summary>
    private static (int X, int Y) FindInk(Image figure)
    {
        for (int x = 0; x < figure.Width; x++)
        {
            for (int y = 0; y < figure.Height; y++)
            {
                if (Pictures.At(figure, x, y) != Color.White)
                    return (x, y);
            }
        }

        throw new InvalidOperationException("The figure is white.");
    }

    /// <summary>The upper left corner of the highest square of a colour that is more than 14 pixels wide: of a map, not the scale.
    /// </summary>
    private static (int X, int Y) FirstOf(Image figure, Color color)
    {
        for (int y = 0; y < figure.Height; y++)
        {
            for (int x = 0; x + 14 < figure.Width; x++)
            {
                if (Pictures.At(figure, x, y) == color && Pictures.At(figure, x + 14, y) == color)
                    return (x, y);
            }
        }

        throw new InvalidOperationException($"The figure has no square of {color}.");
    }

    private static int CountWidth(Image figure, (int X, int Y) corner)
    {
        int width = 0;
        while (Pictures.At(figure, corner.X + width, corner.Y) == Pictures.At(figure, corner.X, corner.Y))
            width++;
        return width;
    }

    private static int CountRuns(int length, Func<int, bool> isInside, int longerThan)
    {
        int runs = 0, run = 0;
        for (int i = 0; i < length; i++)
        {
            run = isInside(i) ? run + 1 : 0;
            runs += run == longerThan + 1 ? 1 : 0;
        }

        return runs;
    }

    private static int CountInk(Image figure, int left, int top, int right, int bottom) =>
        Count(figure, left, top, right, bottom, color => color != Color.White);

    private static int CountDark(Image figure, int left, int top, int right, int bottom) =>
        Count(figure, left, top, right, bottom, color => color is { R: < 90, G: < 90, B: < 90 });

    private static int Count(Image figure, int left, int top, int right, int bottom, Func<Color, bool> isWanted)
    {
        int count = 0;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
                count += isWanted(Pictures.At(figure, x, y)) ? 1 : 0;
        }

        return count;
    }

    private readonly record struct Block(int Left, int Top, int Side)
    {
        /// <summary>The colour of a square, all of which has to have it.</summary>
        public Color ColorOf(Image figure, int row, int column)
        {
            int left = Left + column * Side, top = Top + row * Side;
            Color color = Pictures.At(figure, left, top);
            Assert.Equal(Side * Side, Count(figure, left, top, left + Side, top + Side, other => other == color));
            return color;
        }
    }
}
