// What moves elements, in ONNX: its numbers are inputs there, and dimensions are counted with channels before pixels where the
// value is there in that order.

using CnnNative.Operators;

namespace CnnNative.Onnx.Writing;

internal static class ExportMoves
{
    public static void Reshape(ExportNode node)
    {
        int[] sizes = node.Attributes.Integers("shape");
        GraphValue input = node.Input(0);
        Shape from = node.ShapeOf(0), to = node.Exporter.ShapeOf(node.Node.Output);
        bool isRow = to.Rank == 2 && from.Rank == 4 && to[0] == from[0];
        if (isRow && node.Exporter.IsChannelsFirst(input))
        {
            node.Exporter.SetFlattened(node.Node.Output, input);
            return;
        }

        string shape = node.Writer.Longs($"{node.Name}/shape", [.. sizes.Select(size => (long)size)]);
        node.FinishPlain(node.Writer.Node("Reshape", node.Name, [node.Plain(0), shape]));
    }

    public static void Transpose(ExportNode node) =>
        node.FinishPlain(node.Writer.Node("Transpose", node.Name, [node.Plain(0)],
            OnnxWriter.Ints("perm", node.Attributes.Integers("axes"))));

    public static void Slice(ExportNode node)
    {
        bool first = node.Follows;
        int rank = node.ShapeOf(0).Rank;
        int[] axes = [.. node.Attributes.Integers("axes").Select(axis => ExportNode.Axis(axis, rank, first))];
        string[] inputs =
        [
            first ? node.First(0) : node.Plain(0), Longs(node, "starts", node.Attributes.Integers("starts")),
            Longs(node, "ends", node.Attributes.Integers("ends")), Longs(node, "axes", axes),
                Longs(node, "steps", node.Attributes.Integers("steps")),
        ];
        node.Finish(node.Writer.Node("Slice", node.Name, inputs), first);
    }

    public static void Split(ExportNode node)
    {
        bool first = node.Follows;
        int rank = node.ShapeOf(0).Rank, axis = ExportNode.Axis(node.Attributes.Integer("axis", -1), rank, first);
        string[] outputs = node.Writer.Node(
            "Split", node.Name, [first ? node.First(0) : node.Plain(0), Longs(node, "sizes", node.Attributes.Integers("sizes"))],
            node.Node.Outputs.Count, OnnxWriter.Int("axis", axis));
        for (int i = 0; i < outputs.Length; i++)
        {
            if (first)
            {
                node.Exporter.SetChannelsFirst(node.Node.Outputs[i], outputs[i]);
            }
            else
            {
                node.Exporter.SetPlain(node.Node.Outputs[i], outputs[i]);
            }
        }
    }

    public static void Pad(ExportNode node)
    {
        bool first = node.Follows;
        int rank = node.ShapeOf(0).Rank;
        int[] before = node.Attributes.Integers("before"), after = node.Attributes.Integers("after"), pads = new int[2 * rank];
        for (int d = 0; d < rank; d++)
        {
            int axis = ExportNode.Axis(d, rank, first);
            (pads[axis], pads[rank + axis]) = (before[d], after[d]);
        }

        string mode = node.Attributes.Text("mode", "Constant");
        if (mode == "Wrap")
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} repeats its input, which padding can only from opset 19 on.");
        }

        string value = node.Writer.Scalar($"{node.Name}/value", node.Attributes.Single("value", 0));
        node.Finish(
            node.Writer.Node(
                "Pad", node.Name, [first ? node.First(0) : node.Plain(0), Longs(node, "pads", pads), value],
                OnnxWriter.Text("mode", mode switch { "Reflect" => "reflect", "Edge" => "edge", _ => "constant" })),
            first);
    }

    public static void Resize(ExportNode node)
    {
        AttributeSet attributes = node.Attributes;
        ResizeFilter filter = ((ResizeOperator)node.Node.Operator).Options.Filter;
        if (filter.Antialias || filter.Coordinates == CoordinateMode.HalfPixelSymmetric)
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} uses antialiasing or symmetric pixels, which came with opset 18.");
        }

        string coordinates = filter.Coordinates switch
        {
            CoordinateMode.PytorchHalfPixel => "pytorch_half_pixel",
            CoordinateMode.AlignCorners => "align_corners",
            CoordinateMode.Asymmetric => "asymmetric",
            _ => "half_pixel",
        };
        string nearest = filter.Nearest switch
        {
            NearestMode.RoundPreferCeil => "round_prefer_ceil",
            NearestMode.Floor => "floor",
            NearestMode.Ceil => "ceil",
            _ => "round_prefer_floor",
        };
        List<string> inputs = [node.First(0), ""];
        if (attributes.TryGet("scale", out AttributeValue scale))
        {
            using Tensor scales = Tensor.FromSpan([1, 1, (float)scale.ToNumbers()[0], (float)scale.ToNumbers()[1]], 4);
            inputs.Add(node.Writer.Weights($"{node.Name}/scales", scales));
        }
        else
        {
            Shape shape = node.Exporter.ShapeOf(node.Node.Output);
            inputs.AddRange(["", Sizes(node, shape)]);
        }

        node.FinishFirst(node.Writer.Node(
            "Resize", node.Name, inputs, OnnxWriter.Text("mode", filter.Mode.ToString().ToLowerInvariant()),
            OnnxWriter.Text("coordinate_transformation_mode", coordinates), OnnxWriter.Text("nearest_mode", nearest),
            OnnxWriter.Int("exclude_outside", filter.ExcludeOutside ? 1 : 0),
            OnnxWriter.Float("cubic_coeff_a", (float)filter.CubicCoefficient)));
    }

    /// <summary>The sizes of the output, with the batch of whatever comes.</summary>
    private static string Sizes(ExportNode node, Shape output)
    {
        OnnxWriter writer = node.Writer;
        string shape = writer.Node("Shape", $"{node.Name}/input_shape", [node.First(0)]);
        string kept = writer.Node(
            "Slice", $"{node.Name}/kept", [shape, Longs(node, "from", [0]), Longs(node, "to", [2])]);
        return writer.Node("Concat", $"{node.Name}/sizes", [kept, Longs(node, "picture", [output[1], output[2]])],
            OnnxWriter.Int("axis", 0));
    }

    private static string Longs(ExportNode node, string what, int[] values) =>
        node.Writer.Longs($"{node.Name}/{what}", [.. values.Select(value => (long)value)]);
}
