// The sizes of a tensor. A value type without allocation for the ranks that a CNN uses, because shapes are made and compared
// on every call; equality is by value, so shapes can be dictionary keys and test expectations.

using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace CnnNative;

/// <summary>The dimensions of a <see cref="Tensor"/>, outermost first: an image batch is batch x height x width x channels.</summary>
/// <remarks>Immutable; up to eight dimensions, each at least 0. A shape without dimensions, which the default value is too, has one
/// element: it is that of a scalar. A dimension of 0 makes a tensor without elements. Compared by value.</remarks>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IReadOnlyList<int>
{
    /// <summary>The largest number of dimensions.</summary>
    public const int MaxRank = 8;

    private readonly Dimensions _dimensions;
    private readonly int _rank;

    // One less than there are, so that the default value is a scalar.
    private readonly long _otherElements;

    /// <summary>Makes a shape of its dimensions.</summary>
    /// <param name="dimensions">The dimensions, outermost first; none for a scalar.</param>
    /// <exception cref="ShapeException">There are more than eight, one is negative, or their product needs more bytes than 63 bits
    /// can count.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        if (dimensions.Length > MaxRank)
        {
            throw new ShapeException($"Shape: {dimensions.Length} dimensions were given, expected at most {MaxRank}.");
        }

        long count = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] < 0)
            {
                throw new ShapeException(
                    $"Shape: dimension {i} of {Format(dimensions)} is {dimensions[i]}, expected at least 0.");
            }

            if (dimensions[i] > 0 && count > long.MaxValue / sizeof(double) / dimensions[i])
            {
                throw new ShapeException($"Shape: {Format(dimensions)} has more bytes than 63 bits can count.");
            }

            count *= dimensions[i];
            _dimensions[i] = dimensions[i];
        }

        _rank = dimensions.Length;
        _otherElements = count - 1;
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => _rank;

    /// <summary>The product of the dimensions; 1 for a scalar.</summary>
    public long ElementCount => _otherElements + 1;

    int IReadOnlyCollection<int>.Count => _rank;

    /// <summary>The size of a dimension; <c>shape[^1]</c> is the number of channels.</summary>
    /// <param name="dimension">Which dimension, 0 is the outermost.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[int dimension]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dimension, _rank);
            return _dimensions[dimension];
        }
    }

    /// <summary>The size of a dimension counted from the front or, with <c>^</c>, from the back.</summary>
    /// <param name="dimension">Which dimension.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public int this[Index dimension] => this[dimension.GetOffset(_rank)];

    /// <summary>Makes a shape of its dimensions; what collection expressions such as <c>[1, 28, 28, 1]</c> call.</summary>
    /// <param name="dimensions">The dimensions, outermost first.</param>
    /// <exception cref="ShapeException">See the constructor.</exception>
    public static Shape Create(ReadOnlySpan<int> dimensions) => new(dimensions);

    /// <summary>The shape of a vector.</summary>
    /// <param name="length">Its length.</param>
    public static implicit operator Shape(int length) => new(length);

    /// <summary>The shape of a matrix.</summary>
    /// <param name="dimensions">Rows and columns.</param>
    public static implicit operator Shape((int Rows, int Columns) dimensions) => new(dimensions.Rows, dimensions.Columns);

    /// <summary>The shape of a picture: height, width and channels.</summary>
    /// <param name="dimensions">Height, width and channels.</param>
    public static implicit operator Shape((int Height, int Width, int Channels) dimensions) =>
        new(dimensions.Height, dimensions.Width, dimensions.Channels);

    /// <summary>The shape of a batch of pictures, or of the filters of a convolution.</summary>
    /// <param name="dimensions">Batch, height, width and channels; for filters: output channels, height, width, input channels.</param>
    public static implicit operator Shape((int Batch, int Height, int Width, int Channels) dimensions) =>
        new(dimensions.Batch, dimensions.Height, dimensions.Width, dimensions.Channels);

    /// <summary>Whether two shapes have the same dimensions.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other shape.</param>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    /// <param name="left">One shape.</param>
    /// <param name="right">The other shape.</param>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The dimensions as a new array.</summary>
    public int[] ToArray() => AsSpan(in this).ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) => AsSpan(in this).SequenceEqual(AsSpan(in other));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int dimension in AsSpan(in this))
        {
            hash.Add(dimension);
        }

        return hash.ToHashCode();
    }

    /// <summary>The dimensions with an x between them, such as "1x28x28x1"; "scalar" where there are none.</summary>
    public override string ToString() => Format(AsSpan(in this));

    /// <summary>The dimensions, outermost first.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static string Format(ReadOnlySpan<int> dimensions)
    {
        if (dimensions.IsEmpty)
        {
            return "scalar";
        }

        var text = new System.Text.StringBuilder();
        foreach (int dimension in dimensions)
        {
            if (text.Length > 0)
            {
                text.Append('x');
            }

            text.Append(CultureInfo.InvariantCulture, $"{dimension}");
        }

        return text.ToString();
    }

    private static ReadOnlySpan<int> AsSpan(in Shape shape) =>
        ((ReadOnlySpan<int>)shape._dimensions)[..shape._rank];

    [InlineArray(MaxRank)]
    private struct Dimensions
    {
        private int _first;
    }
}
