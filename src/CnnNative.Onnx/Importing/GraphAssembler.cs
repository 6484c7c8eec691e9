// Writes the graph: nodes with names of their own, parameters, and the moves that layouts need. What depends on constants alone
// is computed at once, so that the arithmetic of shapes leaves no node behind.

using System.Globalization;
using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Onnx.Importing.Mappings;
using CnnNative.Operators;

namespace CnnNative.Onnx.Importing;

/// <summary>The graph that grows during an import.</summary>
internal sealed class GraphAssembler(OnnxModel model, IKernels kernels) : IDisposable
{
    /// <summary>How the dimensions of filters move: output channels, channels, pixels.</summary>
    private static readonly int[] ChannelsLast = [0, 2, 1];

    /// <summary>How those of a matrix move that multiplies from the right.</summary>
    private static readonly int[] Transposed = [1, 0];

    /// <summary>The bytes of all constants that an import may compute: a small file could otherwise ask for all memory.</summary>
    private const long MaxFolded = 1L << 30;

    private readonly Dictionary<GraphValue, ValueSpec> _specs = [];
    private readonly Dictionary<(string, string, ParameterRole), GraphValue> _weights = [];
    private readonly Dictionary<(GraphValue, string), GraphValue> _moved = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<Parameter> _parameters = [];
    private readonly List<Tensor> _temporaries = [];
    private long _folded;

    /// <summary>What runs constants.</summary>
    public IKernels Kernels => kernels;

    /// <summary>An input of the graph, in the order of dimensions given.</summary>
    public Operand Input(GraphInput input, Shape shape, ReadOnlySpan<int> order)
    {
        GraphValue value = new(input);
        DimLayout layout = DimLayout.Ordered(shape, order);
        _specs[value] = new ValueSpec(new Shape([.. layout.Memory.Select(factor => factor.Size)]), input.Type);
        return Operand.Of(value, input.Type, layout);
    }

    /// <summary>A constant that the import owns.</summary>
    public Operand Constant(string name, Tensor tensor)
    {
        _temporaries.Add(tensor);
        return Operand.Of(name, tensor);
    }

    /// <summary>A vector of int64.</summary>
    public Operand Constant(string name, ReadOnlySpan<long> values) => Constant(name, Tensor.From(values, values.Length));

    /// <summary>A value whose memory has the whole dimensions in an order, and perhaps other sizes for the same
    /// elements.</summary>
    /// <param name="operand">The value.</param>
    /// <param name="order">For each place in memory the dimension that is to stand there.</param>
    /// <param name="shape">The shape in the graph; by default the dimensions in that order.</param>
    /// <param name="role">What a constant is, as a parameter.</param>
    public GraphValue Arrange(Operand operand, ReadOnlySpan<int> order, Shape? shape = null, ParameterRole role =
        ParameterRole.Constant)
    {
        List<Factor> factors = [];
        int[] sizes = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            factors.AddRange(operand.Layout.Dims[order[i]]);
            sizes[i] = operand.Shape[order[i]];
        }

