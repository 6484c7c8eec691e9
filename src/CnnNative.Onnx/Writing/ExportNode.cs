// One node of a graph as its export sees it.

using CnnNative.Onnx.Schema;
using CnnNative.Operators;

namespace CnnNative.Onnx.Writing;

/// <summary>A node that is exported.</summary>
internal sealed class ExportNode(GraphExporter exporter, GraphNode node)
{
    /// <summary>The exporter.</summary>
    public GraphExporter Exporter => exporter;

    /// <summary>The model that is written.</summary>
    public OnnxWriter Writer => exporter.Writer;

    /// <summary>The node.</summary>
    public GraphNode Node => node;

    /// <summary>The options of the operator.</summary>
    public AttributeSet Attributes { get; } = node.Operator.Attributes;

    /// <summary>The node's name.</summary>
    public string Name => node.Name;

    /// <summary>An input that is there.</summary>
    public GraphValue Input(int index = 0) => node.Inputs[index]!;

    /// <summary>Whether an input is there.</summary>
    public bool Has(int index) => index < node.Inputs.Count && node.Inputs[index] is not null;

    /// <summary>The shape of an input.</summary>
    public Shape ShapeOf(int index) => exporter.ShapeOf(Input(index));

    /// <summary>The name of an input in the graph's order.</summary>
    public string Plain(int index) => exporter.Plain(Input(index));

    /// <summary>The name of an input with channels before pixels.</summary>
    public string First(int index) => exporter.ChannelsFirst(Input(index));

    /// <summary>A vector as weights; a default for one that is missing.</summary>
    public string Vector(int index, int length, float absent)
    {
        if (Has(index))
        {
            return Plain(index);
        }

        using Tensor tensor = Tensor.Full(length, absent);
        return Writer.Weights($"{Name}/constant", tensor);
    }

    /// <summary>Weights with their dimensions in another order.</summary>
    public string Weights(int index, params int[] axes)
    {
        Parameter? parameter = Input(index).Parameter;
        if (parameter is null)
        {
            return Writer.Node("Transpose", $"{Name}/weights", [Plain(index)], OnnxWriter.Ints("perm", axes));
        }

        using Tensor tensor = GraphExporter.Permuted(parameter.Value, parameter.Shape, axes);
        return Writer.Weights(parameter.Name, tensor);
    }

    /// <summary>Whether a value of four dimensions is there with channels before pixels, so that following it is free.</summary>
    public bool Follows => node.Inputs.Any(input => input is not null && exporter.IsChannelsFirst(input))
        && exporter.ShapeOf(node.Output).Rank == 4 &&
            node.Inputs.All(input => input is null || exporter.ShapeOf(input).Rank <= 4);

    /// <summary>Applies the operator's own activation, and names the result with channels before pixels.</summary>
    public void FinishFirst(string result) => exporter.SetChannelsFirst(node.Output, Activated(result));

    /// <summary>Applies the operator's own activation, and names the result.</summary>
    public void FinishPlain(string result) => exporter.SetPlain(node.Output, Activated(result));

    /// <summary>Names the result in the order of the inputs.</summary>
    public void Finish(string result, bool first)
    {
        if (first)
        {
            exporter.SetChannelsFirst(node.Output, result);
        }
        else
        {
            exporter.SetPlain(node.Output, result);
        }
    }

    /// <summary>A dimension of a value as ONNX counts it.</summary>
    public static int Axis(int axis, int rank, bool first)
    {
        ReadOnlySpan<int> order = [0, 2, 3, 1];
        int dimension = axis < 0 ? axis + rank : axis;
        return first ? order[dimension] : dimension;
    }

    /// <summary>Height and width as an attribute.</summary>
    public AttributeProto Pair(string name, string attribute)
    {
        Size2d size = Attributes.Size2d(attribute);
        return OnnxWriter.Ints(name, size.Height, size.Width);
    }

    /// <summary>The padding as an attribute.</summary>
    public AttributeProto Padding()
    {
        Padding padding = Attributes.Padding("padding");
        return padding.ToString() switch
        {
            "same" => OnnxWriter.Text("auto_pad", "SAME_UPPER"),
            "same_lower" => OnnxWriter.Text("auto_pad", "SAME_LOWER"),
            _ => OnnxWriter.Ints("pads", padding.Top, padding.Left, padding.Bottom, padding.Right),
        };
    }

    private string Activated(string result)
    {
        Activation activation = Attributes.Flag("relu") ? Activation.Relu : Attributes.Activation("activation");
        return activation.Kind == ActivationKind.None ? result
            : ExportActivations.Write(Writer, $"{Name}/activation", activation, result);
    }
}
