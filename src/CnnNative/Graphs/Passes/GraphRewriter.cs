// What passes have in common: a walk over the nodes of a graph that makes a new graph. A pass says what becomes of a node; all
// others are made again on the new values. Nodes that nobody reads any more fall away by themselves.

namespace CnnNative.Graphs.Passes;

/// <summary>Makes a new graph of an old one, node by node.</summary>
internal sealed class GraphRewriter
{
    private readonly Graph _graph;
    private readonly Dictionary<GraphValue, GraphValue> _map;
    private readonly Dictionary<GraphValue, int> _readers;
    private readonly HashSet<Parameter> _made = [];
    private readonly List<string> _changed;

    private GraphRewriter(Graph graph, List<string> changed)
    {
        _graph = graph;
        _changed = changed;
        _map = new Dictionary<GraphValue, GraphValue>(graph.Nodes.Count);
        _readers = new Dictionary<GraphValue, int>(2 * graph.Nodes.Count);
        foreach (GraphNode node in graph.Nodes)
        {
            foreach (GraphValue? input in node.Inputs)
            {
                Count(input);
            }
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            Count(output.Value);
        }
    }

    /// <summary>What becomes of a node: the new values of its outputs, or null to leave it as it is.</summary>
    public delegate GraphValue[]? Rule(GraphNode node, GraphRewriter rewriter);

    /// <summary>Applies a rule to every node, in their order.</summary>
    /// <param name="graph">The old graph.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="changed">Receives the names of the nodes that were changed.</param>
    /// <returns>A new graph that borrows the parameters; the graph itself where nothing changed.</returns>
    public static Graph Apply(Graph graph, Rule rule, List<string>? changed = null)
    {
        changed ??= [];
        int before = changed.Count;
        GraphRewriter rewriter = new(graph, changed);
        try
        {
            foreach (GraphNode node in graph.Nodes)
            {
                rewriter.Rewrite(node, rule);
            }

            Graph made = graph;
            if (changed.Count != before)
            {
                made = new Graph(graph.Inputs, graph.Outputs.Select(output => output with { Value = rewriter.Map(output.Value) }));
                made.Borrowing(graph);
            }

            rewriter.DisposeMade(except: made);
            return made;
        }
        catch
        {
            rewriter.DisposeMade(except: graph);
            throw;
        }
    }

    /// <summary>The new value that stands for an old one.</summary>
    public GraphValue Map(GraphValue value) => _map.GetValueOrDefault(value, value);

    /// <summary>The new inputs of an old node.</summary>
    public GraphValue?[] MapInputs(GraphNode node) => [.. node.Inputs.Select(input => input is null ? null : Map(input))];

    /// <summary>The old node that puts a value out, if nobody but one reader sees the value.</summary>
    public GraphNode? OnlyProducer(GraphValue? value) =>
        value?.Producer is { } node && node.Outputs.Count == 1 && _readers[value] == 1 ? node : null;

    private void Count(GraphValue? value)
    {
        if (value is not null)
        {
            _readers[value] = _readers.GetValueOrDefault(value) + 1;
        }
    }

    // A constant that was made of constants is often one step only, of which the next makes another.
    private void DisposeMade(Graph except)
    {
        foreach (Parameter parameter in _made.Except(except.Parameters).Except(_graph.Parameters))
        {
            parameter.Dispose();
        }
    }

    private void Rewrite(GraphNode node, Rule rule)
    {
        IReadOnlyList<GraphValue>? outputs = rule(node, this);
        if (outputs is not null)
        {
            _changed.Add(node.Name);
            IEnumerable<GraphValue?> values = outputs.Concat(outputs.SelectMany(output => output.Producer?.Inputs ?? []));
            _made.UnionWith(values.Select(value => value?.Parameter).OfType<Parameter>());
        }
        else
        {
            outputs = IsChanged(node) ? new GraphNode(node.Name, node.Operator, MapInputs(node)).Outputs : node.Outputs;
        }

        for (int i = 0; i < outputs.Count; i++)
        {
            _map[node.Outputs[i]] = outputs[i];
        }
    }

    private bool IsChanged(GraphNode node)
    {
        foreach (GraphValue? input in node.Inputs)
        {
            if (input is not null && Map(input) != input)
            {
                return true;
            }
        }

        return false;
    }
}
