// Tensors whose elements are read when somebody first looks at them.

using System.Runtime.InteropServices;

namespace CnnNative.Tests.Tensors;

public sealed class DeferredTensorTests
{
    private const int Items = 5, Channels = 3, Pixels = 4;

    [Fact]
    public void Elements_are_read_once_when_somebody_looks_at_them()
    {
        CountingSource source = new(Items * Channels * Pixels);
        using Tensor tensor = Tensor.Deferred(source, (Items, Channels, Pixels));
        using Tensor view = tensor.Reshape(Items * Channels * Pixels);
        Assert.Equal(0, source.BytesRead);
        Assert.NotNull(view.Pending);

        Assert.Equal(Enumerable.Range(0, source.Count).Select(i => (float)i), tensor.ToArray());
        Assert.Equal(tensor.ToArray(), view.ToArray());

        Assert.Equal(source.Bytes, source.BytesRead);
        Assert.Null(view.Pending);
    }

    [Fact]
    public void Views_made_before_and_after_see_the_same_elements()
    {
        using Tensor tensor = Tensor.Deferred(new CountingSource(Items * Pixels), (Items, Pixels));
        using Tensor before = tensor.Slice(2, 1);
        before.Fill(-1);
        using Tensor after = tensor.Slice(2, 2);

        Assert.Equal([-1f, -1, -1, -1, 12, 13, 14, 15], after.ToArray());
        Assert.Equal(-1f, tensor[2, 3]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_source_ends_with_the_last_tensor_that_shares_it_in_any_order(bool reads)
    {
        CountingSource source = new(Items * Pixels);
        Tensor tensor = Tensor.Deferred(source, (Items, Pixels));
        Tensor view = tensor.Reshape((Pixels, Items));
        tensor.Dispose();
        tensor.Dispose();
        Assert.False(source.IsDisposed);
        if (reads)
        {
            Assert.Equal(19f, view[Pixels - 1, Items - 1]);
        }

        view.Dispose();

        Assert.True(source.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => view.ToArray());
        Assert.Throws<ObjectDisposedException>(() => view.Slice(0, 1));
    }

    [Fact]
    public void Reading_for_good_ends_the_source_at_once()
    {
        CountingSource source = new(Items * Pixels);
        using Tensor tensor = Tensor.Deferred(source, (Items, Pixels));

        tensor.LoadNow();

        Assert.True(source.IsDisposed);
        Assert.Equal(19f, tensor[Items - 1, Pixels - 1]);
    }

    [Fact]
    public void A_copy_in_memory_leaves_the_tensor_where_it_is()
    {
        CountingSource source = new(Items * Pixels);
        using Tensor tensor = Tensor.Deferred(source, (Items, Pixels));

        using (Tensor copy = tensor.InMemory())
        {
            copy.Fill(0);
        }

        Assert.NotNull(tensor.Pending);
        using Tensor own = tensor.Clone();
        using Tensor shared = own.InMemory();
        shared.Fill(7);
        Assert.Equal(7f, own[0, 0]);
    }

    [Fact]
    public void Transposed_and_scaled_pieces_are_those_of_the_whole()
    {
        double[] factors = [1, -2, 0.5, 3, 1.0 / 3];
        Tensor stored = Tensor.Deferred(new CountingSource(Items * Channels * Pixels), (Items, Channels, Pixels));
        Tensor transposed = Tensor.Deferred(new TransposedSource(stored, Channels, Pixels), (Items, Pixels, Channels));
        using Tensor scaled = Tensor.Deferred(new ScaledSource(transposed, factors), (Items, Pixels, Channels));
        long unit = Channels * Pixels * sizeof(float);
        Assert.Equal(unit, scaled.Pending!.Unit);
        byte[] piece = new byte[2 * unit];
        scaled.ReadPiece(unit, piece, new byte[piece.Length]);

        float[] whole = scaled.ToArray();
        Assert.Equal(whole[(Channels * Pixels)..(3 * Channels * Pixels)], MemoryMarshal.Cast<byte, float>(piece).ToArray());
        for (int item = 0; item < Items; item++)
        {
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                for (int channel = 0; channel < Channels; channel++)
                {
                    float expected = (float)(((item * Channels + channel) * Pixels + pixel) * factors[item]);
                    Assert.Equal(expected, whole[(item * Pixels + pixel) * Channels + channel]);
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    [InlineData(16, 5)]
    [InlineData(37, 19)]
    public void A_transposed_matrix_is_read_in_any_pieces(int rows, int columns)
    {
        Tensor stored = Tensor.Deferred(new CountingSource(rows * columns), (rows, columns));
        using Tensor matrix = Tensor.Deferred(new TransposedMatrixSource(stored, rows, columns), (columns, rows));
        long unit = rows * sizeof(float);
        Assert.Equal(unit, matrix.Pending!.Unit);

        for (int first = 0; first < columns; first++)
        {
            for (int count = 1; count <= columns - first; count++)
            {
                byte[] piece = new byte[count * unit];
                matrix.ReadPiece(first * unit, piece, new byte[piece.Length]);
                IEnumerable<float> expected = Enumerable.Range(0, count * rows)
                    .Select(i => (float)(i % rows * columns + first + i / rows));
                Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(piece).ToArray());
            }
        }

        Assert.Equal(1f, matrix[1, 0]);
        Assert.Equal((float)columns, matrix[0, 1]);
    }

    [Fact]
    public void A_source_that_fails_tells_everybody_who_looks()
    {
        using Tensor tensor = Tensor.Deferred(new CountingSource(4) { Fails = true }, 4);

        Assert.Throws<IOException>(() => tensor.ToArray());
        Assert.Throws<IOException>(() => tensor.ToArray());
    }

    /// <summary>The numbers from 0 on.</summary>
    private sealed class CountingSource(int count) : TensorSource
    {
        public int Count => count;

        public long BytesRead { get; private set; }

        public bool IsDisposed { get; private set; }

        public bool Fails { get; init; }

        public override long Bytes => (long)count * sizeof(float);

        public override long Unit => sizeof(float);

        public override void Read(long offset, Span<byte> target, Span<byte> staging)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Assert.Equal(target.Length, staging.Length);
            if (Fails)
            {
                throw new IOException("The disk is gone.");
            }

            BytesRead += target.Length;
            Span<float> values = MemoryMarshal.Cast<byte, float>(target);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = offset / sizeof(float) + i;
            }
        }

        public override void Dispose() => IsDisposed = true;
    }
}
