// Padding in C#: each dimension says for itself where an output position comes from, or that it comes from nowhere, and an
// element is a copy where all dimensions agree that it is one.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

/// <summary>Padding of a tensor of one shape to another, and the way back.</summary>
internal readonly ref struct ManagedPad(
    PadMode mode, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Shape input, Shape output)
{
    private const int Nowhere = -1;

    private readonly ReadOnlySpan<int> _before = before;
    private readonly ReadOnlySpan<int> _after = after;

    /// <summary>Writes copies and, where there is nothing to copy, the value.</summary>
    public void Run(float value, ReadOnlySpan<float> source, Span<float> target)
    {
        RowWalk walk = new(output);
        int length = output[^1], last = input.Rank - 1, to = 0;
        do
        {
            Span<float> row = target.Slice(to, length);
            int start = RowStart(in walk);
            if (start == Nowhere)
                row.Fill(value);
            else
                for (int o = 0; o < length; o++)
                {
                    int origin = Origin(last, o);
                    row[o] = origin == Nowhere ? value : source[start + origin];
                }

            to += length;
        }
        while (walk.MoveNext());
    }

    /// <summary>Adds up the upstream gradient of all copies of each element.</summary>
    public void Backward(ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(gradient.Length);
        Span<double> sums = rented.AsSpan(0, gradient.Length);
        sums.Clear();
        RowWalk walk = new(output);
        int length = output[^1], last = input.Rank - 1, from = 0;
        do
        {
            int start = RowStart(in walk);
            for (int o = 0; o < length && start != Nowhere; o++)
            {
                int origin = Origin(last, o);
                if (origin != Nowhere)
                    sums[start + origin] += upstream[from + o];
            }

            from += length;
        }
        while (walk.MoveNext());
        for (int i = 0; i < gradient.Length; i++)
            gradient[i] = (float)sums[i];
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The first element of the input's row that an output row comes from.</summary>
    private int RowStart(in RowWalk walk)
    {
        int row = 0;
        for (int i = 0; i < walk.OuterRank; i++)
        {
            int origin = Origin(i, walk[i]);
            if (origin == Nowhere)
                return Nowhere;
            row = row * input[i] + origin;
        }

        return row * input[^1];
    }

    /// <summary>The input position that an output position comes from. Cutting comes first: what is cut off can be neither
    /// mirrored nor repeated.</summary>
    private int Origin(int dimension, int position)
    {
        int cut = Math.Max(0, -_before[dimension]);
        int size = input[dimension] - cut - Math.Max(0, -_after[dimension]);
        int place = position - Math.Max(0, _before[dimension]);
        if (place >= 0 && place < size)
            return cut + place;
        if (mode == PadMode.Constant)
            return Nowhere;

        int inside = mode switch
        {
            PadMode.Edge => Math.Clamp(place, 0, size - 1),
            PadMode.Wrap => Modulo(place, size),
            _ => size - 1 - Math.Abs(size - 1 - Modulo(place, Math.Max(1, 2 * (size - 1)))),
        };
        return cut + inside;
    }

    private static int Modulo(int value, int divisor) => (value % divisor + divisor) % divisor;
}
