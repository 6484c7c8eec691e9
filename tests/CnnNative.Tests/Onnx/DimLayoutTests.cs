// Layouts: what can be seen in another way without moving anything.

using CnnNative.Onnx.Importing;

namespace CnnNative.Tests.Onnx;

public sealed class DimLayoutTests
{
    private static DimLayout Pictures => DimLayout.Ordered((2, 6, 4, 4), [0, 2, 3, 1]);

    [Fact]
    public void Pictures_with_channels_innermost_are_not_plain_until_they_are_turned_around()
    {
        Assert.False(Pictures.IsPlain);
        Assert.True(Pictures.Transpose([0, 2, 3, 1]).IsPlain);
        Assert.Equal((2, 4, 4, 6), Pictures.Transpose([0, 2, 3, 1]).Shape);
        Assert.True(DimLayout.Ordered((1, 6, 1, 1), [0, 2, 3, 1]).IsPlain);
    }

    [Fact]
    public void Flattening_keeps_the_factors_and_cutting_finds_them_again()
    {
        DimLayout flat = Pictures.Reshape((2, 96))!;
        DimLayout back = flat.Reshape((2, 6, 4, 4))!;

        Assert.Equal([6, 4, 4], flat.Dims[1].Select(factor => factor.Size));
        Assert.Equal(Pictures.Memory.Select(factor => factor.Size), back.Memory.Select(factor => factor.Size));
        Assert.True(back.TryGetAxis(1, out int axis));
        Assert.Equal(3, axis);
    }

    [Fact]
    public void A_dimension_that_mixes_factors_cannot_be_seen_without_a_move()
    {
        Assert.Null(DimLayout.Plain((4, 6)).Reshape((3, 8)) is { } free && !free.IsPlain ? free : null);
        Assert.Null(Pictures.Reshape((2, 4, 24)));
        Assert.Throws<ShapeException>(() => Pictures.Reshape((2, 95)));
    }

    [Fact]
    public void Groups_of_channels_can_be_swapped_and_put_together()
    {
        DimLayout groups = Pictures.Reshape(Shape.Create([2, 2, 3, 4, 4]))!;
        DimLayout shuffled = groups.Transpose([0, 2, 1, 3, 4]).Reshape((2, 6, 4, 4))!;

        Assert.Equal([2, 4, 4, 2, 3], shuffled.Memory.Select(factor => factor.Size));
        Assert.Equal([3, 2], shuffled.Dims[1].Select(factor => factor.Size));
    }

    [Fact]
    public void Operands_are_cut_like_the_one_that_leads()
    {
        DimLayout flat = Pictures.Reshape((2, 96))!;
        DimLayout cut = DimLayout.Plain((1, 96)).CutLike(flat)!;

        Assert.Equal([6, 4, 4], cut.Dims[1].Select(factor => factor.Size));
        Assert.Equal(1, cut.Shape[0]);
    }
}
