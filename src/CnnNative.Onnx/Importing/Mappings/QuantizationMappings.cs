// Integers of 8 bits, in exact integer arithmetic: what a quantised model says is computed as it says it.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class QuantizationMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["QuantizeLinear"] = Quantize;
        all["DequantizeLinear"] = node => [
            node.ApplyPlain("Typed.Dequantize", Blocks(node), node.Input(0), node.Input(1), node.Optional(2))];
        all["DynamicQuantizeLinear"] = node => node.Graph.Apply(
            node.Name, TypedFunctions.Operator("Typed.DynamicQuantize"), [node.Graph.Plain(node.Input(0))]);
        all["MatMulInteger"] = node => [ProductMappings.MatMul(
            node, Centre(node, 0, 2, node.Input(0).Rank - 2), Centre(node, 1, 3, node.Input(1).Rank - 1))];
        all["ConvInteger"] = node => [ConvolutionMappings.Convolve(node, Centre(node, 0, 2, 0), Centre(node, 1, 3, 0), null)];
        all["QLinearMatMul"] = QLinearMatMul;
        all["QLinearConv"] = QLinearConv;
    }

    private static AttributeSet Blocks(OnnxNode node)
    {
        int rank = node.Input(0).Rank;
        return new AttributeSet()
            .With("axis", node.Input(1).Shape.ElementCount == 1 ? 0 : node.Axis(node.Long("axis", 1), rank)).With("block_size",
                node.Int("block_size", 0));
    }

    private static Operand[] Quantize(OnnxNode node)
    {
        ElementType type = node.HasAttribute("output_dtype") && node.Int("output_dtype", 0) != 0
            ? Reading.ElementTypeMap.ToElementType(node.Int("output_dtype", 0), node.Name)
            : ElementType.UInt8;
        AttributeSet attributes = Blocks(node).With("type", (AttributeValue)type.ToString());
        return [node.ApplyPlain("Typed.Quantize", attributes, node.Input(0), node.Input(1), node.Optional(2))];
    }

    /// <summary>Integers of 32 bits, less the zero point.</summary>
    private static Operand Centre(OnnxNode node, int input, int zero, int axis) => node.ApplyPlain(
        "Typed.Centre", new AttributeSet().With("axis", Math.Max(0, axis)), node.Input(input), node.Optional(zero));

    private static Operand[] QLinearMatMul(OnnxNode node)
    {
        Operand left = Centre(node, 0, 2, node.Input(0).Rank - 2), right = Centre(node, 3, 5, node.Input(3).Rank - 1);
        Operand product = ProductMappings.MatMul(node, left, right);
        AttributeSet attributes = new AttributeSet()
            .With("input_axis", Math.Max(0, product.Rank - 2)).With("weight_axis", Math.Max(0, product.Rank - 1));
        return [node.ApplyPlain(
            "Typed.Requantize", attributes, product, node.Input(1), node.Input(4), node.Input(6), node.Input(7))];
    }

    private static Operand[] QLinearConv(OnnxNode node)
    {
        Operand sum = ConvolutionMappings.Convolve(node, Centre(node, 0, 2, 0), Centre(node, 3, 5, 0), node.Optional(8));
        AttributeSet attributes = new AttributeSet().With("input_axis", 0).With("weight_axis", 1);
        return [node.ApplyPlain("Typed.Requantize", attributes, sum, node.Input(1), node.Input(4), node.Input(6), node.Input(7))];
    }
}
