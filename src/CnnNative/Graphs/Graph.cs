// The one representation of a network. Layers and importers write graphs; inference, training, summaries, explanation and export
// are walks over them. A graph is immutable; only the tensors of its parameters change.

namespace CnnNative;

/// <summary>A network: nodes in an order in which they can run, with named inputs, outputs and parameters.</summary>
/// <remarks>Immutable but for the values of its parameters, and safe to share between threads while nobody trains them.
/// Disposing it frees the parameters; a graph that a pass made of another shares parameters and frees only its own.</remarks>
public sealed class Graph : IDisposable
{
    private readonly GraphValue[] _inputs;
    private readonly GraphNode[] _nodes;
    private readonly Parameter[] _parameters;
    private readonly GraphOutput[] _outputs;
    private readonly HashSet<Parameter> _borrowed = [];
    private bool _isDerived;

    /// <summary>Makes a graph of what leads to the outputs.</summary>
    /// <param name="inputs">The inputs, in the order in which they are given; also those that no output depends on.</param>
    /// <param name="outputs">The outputs with their names.</param>
    /// <exception cref="ArgumentException">There is no output, names are not unique, or an output depends on an input that is
    /// not listed.</exception>
    public Graph(IEnumerable<GraphValue> inputs, IEnumerable<GraphOutput> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        _inputs = [.. inputs];
        _outputs = [.. outputs];
        if (_outputs.Length == 0)
        {
            throw new ArgumentException("Graph: there is no output, expected at least one.");
        }

        (_nodes, _parameters) = GraphOrder.Sort(_inputs, _outputs);
        RequireUnique("input", _inputs.Select(input => input.Name));
        RequireUnique("output", _outputs.Select(output => output.Name));
        RequireUnique("node", _nodes.Select(node => node.Name));
        RequireUnique("parameter", _parameters.Select(parameter => parameter.Name));
    }

    /// <summary>The inputs.</summary>
    public IReadOnlyList<GraphValue> Inputs => _inputs;

    /// <summary>The outputs.</summary>
    public IReadOnlyList<GraphOutput> Outputs => _outputs;

    /// <summary>The nodes; each comes after those that it depends on.</summary>
    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The parameters, in the order in which nodes first use them.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Finds a parameter by its name.</summary>
    /// <param name="name">The name, such as "conv1.weight".</param>
    /// <exception cref="KeyNotFoundException">There is none; the message lists names that are close.</exception>
    public Parameter Parameter(string name) =>
        Array.Find(_parameters, parameter => parameter.Name == name)
        ?? throw new KeyNotFoundException(
            $"Graph: there is no parameter '{name}'. There are: {string.Join(", ", _parameters.Take(12).Select(p => p.Name))}" +
            $"{(_parameters.Length > 12 ? ", ..." : "")}.");

    /// <summary>Finds a node by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public GraphNode Node(string name) =>
        Array.Find(_nodes, node => node.Name == name) ?? throw new KeyNotFoundException($"Graph: there is no node '{name}'.");

    /// <summary>Frees the parameters that belong to this graph.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in _parameters)
        {
            if (!_borrowed.Contains(parameter))
            {
                parameter.Dispose();
            }
        }
    }

    /// <summary>Leaves the parameters of the graph that this one was made of to whoever owns them there; that graph is not used any
    /// more, unless it owns parameters of its own.</summary>
    internal Graph Borrowing(Graph source)
    {
        _borrowed.UnionWith(source._isDerived ? source._borrowed : source._parameters);
        _isDerived = true;
        return this;
    }

    /// <summary>Makes the graph the owner of all its parameters.</summary>
    internal Graph Owning()
    {
        _borrowed.Clear();
        return this;
    }

    private static void RequireUnique(string what, IEnumerable<string> names)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                throw new ArgumentException($"Graph: two {what}s are called '{name}', expected a name of its own for each.");
            }
        }
    }
}

/// <summary>An output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The value that is put out.</param>
public readonly record struct GraphOutput(string Name, GraphValue Value)
{
    /// <summary>For each dimension, outermost first, which dimension it was in the file that the graph was imported from; null
    /// for a graph that was made here. See <see cref="GraphInput.SourceOrder"/>.</summary>
    public IReadOnlyList<int>? SourceOrder { get; init; }
}
