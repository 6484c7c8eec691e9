// Elements chosen by indices, and the order of elements.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class IndexMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Gather"] = Gather;
        all["GatherElements"] = node => [node.ApplyPlain("Typed.GatherElements", Axis(node), node.Input(0), node.Input(1))];
        all["GatherND"] = node => [node.ApplyPlain(
            "Typed.GatherND", new AttributeSet().With("batch_dims", node.Int("batch_dims", 0)), node.Input(0), node.Input(1))];
        all["ScatterElements"] = Scatter;
        all["Scatter"] = Scatter;
        all["ScatterND"] = node => [node.ApplyPlain(
            "Typed.ScatterND", new AttributeSet().With("reduction", (AttributeValue)node.Text("reduction", "none")),
                node.Input(0), node.Input(1),
            node.Input(2))];
        all["OneHot"] = OneHot;
        all["ArgMax"] = node => [Arg(node, "Typed.ArgMax")];
        all["ArgMin"] = node => [Arg(node, "Typed.ArgMin")];
        all["TopK"] = TopK;
        all["CumSum"] = node => [Cumulate(node, "Typed.CumSum")];
        all["CumProd"] = node => [Cumulate(node, "Typed.CumProd")];
        all["Hardmax"] = Hardmax;
    }

    private static AttributeSet Axis(OnnxNode node) =>
        new AttributeSet().With("axis", node.Axis(node.Long("axis", 0), node.Input(0).Rank));

    private static Operand[] Gather(OnnxNode node)
    {
        Operand input = node.Input(0), indices = node.Input(1);
        int dim = node.Axis(node.Long("axis", 0), input.Rank);
        if (input.Value is not null && indices.Constant is { ElementCount: 1 } single && indices.Rank <= 1)
        {
            // One index is a slice, which follows any layout.
            long index = single.ToLongs()[0], size = input.Shape[dim];
            if (index < -size || index >= size)
            {
                throw node.Wrong($"the index is {index}, expected {-size} to {size - 1}");
            }

            Operand part = MovementMappings.Cut(node, input, [dim], [(int)(index < 0 ? index + size : index)], [1], [1]);
            return [indices.Rank == 1 ? part : Views.Reshape(node, part, new Shape([.. part.Shape.Where((_, i) => i != dim)]))];
        }

        return [node.ApplyPlain("Typed.Gather", Axis(node), input, indices)];
    }

    private static Operand[] Scatter(OnnxNode node) => [node.ApplyPlain(
        "Typed.ScatterElements", Axis(node).With("reduction", (AttributeValue)node.Text("reduction", "none")), node.Input(0),
            node.Input(1),
        node.Input(2))];

    private static Operand[] OneHot(OnnxNode node)
    {
        long depth = (long)node.KnownDoubles(1)[0];
        int axis = node.Axis(node.Long("axis", -1), node.Input(0).Rank + 1);
        return depth is >= 0 and <= int.MaxValue
            ? [node.ApplyPlain("Typed.OneHot", new AttributeSet().With("axis", axis).With("depth", (int)depth), node.Input(0),
                node.Input(2))]
            : throw node.Wrong($"the depth is {depth}, expected 0 to 2^31 - 1");
    }

    private static Operand Arg(OnnxNode node, string kind) => node.ApplyPlain(
        kind, Axis(node).With("keepdims", node.Flag("keepdims", true)).With("select_last_index", node.Flag("select_last_index")),
            node.Input(0));

    private static Operand[] TopK(OnnxNode node)
    {
        Operand input = node.Input(0);
        long count = node.Has(1) ? node.KnownLong(1) : node.Long("k", 1);
        int axis = node.Axis(node.Long("axis", -1), input.Rank);
        if (count < 0 || count > input.Shape[axis])
        {
            throw node.Wrong($"{count} elements are wanted, expected 0 to {input.Shape[axis]} of {input.Shape}");
        }

        AttributeSet attributes = new AttributeSet().With("axis", axis).With("count", (int)count).With("largest",
            node.Flag("largest", true));
        return node.Graph.Apply(node.Name, TypedFunctions.Operator("Typed.TopK", attributes), [node.Graph.Plain(input)]);
    }

    private static Operand Cumulate(OnnxNode node, string kind) => node.ApplyPlain(
        kind, new AttributeSet().With("axis", node.Axis(node.KnownLong(1), node.Input(0).Rank)).With("exclusive",
            node.Flag("exclusive"))
            .With("reverse", node.Flag("reverse")), node.Input(0));

    private static Operand[] Hardmax(OnnxNode node)
    {
        Operand input = node.Input(0);
        int axis = node.Axis(node.Long("axis", node.Opset < 13 ? 1 : -1), Math.Max(1, input.Rank));
        if (node.Opset >= 13)
        {
            return [node.ApplyPlain("Typed.Hardmax", new AttributeSet().With("axis", axis), input)];
        }

        // Before version 13 everything from the axis on is one row.
        Operand rows = Views.Reshape(node, input, LossMappings.AsRows(input.Shape, axis));
        return [Views.Reshape(node, node.ApplyPlain("Typed.Hardmax", new AttributeSet().With("axis", 1), rows), input.Shape)];
    }
}
