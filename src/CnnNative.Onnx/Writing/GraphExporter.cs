// From a graph to ONNX. Values of four dimensions are written with channels before pixels where an operator wants it so, and what
// works element by element follows; a transpose is written only where a value is needed in both orders.

using CnnNative.Graphs;
using CnnNative.Onnx.Schema;
using CnnNative.Operators;

namespace CnnNative.Onnx.Writing;

/// <summary>Exports one graph.</summary>
internal sealed class GraphExporter
{
    /// <summary>The batch that stands for all of them while shapes are looked at.</summary>
    private const int SampleBatch = 2;

    private static readonly int[] ToFirst = [0, 3, 1, 2], ToLast = [0, 2, 3, 1];
    private readonly Graph _graph;
    private readonly GraphShapes _shapes;
    private readonly Dictionary<GraphValue, string> _plain = [], _channelsFirst = [];
    private readonly Dictionary<GraphValue, GraphValue> _flattened = [];
    private readonly string[] _inputNames, _outputNames;

    public GraphExporter(Graph graph, string name)
    {
        _graph = graph;
        _shapes = new GraphShapes(graph, GraphShapes.ForBatch(graph, SampleBatch));
        Writer = new OnnxWriter(name);

        // Users know these names; whatever else is called so gets another name.
        _inputNames = [.. graph.Inputs.Select(input => Writer.Unique(input.Name))];
        _outputNames = [.. graph.Outputs.Select(output => Writer.Unique(output.Name))];
    }

    /// <summary>The model that is written.</summary>
    public OnnxWriter Writer { get; }

    /// <summary>Writes the model.</summary>
    /// <exception cref="OnnxUnsupportedException">Nodes have no form in ONNX; the message names all of them.</exception>
    public ModelProto Export()
    {
        string[] missing = [
            .. _graph.Nodes.Where(node => !ExportMappings.Has(node.Operator.Kind)).Select(node => node.ToString())];
        if (missing.Length > 0)
        {
            throw new OnnxUnsupportedException($"ONNX export: {string.Join(", ", missing)} cannot be written as ONNX.");
        }

        for (int i = 0; i < _inputNames.Length; i++)
        {
            WriteInput(_graph.Inputs[i], _inputNames[i]);
        }

        foreach (GraphNode node in _graph.Nodes)
        {
            ExportMappings.Write(new ExportNode(this, node));
        }

        for (int i = 0; i < _outputNames.Length; i++)
        {
            WriteOutput(_graph.Outputs[i], _outputNames[i]);
        }

        return Writer.Model;
    }

    /// <summary>The shape of a value, for some batch.</summary>
    public Shape ShapeOf(GraphValue value) => _shapes[value].Shape;

    /// <summary>Whether a value is there with channels before pixels already.</summary>
    public bool IsChannelsFirst(GraphValue value) => _channelsFirst.ContainsKey(value);

    /// <summary>Names a value as it is.</summary>
    public void SetPlain(GraphValue value, string name) => _plain[value] = name;

    /// <summary>Names a value with channels before pixels.</summary>
    public void SetChannelsFirst(GraphValue value, string name) => _channelsFirst[value] = name;

    /// <summary>A value that is another one, whose pixels and channels stand in a row.</summary>
    public void SetFlattened(GraphValue value, GraphValue source) => _flattened[value] = source;

    /// <summary>The picture whose pixels and channels a value has in a row; null for any other value.</summary>
    public GraphValue? FlattenedFrom(GraphValue value) => _flattened.GetValueOrDefault(value);

    /// <summary>The name of a value in the graph's order.</summary>
    public string Plain(GraphValue value)
    {
        if (_plain.TryGetValue(value, out string? name))
        {
            return name;
        }

        if (value.Parameter is { } parameter)
        {
            name = Writer.Weights(parameter.Name, parameter.Value);
        }
        else if (_flattened.TryGetValue(value, out GraphValue? source))
        {
            string shape = Writer.Longs($"{value.Name}/shape", 0, -1);
            Shape picture = ShapeOf(source);
            string pixels = picture[1] == 1 && picture[2] == 1 ? ChannelsFirst(source) : Plain(source);
            name = Writer.Node("Reshape", $"{value.Name}/flat", [pixels, shape]);
        }
        else
        {
            name = Writer.Node("Transpose", $"{value.Name}/channels_last", [_channelsFirst[value]],
                OnnxWriter.Ints("perm", ToLast));
        }

        return _plain[value] = name;
    }

