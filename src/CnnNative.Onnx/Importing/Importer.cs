// From an ONNX graph to a graph of this library, node by node, in an order in which everything is known before it is read. What
// no output depends on is left out. Functions that the model defines are written out where they are called.

using CnnNative.Kernels;
using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing;

/// <summary>One import of one model for given shapes.</summary>
internal sealed class Importer
{
    /// <summary>Graphs nested deeper than this are refused; no exporter writes them, and a hostile file could.</summary>
    private const int MaxDepth = 32;

    /// <summary>Nodes that an import looks at, loops and functions written out. More than any network has; a small file with
    /// loops in loops could ask for any number.</summary>
    private const int MaxVisits = 100_000;

    private readonly IReadOnlyDictionary<string, Shape> _shapes;
    private readonly Predicate<OnnxValue> _hasBatch;
    private readonly IReadOnlyDictionary<string, Tensor> _known;
    private readonly Dictionary<(string, string, string), FunctionProto> _functions = [];
    private readonly List<(GraphValue Value, OnnxPort Port)> _inputs = [];
    private readonly Dictionary<Operand, string> _keys = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<GraphProto, List<NodeProto>> _sorted = new(ReferenceEqualityComparer.Instance);
    private int _visits;

    public Importer(
        OnnxModel model, IReadOnlyDictionary<string, Shape> shapes, IReadOnlyDictionary<string, Tensor> known, IKernels kernels,
        Predicate<OnnxValue>? hasBatch = null)
    {
        Model = model;
        _hasBatch = hasBatch ?? (_ => false);
        _shapes = shapes;
        _known = known;
        Assembler = new GraphAssembler(model, kernels);
        foreach (FunctionProto function in model.Proto.Functions)
        {
            _functions[(function.Domain is "ai.onnx" ? "" : function.Domain, function.Name, function.Overload)] = function;
        }
    }

    /// <summary>The model.</summary>
    public OnnxModel Model { get; }

    /// <summary>The size of a batch that the model fixes at 1, while it is imported for another one; null otherwise.</summary>
    public int? OpenedBatch { get; init; }

    /// <summary>What decodes pictures; null where none is given.</summary>
    public OnnxImageDecoder? ImageDecoder { get; init; }

    /// <summary>Values that were made during the import and are no part of the graph: whoever runs it gives them to it as
    /// inputs, and frees them. Null where the graph has to be whole, and they become constants of it.</summary>
    public Dictionary<string, Tensor>? Fed { get; init; }

    /// <summary>The graph that is written.</summary>
    public GraphAssembler Assembler { get; }

    /// <summary>Makes the graph.</summary>
    public OnnxGraph Import()
    {
        try
        {
            GraphProto proto = Model.Proto.Graph;
            SupportCheck.Require(Model, _functions.ContainsKey);
            Scope scope = new(null, Model.Opsets);
            DeclareInputs(scope);
            Run(proto.Node, scope, proto.Output.Select(output => output.Name));
            OnnxGraph graph = Finish(scope);
            Assembler.Release(graph.Graph);
            return graph;
        }
        catch (ValueNeededException needed)
        {
            // The caller computes the value with the graph as it is so far, and then releases it.
            needed.Inputs = [.. _inputs];
            throw;
        }
        catch
        {
            Assembler.Dispose();
            throw;
        }
    }

    /// <summary>Imports nodes in a scope, as far as names depend on them.</summary>
    public void Run(IReadOnlyList<NodeProto> nodes, Scope scope, IEnumerable<string> wanted)
    {
        Visit(NodeOrder.Sort(Model.Name, nodes, wanted), scope);
    }

    private void Visit(List<NodeProto> nodes, Scope scope)
    {
        if (scope.Depth > MaxDepth)
        {
            throw new CnnFormatException($"{Model.Name}: graphs are nested more than {MaxDepth} deep.");
        }

        foreach (NodeProto node in nodes)
        {
            Visit(node, scope);
        }
    }

    /// <summary>Imports the graph that a node has as an attribute, whose names are seen by nobody outside.</summary>
    /// <returns>The values of its outputs.</returns>
    public Operand[] RunSubgraph(OnnxNode node, GraphProto graph, string label, ReadOnlySpan<Operand> inputs)
    {
        Scope scope = new(node.Scope, node.Scope.Opsets, $"{node.Scope.Prefix}{node.Name}/{label}/");
        for (int i = 0; i < Math.Min(inputs.Length, graph.Input.Count); i++)
        {
            scope.Set(graph.Input[i].Name, inputs[i]);
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            string where = $"{Model.Name}: node '{node.Name}': initializer '{tensor.Name}'";
            scope.Set(tensor.Name, Assembler.Constant(tensor.Name, Reading.TensorReader.Read(tensor, where, Model.External)));
        }

        if (!_sorted.TryGetValue(graph, out List<NodeProto>? nodes))
        {
            _sorted[graph] = nodes = NodeOrder.Sort(Model.Name, graph.Node, graph.Output.Select(output => output.Name));
        }

        Visit(nodes, scope);
        return [.. graph.Output.Select(output => Require(scope, output.Name, $"the {label} of node '{node.Name}'"))];
    }

