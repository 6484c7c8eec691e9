// Transposes and slices are one thing: elements of a dense tensor, seen at an offset with a stride for each dimension. Rows of
// the view are moved one after the other, whole where their elements lie side by side.

using System.Runtime.CompilerServices;

namespace CnnNative.Kernels.Managed;

/// <summary>Where the elements of a view lie in a dense tensor.</summary>
internal ref struct StridedView
{
    private Strides _strides;
    private int _offset;

    /// <summary>The tensor with its dimensions in another order.</summary>
    public static StridedView Transposed(Shape shape, ReadOnlySpan<int> axes)
    {
        Strides dense = DenseStrides(shape);
        StridedView view = default;
        for (int i = 0; i < axes.Length; i++)
            view._strides[i] = dense[axes[i]];
        return view;
    }

    /// <summary>A part of the tensor, in steps.</summary>
    public static StridedView Sliced(Shape shape, ReadOnlySpan<int> starts, ReadOnlySpan<int> steps)
    {
        Strides dense = DenseStrides(shape);
        StridedView view = default;
        for (int i = 0; i < shape.Rank; i++)
        {
            view._strides[i] = dense[i] * steps[i];
            view._offset += dense[i] * starts[i];
        }

        return view;
    }

    /// <summary>Copies the view, which has the given shape, into a dense tensor.</summary>
    public readonly void Read(Shape shape, ReadOnlySpan<float> source, Span<float> dense)
    {
        RowWalk walk = new(shape);
        int length = shape[^1], stride = _strides[shape.Rank - 1], to = 0;
        do
        {
            Span<float> row = dense.Slice(to, length);
            int from = Place(in walk);
            if (stride == 1)
                source.Slice(from, length).CopyTo(row);
            else
                for (int i = 0; i < length; i++)
                    row[i] = source[from + i * stride];
            to += length;
        }
        while (walk.MoveNext());
    }

    /// <summary>Copies a dense tensor of the given shape into the view.</summary>
    public readonly void Write(Shape shape, ReadOnlySpan<float> dense, Span<float> destination)
    {
        RowWalk walk = new(shape);
        int length = shape[^1], stride = _strides[shape.Rank - 1], from = 0;
        do
        {
            ReadOnlySpan<float> row = dense.Slice(from, length);
            int to = Place(in walk);
            for (int i = 0; i < length; i++)
                destination[to + i * stride] = row[i];
            from += length;
        }
        while (walk.MoveNext());
    }

    private static Strides DenseStrides(Shape shape)
    {
        Strides strides = default;
        int stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    /// <summary>The first element of the row.</summary>
    private readonly int Place(in RowWalk walk)
    {
        int place = _offset;
        for (int i = 0; i < walk.OuterRank; i++)
            place += walk[i] * _strides[i];
        return place;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Strides
    {
        private int _first;
    }
}

/// <summary>Counts through the rows of a dense tensor: all positions of the dimensions but the innermost, in order.</summary>
internal struct RowWalk(Shape shape)
{
    private readonly Shape _shape = shape;
    private Positions _positions;

    /// <summary>The dimensions around a row.</summary>
    public readonly int OuterRank => _shape.Rank - 1;

    /// <summary>The position on a dimension.</summary>
    public readonly int this[int dimension] => _positions[dimension];

    /// <summary>Goes to the next row; false after the last one.</summary>
    public bool MoveNext()
    {
        for (int i = OuterRank - 1; i >= 0; i--)
        {
            if (++_positions[i] < _shape[i])
                return true;
            _positions[i] = 0;
        }

        return false;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Positions
    {
        private int _first;
    }
}
