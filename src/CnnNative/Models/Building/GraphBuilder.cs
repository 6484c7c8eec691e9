// Writes a graph step by step: each call adds a node and gives its value. The shape of every value is known at once, so that what
// does not fit is named where it is written, and layers need not be told what comes before them.

using CnnNative.Graphs;
using CnnNative.Models;
using CnnNative.Operators;

namespace CnnNative;

/// <summary>Builds a <see cref="Model"/> as a program of calls: <c>x = b.Conv2d(x, 64, 3)</c>.</summary>
/// <remarks>Used by one thread, for one model. Weights get their memory and their first values in <see cref="Build"/>, so a builder
/// that is given up needs no disposing, unless it was given constants.
/// Errors of shape name the layer and the shapes that do not fit; they leave the builder as it was.</remarks>
public sealed partial class GraphBuilder
{
    private readonly NameTable _names = new();
    private readonly Dictionary<GraphValue, ValueSpec> _specs = [];
    private readonly List<GraphValue> _inputs = [];
    private readonly List<GraphOutput> _outputs = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<Parameter, Initializer> _initializers = [];
    private bool _isBuilt;

    /// <summary>The number of elements of all parameters so far, those of running statistics left out.</summary>
    public long ParameterCount => ModelParameters.Count(_parameters);

    /// <summary>Declares an input of samples; the number of samples is open.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="sample">The shape of one sample, such as (28, 28, 1).</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public GraphValue Input(string name, Shape sample)
    {
        EnsureOpen();
        GraphValue value = new(GraphInput.OfSamples(_names.Take(name), sample));
        _inputs.Add(value);
        _specs[value] = value.Input!.ForBatch(1);
        return value;
    }

    /// <summary>Makes a value an output of the model.</summary>
    /// <param name="name">Its name, unique among the outputs.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">There is an output of that name, or the value is not of this builder.</exception>
    public void Output(string name, GraphValue value)
    {
        EnsureOpen();
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Spec(value);
        if (_outputs.Exists(output => output.Name == name))
        {
            throw new ArgumentException(
                $"There is an output '{name}' already, expected a name of its own for each.", nameof(name));
        }

        _outputs.Add(new GraphOutput(name, value));
    }

    /// <summary>The shape of a value for one sample: without its first dimension, which is the batch; of a parameter, its
    /// shape.</summary>
    /// <param name="value">A value of this builder.</param>
    /// <exception cref="ArgumentException">It belongs to another builder.</exception>
    public Shape ShapeOf(GraphValue value)
    {
        Shape shape = Spec(value).Shape;
        return value.Parameter is not null || shape.Rank == 0 ? shape : new Shape(shape.ToArray().AsSpan(1));
    }

    /// <summary>Opens a scope: what is added until it is disposed is called "name." and then its own name. Scopes nest, and one
    /// that was closed may be opened again.</summary>
    /// <param name="name">The name of the scope.</param>
    /// <returns>What closes the scope when it is disposed.</returns>
    public IDisposable Scope(string name)
    {
        ScopeEnd end = new(_names, _names.Prefix);
        _names.Enter(name);
        return end;
    }

    /// <summary>The next free name of a kind in the current scope, such as "block2" where "block1" is in use; for a
    /// <see cref="Scope"/> of a block that occurs several times. It counts as used from now on.</summary>
    /// <param name="kind">What the name starts with.</param>
    public string UniqueName(string kind)
    {
        string name = _names.Free(kind);
        _names.Count(kind);
        return name;
    }

