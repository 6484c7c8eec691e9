// Concatenation over channels without a copy: a convolution whose result only goes into a concatenation writes its channels
// straight into the pixels of the larger tensor.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>Where a value lies in the output of a concatenation.</summary>
/// <param name="Concat">The concatenation.</param>
/// <param name="Offset">Channels before it.</param>
/// <param name="Stride">Channels of the whole.</param>
internal readonly record struct ConcatSlice(GraphNode Concat, int Offset, int Stride);

/// <summary>The values of a graph that are written into a concatenation.</summary>
internal sealed class ConcatSlices
{
    private readonly Dictionary<GraphValue, ConcatSlice> _slices = [];

    private ConcatSlices()
    {
    }

    public ConcatSlices(Graph graph, GraphShapes shapes)
    {
        Dictionary<GraphValue, int> readers = [];
        foreach (GraphValue? value in graph.Nodes.SelectMany(node => node.Inputs).Concat(graph.Outputs.Select(output => output.Value)))
        {
            if (value is not null)
            {
                readers[value] = readers.GetValueOrDefault(value) + 1;
            }
        }

        foreach (GraphNode node in graph.Nodes)
        {
            Shape whole = shapes[node.Output].Shape;
            if (node.Operator is not ConcatOperator { Axis: -1 or 3 } || whole.Rank != 4)
            {
                continue;
            }

            int offset = 0;
            foreach (GraphValue? input in node.Inputs)
            {
                if (readers[input!] == 1 && WritesChannels(input!.Producer))
                {
                    _slices[input] = new ConcatSlice(node, offset, whole[^1]);
                }

                offset += shapes[input!].Shape[^1];
            }
        }
    }

    /// <summary>Every value has memory of its own.</summary>
    public static ConcatSlices None { get; } = new();

    /// <summary>The slice of a value; null where it has memory of its own.</summary>
    public ConcatSlice? Of(GraphValue? value) => value is not null && _slices.TryGetValue(value, out ConcatSlice slice) ? slice : null;

    /// <summary>The inputs of a node that are in their place when it runs.</summary>
    public InputSet Placed(GraphNode node)
    {
        InputSet placed = default;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            placed = Of(node.Inputs[i]) is { } slice && slice.Concat == node ? placed.With(i) : placed;
        }

        return placed;
    }

    private static bool WritesChannels(GraphNode? producer) =>
        producer is { Operator: Conv2dOperator } && (producer.Inputs.Count < 4 || producer.Inputs[3] is null);
}
