// A graph of its own with the same tensors: the copy keeps the memory of the parameters alive, so that both graphs can be disposed
// in any order.

namespace CnnNative.Graphs;

internal static class GraphCopy
{
    /// <summary>Makes a graph whose parameters are views of those of <paramref name="graph"/>.</summary>
    public static Graph Share(Graph graph)
    {
        Dictionary<GraphValue, GraphValue> map = [];
        Dictionary<Parameter, GraphValue> parameters = [];
        foreach (GraphNode node in graph.Nodes)
        {
            GraphNode copy = new(node.Name, node.Operator, [.. node.Inputs.Select(Map)]);
            for (int i = 0; i < copy.Outputs.Count; i++)
            {
                map[node.Outputs[i]] = copy.Outputs[i];
            }
        }

        return new Graph(graph.Inputs, graph.Outputs.Select(output => output with { Value = Map(output.Value)! }));

        GraphValue? Map(GraphValue? value)
        {
            if (value?.Parameter is not { } parameter)
            {
                return value is null ? null : map.GetValueOrDefault(value, value);
            }

            if (!parameters.TryGetValue(parameter, out GraphValue? shared))
            {
                Tensor view = parameter.Value.View(0, parameter.Shape);
                shared = parameters[parameter] = new GraphValue(new Parameter(parameter.Name, view, parameter.Role));
            }

            return shared;
        }
    }
}