    /// <summary>The name of a value with channels before pixels; one of fewer dimensions gets more of size 1 in front.</summary>
    public string ChannelsFirst(GraphValue value)
    {
        if (_channelsFirst.TryGetValue(value, out string? name))
        {
            return name;
        }

        Shape shape = ShapeOf(value);
        if (value.Parameter is { } parameter)
        {
            int[] sizes = [.. Enumerable.Repeat(1, 4 - shape.Rank), .. shape];
            using Tensor tensor = Permuted(parameter.Value, new Shape(sizes), ToFirst);
            name = Writer.Weights(parameter.Name, tensor);
        }
        else
        {
            string plain = Plain(value);
            if (shape.Rank < 4)
            {
                string axes = Writer.Longs($"{value.Name}/axes",
                    [.. Enumerable.Range(0, 4 - shape.Rank).Select(axis => (long)axis)]);
                plain = Writer.Node("Unsqueeze", $"{value.Name}/four", [plain, axes]);
            }

            name = Writer.Node("Transpose", $"{value.Name}/channels_first", [plain], OnnxWriter.Ints("perm", ToFirst));
        }

        return _channelsFirst[value] = name;
    }

    /// <summary>A tensor with the dimensions of a shape in another order; the caller disposes it.</summary>
    public static Tensor Permuted(Tensor tensor, Shape shape, int[] axes)
    {
        using Tensor source = tensor.Reshape(shape);
        Tensor target = Tensor.Uninitialized(new Shape([.. axes.Select(axis => shape[axis])]), tensor.ElementType);
        using NodeTensors tensors = new() { NodeNumber = 0, Inputs = [source], Outputs = [target] };
        TypedFunctions.Find("Typed.Transpose")!.Run(new AttributeSet().With("axes", (ReadOnlySpan<int>)axes), tensors);
        return target;
    }

    private void WriteInput(GraphValue value, string name)
    {
        GraphInput input = value.Input!;
        int[] order = OrderOf(input);
        bool isPicture = order.AsSpan().SequenceEqual(ToLast), isPlain = order.SequenceEqual(order.Order());
        Writer.Model.Graph.Input.Add(OnnxWriter.Info(
            name, input.Type, SourceOrder.Inverse(order).Select(dimension => input.Dimensions[dimension])));
        if (isPicture)
        {
            _channelsFirst[value] = name;
        }
        else
        {
            _plain[value] = isPlain ? name
                : Writer.Node("Transpose", $"{name}/as_computed", [name], OnnxWriter.Ints("perm", order));
        }
    }

    /// <summary>The order in which an input is written: the one that it had, else channels before pixels for pictures.</summary>
    public static int[] OrderOf(GraphInput input) => input.SourceOrder is { } given ? [.. given]
        : input.Dimensions.Count == 4 && input.Type == ElementType.Float32 ? ToLast
        : [.. Enumerable.Range(0, input.Dimensions.Count)];

    private void WriteOutput(GraphOutput output, string name)
    {
        GraphValue value = output.Value;
        Shape shape = ShapeOf(value);
        int[] order = output.SourceOrder is { } given && given.Count == shape.Rank ? [.. given]
            : IsChannelsFirst(value) ? ToLast
            : [.. Enumerable.Range(0, shape.Rank)];
        int[] inverse = SourceOrder.Inverse(order);
        if (order.AsSpan().SequenceEqual(ToLast))
        {
            Writer.Node("Identity", name, [ChannelsFirst(value)]);
        }
        else if (order.SequenceEqual(order.Order()))
        {
            Writer.Node("Identity", name, [Plain(value)]);
        }
        else
        {
            Writer.Node("Transpose", name, [Plain(value)], OnnxWriter.Ints("perm", inverse));
        }

        // The node took a name of its own; the output is what the caller calls it.
        Writer.Model.Graph.Node[^1].Output[0] = name;
        bool isBatch = _graph.Inputs.Any(input => input.Input!.Dimensions is [{ IsOpen: true }, ..]);
        Writer.Model.Graph.Output.Add(OnnxWriter.Info(
            name, _shapes[value].Type, inverse.Select(axis => axis == 0 && isBatch && shape[0] == SampleBatch ? Dimension.Batch
                : shape[axis])));
    }
}
