// The shapes of all values of a graph for given shapes of its inputs, by the shape rules of the operators. Whatever does not fit
// is found here, before anything runs, and named with its node.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>What is known of every value of a graph.</summary>
internal sealed class GraphShapes
{
    private readonly Dictionary<GraphValue, ValueSpec> _specs;

    /// <summary>Infers all specs.</summary>
    /// <exception cref="ShapeException">An input does not fit its declaration, or a node its inputs; the node is
    /// named.</exception>
    public GraphShapes(Graph graph, IReadOnlyList<Shape> inputs)
    {
        if (inputs.Count != graph.Inputs.Count)
        {
            throw new ShapeException(
                $"Graph: {inputs.Count} shapes were given, expected {graph.Inputs.Count}, one for each input.");
        }

        _specs = new Dictionary<GraphValue, ValueSpec>(inputs.Count + graph.Nodes.Count);
        Dictionary<string, (int Size, string Where)> symbols = new(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Count; i++)
        {
            AddInput(graph.Inputs[i], inputs[i], symbols);
        }

        foreach (GraphNode node in graph.Nodes)
        {
            AddNode(node);
        }
    }

    /// <summary>The spec of a value.</summary>
    public ValueSpec this[GraphValue value] => _specs.TryGetValue(value, out ValueSpec spec) ? spec : Of(value);

    /// <summary>The specs of a node's inputs; null for one that is missing.</summary>
    public ValueSpec?[] InputsOf(GraphNode node) =>
        [.. node.Inputs.Select(input => input is null ? (ValueSpec?)null : this[input])];

    /// <summary>The specs of a node's outputs.</summary>
    public ValueSpec[] OutputsOf(GraphNode node) => [.. node.Outputs.Select(output => this[output])];

    /// <summary>The shapes of the inputs for a batch, where nothing else is open.</summary>
    public static Shape[] ForBatch(Graph graph, int batch) => [.. graph.Inputs.Select(input => input.Input!.ForBatch(batch))];

    private static ValueSpec Of(GraphValue value) => value.Parameter is { } parameter
        ? new ValueSpec(parameter.Shape, parameter.Value.ElementType)
        : throw new KeyNotFoundException($"The value '{value}' does not belong to the graph.");

    private void AddInput(GraphValue value, Shape shape, Dictionary<string, (int Size, string Where)> symbols)
    {
        GraphInput input = value.Input!;
        if (!input.Accepts(shape))
        {
            throw new ShapeException($"Input '{input.Name}' is {shape}, expected {string.Join('x', input.Dimensions)}.");
        }

        if (!IsTensor(shape))
        {
            throw TooLarge($"Input '{input.Name}'", shape);
        }

        for (int i = 0; i < shape.Rank; i++)
        {
            if (input.Dimensions[i].Symbol is not { } symbol)
            {
                continue;
            }

            if (!symbols.TryAdd(symbol, (shape[i], input.Name)) && symbols[symbol].Size != shape[i])
            {
                throw new ShapeException(
                    $"Input '{input.Name}': {symbol} is {shape[i]}, expected {symbols[symbol].Size} as in input " +
                    $"'{symbols[symbol].Where}'.");
            }
        }

        _specs[value] = new ValueSpec(shape, input.Type);
    }

    private void AddNode(GraphNode node)
    {
        ValueSpec[] outputs = new ValueSpec[node.Outputs.Count];
        try
        {
            ValueSpec?[] inputs = InputsOf(node);
            RequireTypes(node.Operator, inputs);
            node.Operator.Infer(inputs, outputs);
        }
        catch (ShapeException error)
        {
            throw new ShapeException(Named(node.Operator, node.Name, error.Message), error);
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            if (!IsTensor(outputs[i].Shape))
            {
                throw TooLarge(outputs.Length == 1 ? $"{node}: the output" : $"{node}: output {i}", outputs[i].Shape);
            }

            _specs[node.Outputs[i]] = outputs[i];
        }
    }

    /// <summary>Counts of elements that fit into an int here need no check in any shape rule behind.</summary>
    private static bool IsTensor(Shape shape) => shape.ElementCount <= int.MaxValue;

    private static ShapeException TooLarge(string what, Shape shape) =>
        new($"{what} is {shape}, which has {shape.ElementCount} elements, expected less than 2^31.");

    /// <summary>Requires that an operator takes the types of its inputs.</summary>
    internal static void RequireTypes(Operator operation, ValueSpec?[] inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is { } input && !operation.Accepts(i, input.Type))
            {
                IEnumerable<ElementType> accepted = Enum.GetValues<ElementType>().Where(type => operation.Accepts(i, type));
                string name = operation.InputNames[Math.Min(i, operation.InputNames.Length - 1)];
                throw new ShapeException(
                    $"{operation.Kind}: {name} is {input}, expected elements of {string.Join(" or ", accepted)}.");
            }
        }
    }

    /// <summary>The message of an operator with a node's name behind the operator's.</summary>
    internal static string Named(Operator operation, string name, string message)
    {
        string start = operation.Kind + ":", called = $"{operation.Kind} '{name}'";
        return message.StartsWith(start, StringComparison.Ordinal) ? $"{called}:{message[start.Length..]}" : $"{called}: {message}";
    }
}