    /// <summary>A value that is made now, once for all imports that share what is fed.</summary>
    /// <param name="name">What the model calls it.</param>
    /// <param name="make">Makes it.</param>
    public Operand Feed(string name, Func<Tensor> make)
    {
        if (Fed is null)
        {
            return Assembler.Constant(name, make());
        }

        if (!Fed.TryGetValue(name, out Tensor? tensor))
        {
            Fed.Add(name, tensor = make());
        }

        int[] order = [.. Enumerable.Range(0, tensor.Shape.Rank)];
        GraphInput input = new(name, [.. tensor.Shape.Select(Dimension.Fixed)], tensor.ElementType, order);
        Operand operand = Assembler.Input(input, tensor.Shape, order);
        _inputs.Add((operand.Value!, new OnnxPort(name, tensor.ElementType, tensor.Shape, order)));
        return operand;
    }

    private Operand Require(Scope scope, string name, string reader) => scope.Find(name) ??
        throw new CnnFormatException(
            $"{Model.Name}: {reader} reads '{name}', which nothing puts out: it is missing, or part of a cycle.");

    private void DeclareInputs(Scope scope)
    {
        foreach ((string name, Tensor tensor) in Model.Initializers)
        {
            scope.Set(name, Operand.Of(name, tensor).AsInitializer(name));
        }

        foreach (OnnxValue input in Model.Inputs)
        {
            if (_known.TryGetValue(input.Name, out Tensor? value))
            {
                RequireType(input, value.ElementType);
                scope.Set(input.Name, Operand.Of(input.Name, value));
                continue;
            }

            Shape shape = ShapeOf(input);
            int[] order = InputOrder.Of(Model.Proto.Graph, input.Name, shape.Rank, input.Type);
            OnnxPort port = new(input.Name, input.Type, shape, order);
            Dimension[] dimensions = [
                .. order.Select(d => d == 0 && _hasBatch(input) ? Dimension.Batch : shape[d])];
            Operand operand = Assembler.Input(new GraphInput(input.Name, dimensions, input.Type, order), shape, order);
            _inputs.Add((operand.Value!, port));
            _keys.Add(operand, input.Name);
            scope.Set(input.Name, operand);
        }
    }

    private void RequireType(OnnxValue input, ElementType type)
    {
        if (type != input.Type)
        {
            throw new ShapeException($"{Model.Name}: input '{input.Name}' is {type}, expected {input.Type}.");
        }
    }

    private Shape ShapeOf(OnnxValue input)
    {
        if (_shapes.TryGetValue(input.Name, out Shape shape))
        {
            // The declared rank is often wrong where the dimensions are open; what is given counts.
            int first = _hasBatch(input) ? 1 : 0;
            return input.Dimensions is null || (input.Dimensions.Count == shape.Rank && Fits(input.Dimensions, shape, first))
                ? shape
                : throw new ShapeException(
                    $"{Model.Name}: input '{input.Name}' is {shape}, expected {string.Join('x', input.Dimensions)}.");
        }

        return input.Dimensions is { } dimensions && dimensions.All(dimension => !dimension.IsOpen)
            ? new Shape([.. dimensions.Select(dimension => dimension.Size)])
            : throw new ShapeException($"{Model.Name}: the shape of input '{input}' is open; give it.");
    }

