// Normalisations in ONNX. Group normalisation came late to it, and is written as an instance normalisation of the groups.

namespace CnnNative.Onnx.Writing;

internal static class ExportNorms
{
    /// <summary>Groups of channels; 0 for one for each channel.</summary>
    public static void Group(ExportNode node, int groups)
    {
        Shape shape = node.ShapeOf(0);
        if (shape.Rank != 4)
        {
            throw new OnnxUnsupportedException($"ONNX export: {node.Node} normalises {shape}, expected four dimensions.");
        }

        int channels = shape[3];
        float epsilon = node.Attributes.Single("epsilon", 1e-5f);
        string gamma = node.Vector(1, channels, 1), beta = node.Vector(2, channels, 0);
        if (groups == 0)
        {
            node.FinishFirst(node.Writer.Node(
                "InstanceNormalization", node.Name, [node.First(0), gamma, beta], OnnxWriter.Float("epsilon", epsilon)));
            return;
        }

        OnnxWriter writer = node.Writer;
        string rows = writer.Node("Reshape", $"{node.Name}/groups",
            [node.First(0), writer.Longs($"{node.Name}/cut", 0, groups, -1)]);
        using Tensor ones = Tensor.Full(groups, 1), zeros = Tensor.Zeros(groups);
        string norm = writer.Node(
            "InstanceNormalization", $"{node.Name}/norm",
                [rows, writer.Weights($"{node.Name}/ones", ones), writer.Weights($"{node.Name}/zeros", zeros)],
            OnnxWriter.Float("epsilon", epsilon));
        string whole = writer.Node("Reshape", $"{node.Name}/whole",
            [norm, writer.Longs($"{node.Name}/shape", 0, channels, shape[1], shape[2])]);
        string axes = writer.Longs($"{node.Name}/axes", 1, 2);
        string scaled = writer.Node("Mul", $"{node.Name}/scaled",
            [whole, writer.Node("Unsqueeze", $"{node.Name}/gamma", [gamma, axes])]);
        node.FinishFirst(writer.Node("Add", node.Name, [scaled, writer.Node("Unsqueeze", $"{node.Name}/beta", [beta, axes])]));
    }

    /// <summary>Rows of the innermost dimensions.</summary>
    public static void Layer(ExportNode node)
    {
        Shape shape = node.ShapeOf(0);
        int dimensions = node.Attributes.Integer("dimensions", 1);
        int[] sizes = shape.ToArray()[(shape.Rank - dimensions)..];
        node.FinishPlain(node.Writer.Node(
            "LayerNormalization", node.Name, [node.Plain(0), Row(node, 1, sizes, 1), Row(node, 2, sizes, 0)],
            OnnxWriter.Int("axis", -dimensions), OnnxWriter.Float("epsilon", node.Attributes.Single("epsilon", 1e-5f))));
    }

    /// <summary>Neighbours across channels.</summary>
    public static void LocalResponse(ExportNode node)
    {
        if (node.ShapeOf(0).Rank != 4)
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} normalises {node.ShapeOf(0)}, expected four dimensions.");
        }

        AttributeSet attributes = node.Attributes;
        node.FinishFirst(node.Writer.Node(
            "LRN", node.Name, [node.First(0)], OnnxWriter.Int("size", attributes.Integer("size", 5)),
            OnnxWriter.Float("alpha", attributes.Single("alpha", 1e-4f)),
                OnnxWriter.Float("beta", attributes.Single("beta", 0.75f)),
            OnnxWriter.Float("bias", attributes.Single("bias", 1))));
    }

    private static string Row(ExportNode node, int index, int[] sizes, float absent)
    {
        using Tensor tensor = node.Has(index) && node.Input(index).Parameter is { } parameter
            ? parameter.Value.Reshape(new Shape(sizes))
            : Tensor.Full(new Shape(sizes), absent);
        return node.Writer.Weights($"{node.Name}/{(index == 1 ? "scale" : "shift")}", tensor);
    }
}
