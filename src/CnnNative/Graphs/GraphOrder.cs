// The order in which the nodes of a graph run: depth first from the outputs, without recursion, because a network may have
// thousands of nodes in a row. The order depends on the graph alone, so that seeds and names mean the same each time.

namespace CnnNative;

internal static class GraphOrder
{
    /// <summary>All nodes and parameters that the outputs depend on, each node after its inputs.</summary>
    public static (GraphNode[] Nodes, Parameter[] Parameters) Sort(GraphValue[] inputs, GraphOutput[] outputs)
    {
        HashSet<GraphValue> declared = [.. inputs];
        HashSet<GraphNode> done = [];
        HashSet<Parameter> known = [];
        List<GraphNode> order = [];
        List<Parameter> parameters = [];
        Stack<(GraphNode Node, int Next)> open = [];
        foreach (GraphOutput output in outputs)
        {
            Visit(output.Value, null, output);
            while (open.TryPop(out (GraphNode Node, int Next) top))
            {
                if (top.Next < top.Node.Inputs.Count)
                {
                    open.Push((top.Node, top.Next + 1));
                    Visit(top.Node.Inputs[top.Next], top.Node, output);
                }
                else if (done.Add(top.Node))
                {
                    order.Add(top.Node);
                }
            }
        }

        return ([.. order], [.. parameters]);

        void Visit(GraphValue? value, GraphNode? node, GraphOutput output)
        {
            if (value?.Producer is { } producer && !done.Contains(producer))
            {
                open.Push((producer, 0));
            }
            else if (value?.Parameter is { } parameter && known.Add(parameter))
            {
                parameters.Add(parameter);
            }
            else if (value?.Input is not null && !declared.Contains(value))
            {
                string reader = node?.ToString() ?? $"output '{output.Name}'";
                throw new ArgumentException($"Graph: {reader} reads the input '{value.Name}', which is not among the graph's inputs.");
            }
        }
    }
}