    /// <summary>Adds a parameter by itself, for layers of your own or to share it between layers.</summary>
    /// <param name="name">Its name in the current scope.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="initializer">What fills it; null for what suits the layer that reads it.</param>
    /// <param name="role">What it is, which decides how it is trained.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public GraphValue Parameter(
        string name, Shape shape, Initializer? initializer = null, ParameterRole role = ParameterRole.Weight)
    {
        EnsureOpen();
        return AddParameter(_names.Take(name), new NewParameter(name, shape, role, initializer));
    }

    /// <summary>Adds a constant, which training never changes.</summary>
    /// <param name="name">Its name in the current scope.</param>
    /// <param name="value">Its value; the model takes it over and disposes it.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public GraphValue Constant(string name, Tensor value)
    {
        EnsureOpen();
        ArgumentNullException.ThrowIfNull(value);
        return Register(new Parameter(_names.Take(name), value, ParameterRole.Constant));
    }

    /// <summary>Applies a layer.</summary>
    /// <param name="layer">The layer; each application has parameters of its own.</param>
    /// <param name="x">What it is applied to.</param>
    public GraphValue Apply(Layer layer, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.ApplyTo(this, x);
    }

    /// <summary>Makes the model: the graph of all that leads to the outputs, with first weights from a seed.</summary>
    /// <param name="seed">Where random weights come from. The weights of a layer depend on it, on the layer's name and its shape,
    /// and on nothing else of the model.</param>
    /// <returns>The model, which the caller disposes. The builder cannot be used any more.</returns>
    /// <exception cref="InvalidOperationException">There is no output, or the model was built before.</exception>
    public Model Build(ulong seed = 0)
    {
        Graph graph = BuildGraph();
        try
        {
            foreach (Parameter parameter in graph.Parameters)
            {
                parameter.Allocate();
            }

            ParameterInitialization.Apply(graph, _initializers, seed, _kept);
            return new Model(graph);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Frees the parameters of a model that will not be built.</summary>
    internal void Discard()
    {
        _isBuilt = true;
        _parameters.ForEach(parameter => parameter.Dispose());
    }

    /// <summary>Makes the graph alone; its parameters have shapes and no memory.</summary>
    internal Graph BuildGraph()
    {
        EnsureOpen();
        if (_outputs.Count == 0)
        {
            throw new InvalidOperationException("GraphBuilder: there is no output, expected a call of Output before Build.");
        }

        _isBuilt = true;
        Graph graph = new(_inputs, _outputs);
        HashSet<Parameter> used = [.. graph.Parameters];
        foreach (Parameter parameter in _parameters.Where(parameter => !used.Contains(parameter)))
        {
            parameter.Dispose();
        }

        return graph;
    }

    /// <summary>What is known of a value, for a batch of one sample.</summary>
    internal ValueSpec Spec(GraphValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _specs.TryGetValue(value, out ValueSpec spec)
            ? spec
            : throw new ArgumentException($"The value '{value}' does not belong to this builder.", nameof(value));
    }

    /// <summary>Adds a node without parameters.</summary>
    internal GraphValue Node(string kind, string? name, Operator operation, params ReadOnlySpan<GraphValue?> inputs) =>
        AddNode(kind, name, operation, inputs, []).Output;

    /// <summary>Adds a node whose first inputs are given and whose others are new parameters; null for one that is
    /// missing.</summary>
    internal GraphNode AddNode(
        string kind, string? name, Operator operation, ReadOnlySpan<GraphValue?> inputs, ReadOnlySpan<NewParameter?> parameters)
    {
        EnsureOpen();
        List<ValueSpec?> specs = [];
        foreach (GraphValue? input in inputs)
        {
            specs.Add(input is null ? null : Spec(input));
        }

        foreach (NewParameter? parameter in parameters)
        {
            specs.Add(parameter?.Shape);
        }

        ValueSpec[] outputs = Infer(_names.Full(name, kind), operation, [.. specs]);
        string full = _names.Take(name ?? UniqueName(kind));
        List<GraphValue?> values = [.. inputs];
        foreach (NewParameter? parameter in parameters)
        {
            values.Add(parameter is null ? null : AddParameter(TakeAbsolute($"{full}.{parameter.Suffix}"), parameter));
        }

        while (values.Count > operation.RequiredInputs && values[^1] is null)
        {
            values.RemoveAt(values.Count - 1);
        }

        GraphNode node = new(full, operation, [.. values]);
        for (int i = 0; i < outputs.Length; i++)
        {
            _specs[node.Outputs[i]] = outputs[i];
        }

        return node;
    }

    private static ValueSpec[] Infer(string name, Operator operation, ValueSpec?[] inputs)
    {
        ValueSpec[] outputs = new ValueSpec[operation.OutputCount];
        try
        {
            operation.Infer(inputs, outputs);
            return outputs;
        }
        catch (ShapeException error)
        {
            throw new ShapeException(GraphShapes.Named(operation, name, error.Message), error);
        }
    }

    private string TakeAbsolute(string name)
    {
        string prefix = _names.Prefix;
        _names.Prefix = "";
        try
        {
            return _names.Take(name);
        }
        finally
        {
            _names.Prefix = prefix;
        }
    }

    private GraphValue AddParameter(string name, NewParameter parameter)
    {
        Parameter made = CnnNative.Parameter.Planned(name, parameter.Shape, parameter.Role);
        if (parameter.Initializer is { } initializer)
        {
            _initializers[made] = initializer;
        }

        return Register(made);
    }

    private GraphValue Register(Parameter parameter)
    {
        _parameters.Add(parameter);
        GraphValue value = new(parameter);
        _specs[value] = parameter.Shape;
        return value;
    }

    private void EnsureOpen()
    {
        if (_isBuilt)
        {
            throw new InvalidOperationException("GraphBuilder: the model was built already; use a new builder for another one.");
        }
    }

    /// <summary>Goes back to the scope outside.</summary>
    private sealed class ScopeEnd(NameTable names, string outer) : IDisposable
    {
        public void Dispose() => names.Prefix = outer;
    }
}
