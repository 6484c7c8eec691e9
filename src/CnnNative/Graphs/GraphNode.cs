// Nodes and the values between them. Both are immutable; a pass that changes a graph makes new ones.

namespace CnnNative;

/// <summary>A value of a <see cref="Graph"/>: an input, a parameter, or what a node puts out.</summary>
public sealed class GraphValue
{
    /// <summary>Declares an input of a graph.</summary>
    /// <param name="input">The declaration.</param>
    public GraphValue(GraphInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Input = input;
        Name = input.Name;
    }

    /// <summary>A parameter as a value.</summary>
    /// <param name="parameter">The parameter.</param>
    public GraphValue(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        Parameter = parameter;
        Name = parameter.Name;
    }

    internal GraphValue(GraphNode producer, int output, string name)
    {
        Producer = producer;
        OutputIndex = output;
        Name = name;
    }

    /// <summary>The name; for messages, and to find inputs, outputs and parameters.</summary>
    public string Name { get; }

    /// <summary>The declaration, if it is an input of the graph.</summary>
    public GraphInput? Input { get; }

    /// <summary>The parameter, if it is one.</summary>
    public Parameter? Parameter { get; }

    /// <summary>The node that puts it out, if one does.</summary>
    public GraphNode? Producer { get; }

    /// <summary>Which output of the node it is.</summary>
    public int OutputIndex { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>A node of a <see cref="Graph"/>: an operator, what it reads and what it puts out.</summary>
public sealed class GraphNode
{
    private readonly GraphValue[] _outputs;

    /// <summary>Makes a node.</summary>
    /// <param name="name">Its name; unique in the graph, as messages, summaries and profiles name nodes by it.</param>
    /// <param name="operation">What it computes.</param>
    /// <param name="inputs">What it reads; null for an optional input that is missing.</param>
    /// <exception cref="ArgumentException">An input is missing that must be there, or there are too many.</exception>
    public GraphNode(string name, Operator operation, params ReadOnlySpan<GraphValue?> inputs)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(operation);
        Name = name;
        Operator = operation;
        Inputs = inputs.ToArray();
        RequireInputs(inputs);
        _outputs = new GraphValue[operation.OutputCount];
        for (int i = 0; i < _outputs.Length; i++)
        {
            _outputs[i] = new GraphValue(this, i, i == 0 ? name : $"{name}:{i}");
        }
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What it computes.</summary>
    public Operator Operator { get; }

    /// <summary>What it reads; null for an optional input that is missing.</summary>
    public IReadOnlyList<GraphValue?> Inputs { get; }

    /// <summary>What it puts out.</summary>
    public IReadOnlyList<GraphValue> Outputs => _outputs;

    /// <summary>The first output, which most nodes have alone.</summary>
    public GraphValue Output => _outputs[0];

    /// <summary>The kind of the operator and the name.</summary>
    public override string ToString() => $"{Operator.Kind} '{Name}'";

    private void RequireInputs(ReadOnlySpan<GraphValue?> inputs)
    {
        ReadOnlySpan<string> names = Operator.InputNames;
        for (int i = 0; i < Math.Max(inputs.Length, Operator.RequiredInputs); i++)
        {
            if (i >= names.Length && !Operator.IsVariadic)
            {
                throw new ArgumentException($"{this}: {inputs.Length} inputs were given, expected at most {names.Length}.");
            }

            if (i < Operator.RequiredInputs && (i >= inputs.Length || inputs[i] is null))
            {
                throw new ArgumentException($"{this}: input {i}, '{names[Math.Min(i, names.Length - 1)]}', is missing.");
            }
        }
    }
}