        return Arrange(operand, operand.Layout, factors, shape ?? new Shape(sizes), role);
    }

    /// <summary>A value in ONNX's order.</summary>
    public GraphValue Plain(Operand operand, ParameterRole role = ParameterRole.Constant) =>
        Arrange(operand, [.. Enumerable.Range(0, operand.Rank)], operand.Shape, role);

    /// <summary>A value as it lies in memory, with a dimension for each factor.</summary>
    public GraphValue AsStored(Operand operand) => operand.Value is null
        ? Plain(operand)
        : Reshape(operand.Value, new Shape([.. operand.Layout.Memory.Select(factor => factor.Size)]));

    /// <summary>A value in ONNX's order and in another shape.</summary>
    public Operand Moved(Operand operand, Shape shape)
    {
        GraphValue value = Arrange(operand, [.. Enumerable.Range(0, operand.Rank)], shape);
        return value.Parameter is { } parameter ? Operand.Of(operand.Name, parameter.Value)
            : Operand.Of(value, operand.Type, DimLayout.Plain(shape));
    }

    /// <summary>A value with its factors in an order, in a shape.</summary>
    public GraphValue Arrange(Operand operand, DimLayout layout, IReadOnlyList<Factor> factors, Shape shape, ParameterRole role)
    {
        Factor[] from = [.. layout.Memory.Where(factor => factor.Size != 1)], to = [.. factors.Where(factor => factor.Size != 1)];
        (int[] sizes, int[] axes) = Coalesce(from, to);
        string key = $"{string.Join(',', sizes)};{string.Join(',', axes)};{shape}";
        if (operand.Constant is { } constant)
        {
            return Weight(operand, constant, sizes, axes, shape, key, role);
        }

        if (_moved.TryGetValue((operand.Value!, key), out GraphValue? moved))
        {
            return moved;
        }

        GraphValue value = operand.Value!;
        if (axes.Length > 1 && !axes.SequenceEqual(axes.Order()))
        {
            value = Reshape(value, new Shape(sizes));
            value = Move(value, Choice.Transpose(operand.Type, new Shape(sizes), axes));
        }

        return _moved[(operand.Value!, key)] = Reshape(value, shape);
    }

    /// <summary>The value in another shape; the same value where it has it already.</summary>
    public GraphValue Reshape(GraphValue value, Shape shape)
    {
        Shape old = _specs[value].Shape;
        if (old == shape)
        {
            return value;
        }

        if (shape.ElementCount == 0)
        {
            AttributeSet attributes = new AttributeSet().With("shape", (ReadOnlySpan<int>)shape.ToArray());
            return Move(value, TypedFunctions.Operator("Typed.Empty", attributes));
        }

        // A first dimension that stays is said to stay, and another one to follow from the rest, such as all pixels of all
        // samples; so the graph fits other batches too.
        int[] sizes = shape.ToArray();
        if (sizes.Length > 0 && old.Rank > 0)
        {
            sizes[0] = sizes[0] == old[0] ? 0 : -1;
        }

        return Move(value, new ReshapeOperator(sizes));
    }

    /// <summary>A value that is a reshaped softmax as the softmax of what is reshaped, where the rows are the same: losses and
    /// predictions look for it at the end.</summary>
    public GraphValue SoftmaxLast(GraphValue value)
    {
        if (value.Producer is not { Operator: ReshapeOperator } reshape ||
            reshape.Inputs[0]!.Producer is not { Operator.Kind: "Softmax" or "LogSoftmax" } softmax ||
            softmax.Inputs[0]!.Parameter is not null)
        {
            return value;
        }

        Shape shape = _specs[value].Shape, rows = _specs[softmax.Output].Shape;
        return shape.Rank > 0 && shape[^1] == rows[^1]
            ? Move(Reshape(softmax.Inputs[0]!, shape), softmax.Operator)
            : value;
    }

    /// <summary>The spec of a value in the graph.</summary>
    public ValueSpec SpecOf(GraphValue value) => _specs[value];

    /// <summary>Applies an operator; at once where all inputs are constants.</summary>
    /// <param name="name">What the node is called; made unique.</param>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="layouts">The layout of each output, given its shape in the graph; null for the plain one.</param>
    public Operand[] Apply(string name, Operator operation, ReadOnlySpan<GraphValue?> inputs, params DimLayout?[] layouts)
    {
        ValueSpec[] outputs = Infer(name, operation, inputs);
        bool isConstant = true;
        foreach (GraphValue? input in inputs)
        {
            isConstant &= input is null || input.Parameter is not null;
        }

        if (isConstant)
        {
            return Fold(name, operation, inputs, outputs, layouts);
        }

        GraphNode node = new(Unique(name), operation, inputs);
        Operand[] results = new Operand[outputs.Length];
        for (int i = 0; i < results.Length; i++)
        {
            _specs[node.Outputs[i]] = outputs[i];
            DimLayout layout = (i < layouts.Length ? layouts[i] : null) ?? DimLayout.Plain(outputs[i].Shape);
            results[i] = Operand.Of(node.Outputs[i], outputs[i].Type, layout);
        }

        return results;
    }

    /// <summary>Applies an operator with one output.</summary>
    public Operand ApplyOne(string name, Operator operation, DimLayout? layout, params ReadOnlySpan<GraphValue?> inputs) =>
        Apply(name, operation, inputs, layout)[0];

    /// <summary>Frees what the graph does not use: everything if there is none.</summary>
    public void Release(Graph? graph)
    {
        HashSet<Parameter> used = [.. graph?.Parameters ?? []];
        foreach (Parameter parameter in _parameters.Where(parameter => !used.Contains(parameter)))
        {
            parameter.Dispose();
        }

        foreach (Tensor tensor in _temporaries)
        {
            tensor.Dispose();
        }

        _parameters.Clear();
        _temporaries.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Release(null);

    /// <summary>The groups of factors that stay together: their sizes in the source, and their order in the target.</summary>
    private static (int[] Sizes, int[] Axes) Coalesce(Factor[] from, Factor[] to)
    {
        List<(int First, int Size)> groups = [];
        int previous = -2;
        foreach (Factor factor in to)
        {
            int place = Array.IndexOf(from, factor);
            if (place == previous + 1 && groups.Count > 0)
            {
                groups[^1] = (groups[^1].First, groups[^1].Size * factor.Size);
            }
            else
            {
                groups.Add((place, factor.Size));
            }

            previous = place;
        }

        (int First, int Size)[] sorted = [.. groups.OrderBy(group => group.First)];
        return ([.. sorted.Select(group => group.Size)], [.. groups.Select(group => Array.IndexOf(sorted, group))]);
    }

    private GraphValue Move(GraphValue value, Operator operation)
    {
        if (value.Parameter is not null)
        {
            throw new InvalidOperationException("A constant is arranged at once, not by nodes.");
        }

        ValueSpec[] outputs = Infer(value.Name, operation, [value]);
        GraphNode node = new(Unique($"{value.Name}/{operation.Kind.Replace("Typed.", "", StringComparison.Ordinal)}"), operation,
            value);
        _specs[node.Output] = outputs[0];
        return node.Output;
    }

    private GraphValue Weight(Operand operand, Tensor constant, int[] sizes, int[] axes, Shape shape, string key,
        ParameterRole role)
    {
        string name = operand.Initializer ?? operand.Name;
        if (operand.Initializer is not null && _weights.TryGetValue((name, key, role), out GraphValue? known))
        {
            return known;
        }

        bool moves = axes.Length > 1 && !axes.SequenceEqual(axes.Order());
        Tensor tensor = !moves ? constant.Reshape(shape)
            : operand.Initializer is null ? Permute(constant, sizes, axes, shape)
            : model.Arranged(name, key, () => Permute(constant, sizes, axes, shape)).Reshape(shape);
        Parameter parameter = TakeOver(Unique(name), tensor, role);
        GraphValue value = new(parameter);
        _specs[value] = new ValueSpec(shape, tensor.ElementType);
        if (operand.Initializer is not null)
        {
            _weights[(name, key, role)] = value;
        }

        return value;
    }

    /// <summary>A parameter of the graph; a tensor that cannot be one, such as whole numbers where weights are trained, is freed.
    /// </summary>
    private Parameter TakeOver(string name, Tensor tensor, ParameterRole role)
    {
        try
        {
            Parameter parameter = new(name, tensor, role);
            _parameters.Add(parameter);
            return parameter;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private Tensor Permute(Tensor constant, int[] sizes, int[] axes, Shape shape)
    {
        if (constant.Pending is { Unit: sizeof(float) } && axes.AsSpan().SequenceEqual(ChannelsLast))
        {
            return Tensor.Deferred(new TransposedSource(constant.View(0, constant.Shape), sizes[1], sizes[2]), shape);
        }

        if (constant.Pending is { Unit: sizeof(float) } && axes.AsSpan().SequenceEqual(Transposed))
        {
            return Tensor.Deferred(new TransposedMatrixSource(constant.View(0, constant.Shape), sizes[0], sizes[1]), shape);
        }

        using Tensor elements = constant.InMemory();
        using Tensor from = elements.Reshape(new Shape(sizes));
        Tensor target = Tensor.Uninitialized(shape, constant.ElementType);
        try
        {
            using Tensor to = target.Reshape(new Shape([.. axes.Select(axis => sizes[axis])]));
            Run(Choice.Transpose(constant.ElementType, from.Shape, axes), [from], [to]);
            return target;
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private ValueSpec[] Infer(string name, Operator operation, ReadOnlySpan<GraphValue?> inputs)
    {
        ValueSpec?[] specs = new ValueSpec?[inputs.Length];
        for (int i = 0; i < specs.Length; i++)
        {
            specs[i] = inputs[i] is { } input ? _specs[input] : null;
        }

        ValueSpec[] outputs = new ValueSpec[operation.OutputCount];
        try
        {
            GraphShapes.RequireTypes(operation, specs);
            operation.Infer(specs, outputs);
            return outputs;
        }
        catch (ShapeException error)
        {
            throw new ShapeException($"{model.Name}: node '{name}': {error.Message}", error);
        }
    }

    private Operand[] Fold(
        string name, Operator operation, ReadOnlySpan<GraphValue?> inputs, ValueSpec[] outputs, DimLayout?[] layouts)
    {
        Tensor?[] arguments = new Tensor?[inputs.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = inputs[i]?.Parameter!.Value;
        }

        _folded += outputs.Sum(spec => spec.Shape.ElementCount * spec.Type.Size());
        if (_folded > MaxFolded)
        {
            throw new CnnFormatException(
                $"{model.Name}: node '{name}': the constants that the model computes take more than {MaxFolded >> 20} MB.");
        }

        Tensor[] results = [.. outputs.Select(spec => Tensor.Uninitialized(spec.Shape, spec.Type))];
        _temporaries.AddRange(results);
        if (results.Any(result => result.ElementCount > 0))
        {
            Run(operation, arguments, results);
        }

        return [.. results.Select((result, i) => ToConstant(name, result, i < layouts.Length ? layouts[i] : null))];
    }

    /// <summary>A computed constant, moved into ONNX's order.</summary>
    private Operand ToConstant(string name, Tensor tensor, DimLayout? layout)
    {
        if (layout is null)
        {
            return Operand.Of(name, tensor);
        }

        Factor[] from = [.. layout.Memory.Where(factor => factor.Size != 1)];
        Factor[] to = [.. layout.Dims.SelectMany(dim => dim).Where(factor => factor.Size != 1)];
        (int[] sizes, int[] axes) = Coalesce(from, to);
        bool moves = axes.Length > 1 && !axes.SequenceEqual(axes.Order());
        return Constant(name, moves ? Permute(tensor, sizes, axes, layout.Shape) : tensor.Reshape(layout.Shape));
    }

    private void Run(Operator operation, Tensor?[] inputs, Tensor[] outputs)
    {
        ValueSpec?[] inputSpecs = [
            .. inputs.Select(tensor => tensor is null ? (ValueSpec?)null : new ValueSpec(tensor.Shape, tensor.ElementType))];
        ValueSpec[] outputSpecs = [.. outputs.Select(tensor => new ValueSpec(tensor.Shape, tensor.ElementType))];
        PrepareRequest request = new(kernels, inputSpecs, outputSpecs, inputs, Training: false, default);
        List<ValueSpec> saved = [];
        operation.Save(inputSpecs, outputSpecs, default, saved);
        Tensor[] scratch = [.. saved.Select(spec => Tensor.Uninitialized(spec.Shape, spec.Type))];
        try
        {
            using PreparedOperator prepared = operation.Prepare(in request);
            using NodeTensors tensors = new() { NodeNumber = 0, Inputs = inputs, Outputs = outputs, Saved = scratch };
            prepared.Forward(tensors, default);
        }
        finally
        {
            Array.ForEach(scratch, tensor => tensor.Dispose());
        }
    }

    private string Unique(string name)
    {
        // Each name remembers how often it was asked for, so that a thousand nodes of one name do not take a million looks.
        string wanted = name.Length == 0 ? "node" : name, result = wanted;
        while (!_names.TryAdd(result, 1))
        {
            result = string.Create(CultureInfo.InvariantCulture, $"{wanted}#{++_names[wanted]}");
        }

        return result;
    }
}
