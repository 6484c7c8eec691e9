// Confusion matrices as pictures: the colour of a cell says whether it is right and how much of its row it has, names and counts
// stay inside, and any number of classes can be drawn.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class ConfusionMatrixFigureTests
{
    [Fact]
    public void Right_cells_are_blue_wrong_ones_orange_and_empty_ones_gray()
    {
        ConfusionMatrixFigure figure = Figure.Confusion(Matrix(["a", "b"], [90, 10], [0, 100]));
        var layout = ConfusionMatrixLayout.Compute(figure, null, null);
        Image picture = Image.Load(figure.Render());

        Assert.Equal((layout.Width, layout.Height), (picture.Width, picture.Height));
        Color right = Corner(0, 0), wrong = Corner(0, 1), empty = Corner(1, 0), best = Corner(1, 1);
        Assert.True(right.B > right.R + 80, $"{right} is not blue");
        Assert.True(wrong.R > wrong.B + 80, $"{wrong} is not orange");
        Assert.True(empty.R == empty.G && empty.G == empty.B && empty.R > 230, $"{empty} is not a light gray");
        Assert.True(best.R < right.R, $"a full row, {best}, is not darker than {right}");

        // Counts stand in the middle of cells, so their corners show nothing but the colour.
        Color Corner(int label, int predicted) =>
            Pictures.At(picture, layout.Left + predicted * layout.Cell + 3, layout.Top + label * layout.Cell + 3);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(31)]
    [InlineData(100)]
    [InlineData(1000)]
    public void Any_number_of_classes_is_drawn_within_its_margins(int classes)
    {
        ConfusionMatrix matrix = new(classes, [.. Enumerable.Range(0, classes).Select(i => $"a class with the number {i}")]);
        for (int i = 0; i < classes; i++)
        {
            matrix.Update([i, (i + 1) % classes], [i, i]);
        }

        Image picture = Image.Load(Figure.Confusion(matrix).WithTitle("a title").Render());

        Assert.InRange(Math.Max(picture.Width, picture.Height), 200, 1300);
        for (int i = 0; i < picture.Width; i++)
        {
            AssertWhite(i, 4);
            AssertWhite(i, picture.Height - 5);
        }

        for (int i = 0; i < picture.Height; i++)
        {
            AssertWhite(4, i);
            AssertWhite(picture.Width - 5, i);
        }

        void AssertWhite(int x, int y) =>
            Assert.True(Pictures.At(picture, x, y) == Color.White, $"something is drawn at {x}, {y}");
    }

    [Fact]
    public void A_size_that_is_given_is_met_and_one_that_is_too_small_refused()
    {
        ConfusionMatrixFigure figure = Figure.Confusion(Matrix(["a", "b"], [3, 1], [0, 4]));

        Image picture = Image.Load(figure.Render(500, 400));

        Assert.Equal((500, 400), (picture.Width, picture.Height));
        Assert.Throws<ArgumentOutOfRangeException>(() => figure.Render(40, 40));
    }

    [Fact]
    public void The_figure_keeps_the_counts_that_it_was_made_of()
    {
        ConfusionMatrix matrix = Matrix(["a", "b"], [3, 1], [0, 4]);
        ConfusionMatrixFigure figure = Figure.Confusion(matrix).WithTitle("before");
        byte[] before = figure.Render();
        matrix.Reset();

        Assert.Equal(before, figure.Render());
        Assert.Equal("before", figure.Title);
        Assert.Equal(["a", "b"], figure.ClassNames);
    }

    [Fact]
    public void A_matrix_without_rows_is_drawn_empty()
    {
        Image picture = Image.Load(Figure.Confusion(new ConfusionMatrix(3)).Render());

        Assert.True(picture.Width > 100);
    }

    private static ConfusionMatrix Matrix(string[] names, params long[][] counts)
    {
        ConfusionMatrix matrix = new(names.Length, names);
        for (int label = 0; label < names.Length; label++)
        {
            for (int predicted = 0; predicted < names.Length; predicted++)
            {
                int count = (int)counts[label][predicted];
                matrix.Update(Enumerable.Repeat(predicted, count).ToArray(), Enumerable.Repeat(label, count).ToArray());
            }
        }

        return matrix;
    }
}
