// Goes on from a network that is there: its nodes up to some value become those of a new builder, with copies of their
// parameters, and whatever is added behind them is new.

using CnnNative.Graphs;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    private readonly HashSet<Parameter> _kept = [];

    /// <summary>Starts with the part of a graph that leads to a value.</summary>
    /// <param name="graph">The graph; it stays as it is.</param>
    /// <param name="last">A value of it.</param>
    /// <param name="value">The value in the new builder.</param>
    /// <exception cref="ShapeException">The graph has open dimensions besides the batch.</exception>
    internal static GraphBuilder Continue(Graph graph, GraphValue last, out GraphValue value)
    {
        GraphShapes shapes = new(graph, GraphShapes.ForBatch(graph, 1));
        GraphBuilder builder = new();
        foreach (GraphValue input in graph.Inputs)
        {
            builder._names.Reserve(input.Name);
            builder._inputs.Add(input);
            builder._specs[input] = shapes[input];
        }

        Dictionary<GraphValue, GraphValue> map = [];
        foreach (GraphNode node in new Graph(graph.Inputs, [new GraphOutput("last", last)]).Nodes)
        {
            GraphNode copy = new(node.Name, node.Operator, [.. node.Inputs.Select(input => builder.Copy(input, map))]);
            builder._names.Reserve(node.Name);
            for (int i = 0; i < copy.Outputs.Count; i++)
            {
                map[node.Outputs[i]] = copy.Outputs[i];
                builder._specs[copy.Outputs[i]] = shapes[node.Outputs[i]];
            }
        }

        value = builder.Copy(last, map)!;
        return builder;
    }

    private GraphValue? Copy(GraphValue? value, Dictionary<GraphValue, GraphValue> map)
    {
        if (value is null || value.Input is not null || map.TryGetValue(value, out GraphValue? copy))
        {
            return value is null ? null : map.GetValueOrDefault(value, value);
        }

        Parameter original = value.Parameter!;
        Parameter kept = new(original.Name, original.Value.Clone(), original.Role);
        if (kept.Trainable != original.Trainable)
        {
            kept.Trainable = original.Trainable;
        }

        _kept.Add(kept);
        _names.Reserve(kept.Name);
        copy = Register(kept);
        map[value] = copy;
        return copy;
    }
}
