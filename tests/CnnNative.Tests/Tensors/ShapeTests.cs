// Shapes: their arithmetic, their equality, and the sentences they refuse nonsense with.

namespace CnnNative.Tests.Tensors;

public sealed class ShapeTests
{
    [Fact]
    public void A_shape_knows_its_rank_its_dimensions_and_its_number_of_elements()
    {
        Shape shape = (2, 300, 200, 3);

        Assert.Equal(4, shape.Rank);
        Assert.Equal(360_000, shape.ElementCount);
        Assert.Equal(2, shape[0]);
        Assert.Equal(3, shape[^1]);
        Assert.Equal([2, 300, 200, 3], shape.ToArray());
        Assert.Equal("2x300x200x3", shape.ToString());
    }

    [Fact]
    public void Shapes_with_the_same_dimensions_are_equal_and_others_are_not()
    {
        Shape shape = [1, 28, 28, 1];

        Assert.True(shape == (1, 28, 28, 1));
        Assert.Equal(shape.GetHashCode(), new Shape(1, 28, 28, 1).GetHashCode());
        Assert.True(shape != (28, 28, 1));
        Assert.True(shape != (1, 28, 28, 2));
        Assert.False(shape.Equals("1x28x28x1"));
    }

    [Fact]
    public void A_shape_without_dimensions_is_that_of_a_scalar()
    {
        Shape scalar = [];

        Assert.Equal(0, scalar.Rank);
        Assert.Equal(1, scalar.ElementCount);
        Assert.Equal(default, scalar);
        Assert.Equal("scalar", scalar.ToString());
    }

    [Fact]
    public void A_dimension_of_0_makes_a_shape_without_elements()
    {
        Shape empty = [2, 0, int.MaxValue];

        Assert.Equal(0, empty.ElementCount);
        Assert.Equal("2x0x2147483647", empty.ToString());
    }

    public static TheoryData<int[], string> Nonsense => new()
    {
        { [1, 2, 3, 4, 5, 6, 7, 8, 9], "9 dimensions" },
        { [1, -1, 3], "dimension 1 of 1x-1x3 is -1" },
        { [-4], "dimension 0 of -4 is -4" },
        { [int.MaxValue, int.MaxValue, 2], "63 bits" },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_shape_that_cannot_be_is_refused_with_its_numbers(int[] dimensions, string expected)
    {
        ShapeException error = Assert.Throws<ShapeException>(() => new Shape(dimensions));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_dimension_that_is_not_there_is_refused(int dimension)
    {
        Shape shape = (1, 2, 3);

        Assert.Throws<ArgumentOutOfRangeException>(() => shape[dimension]);
    }
}
