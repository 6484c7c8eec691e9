// The order of dimensions in the file that a network came from, such as channels before pixels. Graphs have another one inside,
// and remember the first for whoever has data in it, and for writing the network as it was.

namespace CnnNative.Graphs;

/// <summary>Between a graph's order and its source's. An order gives for each dimension in the graph, outermost first, which
/// dimension of the source it is; null stands for the same order.</summary>
internal static class SourceOrder
{
    /// <summary>The order of pictures with channels before pixels.</summary>
    public static ReadOnlySpan<int> ChannelsFirst => [0, 2, 3, 1];

    /// <summary>A shape of the source as the graph has it; the same shape where its rank is another one.</summary>
    public static Shape ToGraph(Shape source, IReadOnlyList<int>? order)
    {
        if (order is null || order.Count != source.Rank)
        {
            return source;
        }

        int[] sizes = new int[order.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = source[order[i]];
        }

        return new Shape(sizes);
    }

    /// <summary>A shape of the graph as the source has it.</summary>
    public static Shape ToSource(Shape graph, ReadOnlySpan<int> order)
    {
        int[] sizes = new int[order.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[order[i]] = graph[i];
        }

        return new Shape(sizes);
    }

    /// <summary>For each dimension of the source, which one of the graph it is.</summary>
    public static int[] Inverse(ReadOnlySpan<int> order)
    {
        int[] inverse = new int[order.Length];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[order[i]] = i;
        }

        return inverse;
    }

    /// <summary>Whether elements lie in the same order in both, dimensions of one element left out.</summary>
    public static bool IsPlain(Shape graph, ReadOnlySpan<int> order)
    {
        int last = -1;
        for (int i = 0; i < order.Length; i++)
        {
            if (graph[i] == 1)
            {
                continue;
            }

            if (order[i] < last)
            {
                return false;
            }

            last = order[i];
        }

        return true;
    }

    /// <summary>Checks an order.</summary>
    /// <exception cref="ArgumentException">It does not have each dimension once.</exception>
    public static int[]? Check(IReadOnlyList<int>? order, int? rank)
    {
        if (order is null)
        {
            return null;
        }

        if ((rank is { } count && order.Count != count) || !order.Order().SequenceEqual(Enumerable.Range(0, order.Count)))
        {
            throw new ArgumentException(
                $"The order of dimensions is ({string.Join(", ", order)}), expected each of {rank ?? order.Count} once.");
        }

        return [.. order];
    }
}
