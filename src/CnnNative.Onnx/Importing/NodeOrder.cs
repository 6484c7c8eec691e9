// An order in which every node comes after those whose results it reads, as far as outputs depend on them. Files should have it
// already, but not all do, and one with a cycle must not hang anybody.

using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing;

internal static class NodeOrder
{
    /// <summary>Sorts nodes, and leaves out those that nothing wanted depends on.</summary>
    /// <exception cref="CnnFormatException">Two nodes put out the same name, or nodes wait for each other.</exception>
    public static List<NodeProto> Sort(string model, IReadOnlyList<NodeProto> nodes, IEnumerable<string> wanted)
    {
        Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
        foreach (NodeProto node in nodes)
        {
            foreach (string output in node.Output.Where(output => output.Length > 0))
            {
                if (!producers.TryAdd(output, node))
                {
                    throw new CnnFormatException($"{model}: two nodes put out '{output}', expected one.");
                }
            }
        }

        List<NodeProto> sorted = [];
        Dictionary<NodeProto, bool> states = new(ReferenceEqualityComparer.Instance);
        Stack<(NodeProto Node, IEnumerator<string> Reads)> open = [];
        foreach (string name in wanted)
        {
            Open(name);
            while (open.TryPeek(out var top))
            {
                if (top.Reads.MoveNext())
                {
                    Open(top.Reads.Current);
                    continue;
                }

                open.Pop();
                states[top.Node] = true;
                sorted.Add(top.Node);
            }
        }

        return sorted;

        void Open(string name)
        {
            if (!producers.TryGetValue(name, out NodeProto? node))
            {
                return;
            }

            if (!states.TryAdd(node, false))
            {
                if (!states[node])
                {
                    throw new CnnFormatException(
                        $"{model}: node '{node.Name}' ({node.OpType}) needs its own output '{name}': the graph has a cycle.");
                }

                return;
            }

            open.Push((node, Reads(node).GetEnumerator()));
        }
    }

    /// <summary>The names that a node reads, and those that graphs inside it read from around it.</summary>
    private static IEnumerable<string> Reads(NodeProto node) => node.Input.Concat(
        node.Attribute.SelectMany(attribute => attribute.G is null ? [] : (IEnumerable<string>)InnerReads(attribute.G)));

    private static HashSet<string> InnerReads(GraphProto graph)
    {
        HashSet<string> own = new(StringComparer.Ordinal), reads = new(StringComparer.Ordinal);
        own.UnionWith(graph.Input.Select(input => input.Name));
        own.UnionWith(graph.Initializer.Select(tensor => tensor.Name));
        own.UnionWith(graph.Node.SelectMany(node => node.Output));
        reads.UnionWith(graph.Node.SelectMany(Reads));
        reads.UnionWith(graph.Output.Select(output => output.Name));
        reads.ExceptWith(own);
        return reads;
    }
}
