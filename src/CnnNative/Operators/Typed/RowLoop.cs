// A walk over the rows of several tensors at once, each with strides of its own: how broadcasting, transposes, slices and
// reductions look at memory.

namespace CnnNative.Operators;

/// <summary>Goes through all positions but the innermost dimension, in order.</summary>
internal struct RowLoop
{
    private readonly int[] _sizes;
    private readonly int[][] _strides;
    private readonly int[] _positions;
    private readonly int[] _offsets;
    private readonly int _outerRank;
    private bool _started;

    /// <summary>A walk over positions of the given sizes.</summary>
    /// <param name="sizes">The sizes, outermost first.</param>
    /// <param name="strides">For each operand the distance of neighbours on each dimension.</param>
    public RowLoop(int[] sizes, params int[][] strides)
    {
        _sizes = sizes;
        _strides = strides;
        _outerRank = Math.Max(0, sizes.Length - 1);
        _positions = new int[_outerRank];
        _offsets = new int[strides.Length];
    }

    /// <summary>The elements of a row.</summary>
    public readonly int Length => _sizes.Length == 0 ? 1 : _sizes[^1];

    /// <summary>The distance of an operand's elements in a row.</summary>
    public readonly int Stride(int operand) => _sizes.Length == 0 ? 0 : _strides[operand][^1];

    /// <summary>Where an operand's row starts.</summary>
    public readonly int Offset(int operand) => _offsets[operand];

    /// <summary>A walk over a shape to which the operands are broadcast.</summary>
    public static RowLoop Broadcast(Shape output, params ReadOnlySpan<Shape> operands)
    {
        int[][] strides = new int[operands.Length][];
        for (int i = 0; i < strides.Length; i++)
        {
            strides[i] = BroadcastStrides(output, operands[i]);
        }

        return new RowLoop(output.ToArray(), strides);
    }

    /// <summary>The distances of neighbours in a dense tensor.</summary>
    public static int[] DenseStrides(ReadOnlySpan<int> sizes)
    {
        int[] strides = new int[sizes.Length];
        int stride = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= sizes[i];
        }

        return strides;
    }

    /// <summary>Distances of 0 where a tensor is repeated to fill a shape.</summary>
    public static int[] BroadcastStrides(Shape output, Shape operand)
    {
        int[] dense = DenseStrides(operand.ToArray()), strides = new int[output.Rank];
        for (int i = 0; i < operand.Rank; i++)
        {
            strides[output.Rank - operand.Rank + i] = operand[i] == 1 ? 0 : dense[i];
        }

        return strides;
    }

    /// <summary>The common shape of operands, aligned at their innermost dimensions.</summary>
    /// <exception cref="ShapeException">Sizes differ where neither is 1.</exception>
    public static Shape BroadcastShape(string name, params ReadOnlySpan<Shape> operands)
    {
        int rank = 0;
        foreach (Shape operand in operands)
        {
            rank = Math.Max(rank, operand.Rank);
        }

        int[] sizes = new int[rank];
        Array.Fill(sizes, 1);
        foreach (Shape operand in operands)
        {
            for (int i = 0; i < operand.Rank; i++)
            {
                ref int size = ref sizes[rank - operand.Rank + i];
                if (operand[i] != 1 && size != 1 && size != operand[i])
                {
                    throw new ShapeException(
                        $"{name}: the shapes {string.Join(" and ", operands.ToArray())} do not fit together, " +
                        "expected equal sizes or 1 on each dimension.");
                }

                size = operand[i] == 1 ? size : operand[i];
            }
        }

        return new Shape(sizes);
    }

    /// <summary>Goes to the next row; false behind the last.</summary>
    public bool MoveNext()
    {
        if (!_started)
        {
            _started = true;
            return Array.IndexOf(_sizes, 0) < 0;
        }

        for (int d = _outerRank - 1; d >= 0; d--)
        {
            bool wraps = ++_positions[d] == _sizes[d];
            for (int k = 0; k < _offsets.Length; k++)
            {
                _offsets[k] += wraps ? -_strides[k][d] * (_sizes[d] - 1) : _strides[k][d];
            }

            if (!wraps)
            {
                return true;
            }

            _positions[d] = 0;
        }

        return false;
    }
}