    private static bool Fits(IReadOnlyList<Dimension> dimensions, Shape shape, int first)
    {
        for (int i = first; i < dimensions.Count; i++)
        {
            if (!dimensions[i].IsOpen && dimensions[i].Size != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private void Visit(NodeProto proto, Scope scope)
    {
        if (++_visits > MaxVisits)
        {
            throw new CnnFormatException(
                $"{Model.Name}: node '{proto.Name}' ({proto.OpType}): with all loops and functions written out, the model " +
                $"has more than {MaxVisits} nodes.");
        }

        string domain = proto.Domain is "ai.onnx" ? "" : proto.Domain;
        Operand?[] inputs = [
            .. proto.Input.Select(name => name.Length == 0 ? null
            : Require(scope, name, $"node '{proto.Name}' ({proto.OpType})"))];
        if (IsKnown(proto, scope))
        {
            return;
        }

        if (_functions.TryGetValue((domain, proto.OpType, proto.Overload), out FunctionProto? function))
        {
            Call(proto, function, inputs, scope);
            return;
        }

        int opset = (int)scope.Opsets.GetValueOrDefault(domain, 1);
        OnnxNode node = new(this, proto, inputs, opset, scope);
        Operand[] outputs;
        try
        {
            outputs = Mappings.Mapping.Find(domain, proto.OpType)!(node);
        }
        catch (ValueNeededException needed) when (needed.Key.Length == 0)
        {
            needed.Key = _keys.GetValueOrDefault(needed.Operand) ?? throw node.Unsupported(
                "a shape that depends on data in this place");
            throw;
        }
        catch (Exception error) when (IsMisfit(error))
        {
            // What a mapping relies on without asking, a file may still not have.
            throw new CnnFormatException(
                $"{Model.Name}: node '{node.Name}' ({node.Kind}, opset {opset}): inputs and attributes do not fit together: " +
                $"{error.Message}", error);
        }

        for (int i = 0; i < proto.Output.Count; i++)
        {
            if (proto.Output[i].Length > 0)
            {
                Operand output = i < outputs.Length ? outputs[i] : throw node.Unsupported($"output {i}");
                _keys.TryAdd(output, scope.Prefix + proto.Output[i]);
                scope.Set(proto.Output[i], output);
            }
        }
    }

    /// <summary>Whether an error comes of sizes, types and numbers that nothing can be made of.</summary>
    private static bool IsMisfit(Exception error) => error is IndexOutOfRangeException or InvalidOperationException
        or OverflowException or DivideByZeroException or KeyNotFoundException
        || (error is ArgumentException and not ShapeException) || (error is FormatException and not CnnFormatException);

    /// <summary>Whether the outputs of a node were computed already, by a run of the part before a data-dependent
    /// shape.</summary>
    private bool IsKnown(NodeProto proto, Scope scope)
    {
        bool all = proto.Output.Count > 0;
        foreach (string output in proto.Output.Where(output => output.Length > 0))
        {
            if (_known.TryGetValue(scope.Prefix + output, out Tensor? value))
            {
                scope.Set(output, Operand.Of(output, value));
            }
            else
            {
                all = false;
            }
        }

        return all;
    }

    private void Call(NodeProto proto, FunctionProto function, Operand?[] inputs, Scope caller)
    {
        Dictionary<string, long> opsets = function.OpsetImport.Count == 0
            ? new Dictionary<string, long>(caller.Opsets)
            : function.OpsetImport.ToDictionary(entry => entry.Domain is "ai.onnx" ? "" : entry.Domain, entry => entry.Version);
        Scope scope = new(null, opsets, $"{caller.Prefix}{proto.Name}{proto.Output.FirstOrDefault()}/", caller.Depth + 1);
        foreach (AttributeProto attribute in function.AttributeProto)
        {
            scope.Set(attribute.Name, attribute);
        }

        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                scope.Set(attribute.Name, attribute);
            }
            else if (caller.Attribute(attribute.RefAttrName) is { } given)
            {
                scope.Set(attribute.Name, given);
            }
        }

        for (int i = 0; i < Math.Min(inputs.Length, function.Input.Count); i++)
        {
            if (inputs[i] is { } input)
            {
                scope.Set(function.Input[i], input);
            }
        }

        Run(function.Node, scope, function.Output);
        for (int i = 0; i < Math.Min(proto.Output.Count, function.Output.Count); i++)
        {
            if (proto.Output[i].Length > 0)
            {
                caller.Set(proto.Output[i], Require(scope, function.Output[i], $"function '{function.Name}'"));
            }
        }
    }

    private OnnxGraph Finish(Scope scope)
    {
        List<GraphOutput> outputs = [];
        List<OnnxPort> ports = [];
        foreach (OnnxValue output in Model.Outputs)
        {
            Operand operand = Require(scope, output.Name, "an output");
            int[] plain = [.. Enumerable.Range(0, operand.Rank)];
            int[] order = IsOnePixel(operand.Shape)
                ? DimLayout.ChannelsLast(operand.Rank)
                : operand.Value is null || operand.Layout.Dims.Any(dim => dim.Length > 1)
                ? plain
                : [.. plain.OrderBy(d => Array.IndexOf(operand.Layout.Memory, operand.Layout.Dims[d][0]))];
            outputs.Add(new GraphOutput(output.Name, Assembler.SoftmaxLast(Assembler.Arrange(operand, order)))
            {
                SourceOrder = order,
            });
            ports.Add(new OnnxPort(output.Name, operand.Type, operand.Shape, order));
        }

        Graph graph = new(_inputs.Select(input => input.Value), outputs);
        return new OnnxGraph(graph, [.. _inputs.Select(input => input.Port)], ports);
    }

    /// <summary>Whether each sample is one pixel, as some classifiers put their classes out. Its channels come last, as
    /// everywhere, though nothing has to move for it.</summary>
    private static bool IsOnePixel(Shape shape) =>
        shape.Rank is 3 or 4 or 5 && shape[1] > 1 && shape.Skip(2).All(size => size == 1);
}
