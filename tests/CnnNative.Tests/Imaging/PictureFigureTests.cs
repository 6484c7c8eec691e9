// Grids of pictures: where they stand, how they are enlarged, and what their frames and captions say.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class PictureFigureTests
{
    private static readonly Color Green = new(0x1a, 0x7f, 0x37), Red = new(0xc6, 0x28, 0x28);

    [Fact]
    public void Small_pictures_become_square_blocks_in_frames_of_their_marks()
    {
        Image blue = Pictures.Constant(28, 28, 0, 0, 200), gray = Pictures.Constant(28, 28, 90);
        Image picture = Image.Load(Figure.Pictures([blue, gray, blue], columns: 3)
            .WithCaptions(
                new PictureCaption("7", "right", PictureMark.Right), new PictureCaption("2", "is 8", PictureMark.Wrong), default)
            .Render());

        // Margins of 20, fields of four times 28 = 112, gaps of 16, and two lines of captions below.
        Assert.Equal(20 + 3 * 112 + 2 * 16 + 20, picture.Width);
        Assert.True(picture.Height > 112 + 40 + 2 * 12);
        Assert.Equal(new Color(0, 0, 200), Pictures.At(picture, 20 + 56, 20 + 56));
        Assert.Equal(new Color(90, 90, 90), Pictures.At(picture, 20 + 128 + 56, 20 + 56));
        Assert.Equal(Green, Pictures.At(picture, 20 - 1, 20 + 56));
        Assert.Equal(Red, Pictures.At(picture, 20 + 128 - 1, 20 + 56));
        Assert.True(HasInk(picture, 20, 136, 112, 30), "the first picture has no caption");
        Assert.False(HasInk(picture, 20 + 2 * 128, 136, 112, 30), "the last picture has a caption");
    }

    [Fact]
    public void Proportions_stay_and_large_pictures_are_reduced()
    {
        Image wide = Pictures.Constant(800, 400, 10, 20, 30);
        Image picture = Image.Load(Figure.Pictures([wide]).Render());

        Assert.Equal((20 + 224 + 20, 20 + 224 + 20), (picture.Width, picture.Height));
        Assert.Equal(new Color(10, 20, 30), Pictures.At(picture, 132, 132));
        Assert.Equal(Color.White, Pictures.At(picture, 132, 40));
    }

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(10, null, 5)]
    [InlineData(30, null, 8)]
    [InlineData(10, 4, 4)]
    [InlineData(2, 9, 2)]
    public void Rows_have_the_columns_that_were_asked_for_or_that_suit(int count, int? columns, int expected)
    {
        PictureFigure figure = Figure.Pictures([.. Enumerable.Repeat(Pictures.Constant(4, 4, 50), count)], columns);

        Assert.Equal(expected, figure.Columns);
        Assert.Equal(20 + expected * 112 + (expected - 1) * 16 + 20, Image.Load(figure.Render()).Width);
    }

    [Fact]
    public void A_size_that_is_given_is_met_and_one_that_is_too_small_refused()
    {
        PictureFigure figure = Figure.Pictures([Pictures.Constant(28, 28, 90), Pictures.Constant(28, 28, 90)]).WithTitle("two");

        Image picture = Image.Load(figure.Render(600, 500));

        Assert.Equal((600, 500), (picture.Width, picture.Height));
        Assert.Throws<ArgumentOutOfRangeException>(() => figure.Render(50, 50));
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        PictureFigure figure = Figure.Pictures([Pictures.Constant(4, 4, 50)]);

        Assert.Throws<ArgumentException>(() => Figure.Pictures([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Pictures(figure.Items, columns: 0));
        Assert.Throws<ArgumentException>(() => figure.WithCaptions(default, default));
    }

    private static bool HasInk(Image picture, int left, int top, int width, int height)
    {
        for (int y = top; y < top + height; y++)
        {
            for (int x = left; x < left + width; x++)
            {
                if (Pictures.At(picture, x, y) != Color.White)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
