// Curves of a history: which panels and lines there are, and that a picture of them holds all.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class TrainingCurvesTests
{
    [Fact]
    public void Each_metric_has_a_panel_with_training_and_validation()
    {
        PanelFigure figure = TrainingCurves.Draw(History(epochs: 12), "LeNet-5");

        Assert.Equal(["loss", "accuracy", "auc", "learning rate"], figure.Items.Select(panel => panel.YLabel));
        Assert.Equal("LeNet-5", figure.Title);
        Assert.All(figure.Items, panel => Assert.True(panel.IsXWhole));
        Assert.Equal(2, figure.Columns);
        Assert.Equal(["training", "validation"], figure.Items[0].Series.Select(line => line.Name));
        Assert.Equal(["validation"], figure.Items[2].Series.Select(line => line.Name));
        Assert.Equal([.. Enumerable.Range(1, 12).Select(epoch => (double)epoch)], figure.Items[0].Series[0].X);
        Assert.Equal(1.0 / 3, figure.Items[0].Series[0].Y[2]);
    }

    [Fact]
    public void A_learning_rate_that_falls_far_gets_a_logarithmic_axis()
    {
        Assert.False(TrainingCurves.Draw(History(epochs: 12)).Items[^1].IsYLogarithmic);
        Assert.True(TrainingCurves.Draw(History(epochs: 40)).Items[^1].IsYLogarithmic);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(500)]
    public void A_picture_has_something_in_each_panel(int epochs)
    {
        Image picture = Image.Load(TrainingCurves.Draw(History(epochs)).Render());

        Assert.Equal((1280, 800), (picture.Width, picture.Height));
        for (int panel = 0; panel < 4; panel++)
            Assert.True(CountDrawn(picture, panel % 2 * 640, panel / 2 * 400) > 1000, $"Panel {panel} is empty.");
    }

    // The title has a row of its own above the panels, which move down by its height.
    [Fact]
    public void A_title_stands_above_all_panels()
    {
        PanelFigure figure = TrainingCurves.Draw(History(epochs: 5));

        Image without = Image.Load(figure.Render()), with = Image.Load(figure.WithTitle("LeNet-5").Render());

        int head = with.Height - without.Height, row = with.Width * with.Channels;
        Assert.InRange(head, 20, 60);
        Assert.Contains(with.Pixels[..(head * row)].ToArray(), pixel => pixel < 128);
        Assert.True(with.Pixels[(head * row)..].SequenceEqual(without.Pixels), "The panels are others.");
    }

    [Fact]
    public void The_size_may_be_chosen_but_not_too_small()
    {
        PanelFigure figure = TrainingCurves.Draw(History(epochs: 3));

        Image picture = Image.Load(figure.Render(901, 603));

        Assert.Equal((901, 603), (picture.Width, picture.Height));
        Assert.Throws<ArgumentOutOfRangeException>(() => figure.Render(199, 600));
    }

    [Fact]
    public void Nothing_to_draw_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TrainingCurves.Draw([]));
        Assert.Throws<ArgumentException>(() => Figure.Panels([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Panels([Figure.Lines(new Series("", [1]))], columns: 0));
    }

    private static TrainingHistory History(int epochs) => new(Enumerable.Range(1, epochs).Select(epoch => new EpochRecord
    {
        Epoch = epoch,
        LearningRate = 0.1 / epoch,
        Training = new OrderedDictionary<string, double> { ["loss"] = 1.0 / epoch, ["accuracy"] = 1 - 0.5 / epoch },
        Validation = new OrderedDictionary<string, double>
        {
            ["loss"] = epoch == 2 ? double.NaN : 1.1 / epoch + 0.002 * epoch,
            ["accuracy"] = 1 - 0.6 / epoch,
            ["auc"] = 1 - 0.1 / epoch,
        },
    }));

    private static int CountDrawn(Image picture, int left, int top)
    {
        int count = 0;
        for (int y = top; y < top + 400; y++)
        {
            for (int x = left; x < left + 640; x++)
                count += picture.Pixels[(y * picture.Width + x) * picture.Channels] < 200 ? 1 : 0;
        }

        return count;
    }
}
