// Tensors: copies in and out, views that share memory, and lifetimes in any order.

namespace CnnNative.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void Values_that_go_in_come_out_in_the_same_order()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        using Tensor tensor = Tensor.FromSpan(values, (1, 2, 3));
        float[] copy = new float[7];

        tensor.CopyTo(copy);

        Assert.Equal(values, tensor.ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6, 0], copy);
        Assert.Equal(6f, tensor[0, 1, 2]);
    }

    [Fact]
    public void Zeros_and_full_set_every_element()
    {
        using Tensor zeros = Tensor.Zeros((3, 5));
        using Tensor sevens = Tensor.Full((3, 5), 7);

        Assert.All(zeros.ToArray(), value => Assert.Equal(0f, value));
        Assert.All(sevens.ToArray(), value => Assert.Equal(7f, value));
    }

    [Fact]
    public void A_slice_of_the_batch_shares_its_elements_with_the_whole()
    {
        using Tensor whole = Tensor.FromSpan([0, 1, 2, 3, 4, 5, 6, 7], (4, 2));
        using Tensor slice = whole.Slice(1, 2);

        slice[0, 0] = 20;

        Assert.Equal((2, 2), slice.Shape);
        Assert.Equal([20, 3, 4, 5], slice.ToArray());
        Assert.Equal(20f, whole[1, 0]);
    }

    [Fact]
    public void A_view_outlives_the_tensor_it_was_made_from()
    {
        Tensor whole = Tensor.FromSpan([0, 1, 2, 3], (2, 2));
        using Tensor flat = whole.Reshape(4);
        using Tensor slice = whole.Slice(1, 1);

        whole.Dispose();
        whole.Dispose();

        Assert.Equal([0, 1, 2, 3], flat.ToArray());
        Assert.Equal([2, 3], slice.ToArray());
        Assert.Throws<ObjectDisposedException>(whole.ToArray);
    }

    [Fact]
    public void An_open_access_keeps_the_memory_of_a_disposed_tensor()
    {
        Tensor tensor = Tensor.Full(1000, 3);
        using TensorAccess access = tensor.Access();

        tensor.Dispose();

        Assert.Equal(3000f, access.Values.ToArray().Sum());
    }

    [Fact]
    public void Flattening_keeps_the_batch_and_the_order()
    {
        using Tensor tensor = Tensor.FromSpan([1, 2, 3, 4, 5, 6, 7, 8], (2, 2, 1, 2));
        using Tensor flat = tensor.Flatten();

        Assert.Equal((2, 4), flat.Shape);
        Assert.Equal(tensor.ToArray(), flat.ToArray());
    }

    [Fact]
    public void Elements_of_other_types_come_back_as_they_were()
    {
        using Tensor longs = Tensor.From<long>([long.MinValue, -1, long.MaxValue], 3);
        using Tensor flags = Tensor.From<bool>([true, false], (1, 2));
        using Tensor shorts = Tensor.From<short>([-7], Shape.Create([]));
        using Tensor slice = longs.Slice(1, 2);
        using Tensor clone = longs.Clone();

        Assert.Equal(ElementType.Int64, longs.ElementType);
        Assert.Equal(24, longs.ByteCount);
        Assert.Equal([long.MinValue, -1, long.MaxValue], clone.ToArray<long>());
        Assert.Equal([-1, long.MaxValue], slice.ToArray<long>());
        Assert.Equal([true, false], flags.ToArray<bool>());
        Assert.Equal("Tensor 1x2 [[1, 0]]", flags.ToString());
        Assert.Equal("Tensor scalar -7", shorts.ToString());
    }

    [Fact]
    public void Elements_are_not_opened_as_what_they_are_not()
    {
        using Tensor longs = Tensor.From<long>([1], 1);

        Assert.Contains("Int64, not Float32", Assert.Throws<InvalidOperationException>(() => longs.ToArray()).Message, StringComparison.Ordinal);
        Assert.Contains("Int64, not Int32", Assert.Throws<InvalidOperationException>(() => longs.ToArray<int>()).Message, StringComparison.Ordinal);
        Assert.Contains("Guid", Assert.Throws<NotSupportedException>(() => Tensor.From<Guid>([default], 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_without_elements_can_be_viewed_and_put_together()
    {
        using Tensor empty = Tensor.Zeros((0, 3));
        using Tensor flat = empty.Flatten();
        using Tensor clone = empty.Clone();
        using Tensor three = Tensor.FromSpan([1, 2, 3], (1, 3));
        using Tensor both = Cnn.Concat([empty, three], axis: 0);
        using Tensor active = Cnn.Relu(empty);

        Assert.Equal((0, 0), flat.Shape);
        Assert.Empty(clone.ToArray());
        Assert.Equal([1, 2, 3], both.ToArray());
        Assert.Equal((0, 3), active.Shape);
        Assert.Equal("Tensor 0x3 []", empty.ToString());
    }

    public static TheoryData<float, float, bool> Pairs => new()
    {
        { 1f, 1f, true },
        { 1f, 1.000001f, true },
        { 1f, 1.1f, false },
        { 0f, 1e-7f, true },
        { float.NaN, float.NaN, true },
        { float.NaN, 0f, false },
        { float.PositiveInfinity, float.PositiveInfinity, true },
        { float.PositiveInfinity, float.NegativeInfinity, false },
        { float.PositiveInfinity, 1f, false },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Closeness_is_within_the_tolerance_and_treats_special_values_as_themselves(float left, float right, bool close)
    {
        using Tensor first = Tensor.Full(1, left);
        using Tensor second = Tensor.Full(1, right);

        Assert.Equal(close, first.IsClose(second));
    }

    [Fact]
    public void Tensors_of_different_shape_are_never_close()
    {
        using Tensor row = Tensor.Zeros((1, 4));
        using Tensor column = Tensor.Zeros((4, 1));

        Assert.False(row.IsClose(column));
    }

    [Fact]
    public void Text_shows_the_shape_and_shortens_long_dimensions()
    {
        using Tensor small = Tensor.FromSpan([1, 2.5f, -3, 4], (2, 2));
        using Tensor large = Tensor.FromSpan([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10);

        Assert.Equal("Tensor 2x2 [[1, 2.5], [-3, 4]]", small.ToString());
        Assert.Equal("Tensor 10 [0, 1, 2, ..., 7, 8, 9]", large.ToString());
    }

    [Fact]
    public void Misuse_is_refused_with_what_was_found_and_what_was_expected()
    {
        using Tensor tensor = Tensor.Zeros((2, 3));

        Assert.Contains("5 values", Assert.Throws<ShapeException>(() => Tensor.FromSpan(new float[5], (2, 3))).Message, StringComparison.Ordinal);
        Assert.Contains("expected at least 6", Assert.Throws<ShapeException>(() => tensor.CopyTo(new float[5])).Message, StringComparison.Ordinal);
        Assert.Contains("7 has 7; expected the same", Assert.Throws<ShapeException>(() => tensor.Reshape(7)).Message, StringComparison.Ordinal);
        Assert.Contains("batch of 2x3 has 2", Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("position 3 on dimension 1", Assert.Throws<ArgumentOutOfRangeException>(() => tensor[0, 3]).Message, StringComparison.Ordinal);
        Assert.Contains("1 positions", Assert.Throws<ArgumentOutOfRangeException>(() => tensor[0]).Message, StringComparison.Ordinal);
        Assert.Contains("expected at most 2147483647", Assert.Throws<ShapeException>(() => Tensor.Zeros((65536, 65536))).Message, StringComparison.Ordinal);
    }
}
