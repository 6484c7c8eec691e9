// Operators of two and more tensors, element by element. Before version 7 they broadcast only when told to, along an axis.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class BinaryMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        foreach (string kind in (string[])["Add", "Sub", "Mul", "Div", "And", "Or", "Xor", "Equal", "Less", "Greater",
            "LessOrEqual", "GreaterOrEqual"])
        {
            all[kind] = node => [Apply(node, kind, Left(node), Right(node))];
        }

        all["BitwiseAnd"] = node => [Elementwise.Broadcast(node, "Typed.And", Left(node), Right(node))];
        all["BitwiseOr"] = node => [Elementwise.Broadcast(node, "Typed.Or", Left(node), Right(node))];
        all["BitwiseXor"] = node => [Elementwise.Broadcast(node, "Typed.Xor", Left(node), Right(node))];
        all["BitShift"] = node => [Elementwise.Broadcast(
            node, node.Text("direction", "LEFT") == "LEFT" ? "Typed.ShiftLeft" : "Typed.ShiftRight", Left(node), Right(node))];
        all["Mod"] = node => [
            Elementwise.Broadcast(node, node.Flag("fmod") ? "Typed.FMod" : "Typed.Mod", Left(node), Right(node))];
        all["Pow"] = Power;
        all["PRelu"] = PRelu;
        all["Where"] = node => [Elementwise.Broadcast(node, "Typed.Where", node.Input(0), node.Input(1), node.Input(2))];
        all["Max"] = node => [Fold(node, "Max")];
        all["Min"] = node => [Fold(node, "Min")];
        all["Sum"] = node => [FoldSum(node)];
        all["Mean"] = node => [
            Apply(node, "Div", FoldSum(node), node.Graph.Constant(node.Name, Tensor.Full(default, node.InputCount)))];
    }

    /// <summary>left + right.</summary>
    public static Operand Sum(OnnxNode node, Operand left, Operand right) => Apply(node, "Add", left, right);

    /// <summary>left times right.</summary>
    public static Operand Multiply(OnnxNode node, Operand left, Operand right) => Apply(node, "Mul", left, right);

    /// <summary>An operation of two operands.</summary>
    public static Operand Apply(OnnxNode node, string kind, Operand left, Operand right) => Elementwise.Broadcast(
        node, shapes => Choice.Binary(kind, left.Type, shapes[0], shapes[1]), left, right);

    private static Operand Left(OnnxNode node) => node.Input(0);

    /// <summary>The right operand; in old operator sets its dimensions are aligned at an axis of the left one.</summary>
    private static Operand Right(OnnxNode node)
    {
        Operand right = node.Input(1);
        if (node.Opset >= 7 || !node.Flag("broadcast") || !node.HasAttribute("axis"))
        {
            return right;
        }

        int rank = node.Input(0).Rank, axis = node.Axis(node.Int("axis", 0), rank);
        int[] sizes = new int[Math.Max(right.Rank, rank - axis)];
        Array.Fill(sizes, 1);
        right.Shape.ToArray().CopyTo(sizes, 0);
        return Views.Reshape(node, right, new Shape(sizes));
    }

    /// <summary>Whether there is one slope for all, or one for each place of the innermost dimension.</summary>
    private static bool IsForChannels(Shape input, Shape slope) =>
        slope.ElementCount == 1 || (slope.ElementCount == slope[^1] && slope[^1] == input[^1]);

    private static Operand Fold(OnnxNode node, string kind)
    {
        Operand result = node.Input(0);
        for (int i = 1; i < node.InputCount; i++)
        {
            result = Apply(node, kind, result, node.Input(i));
        }

        return result;
    }

    private static Operand FoldSum(OnnxNode node)
    {
        Operand result = node.Input(0);
        for (int i = 1; i < node.InputCount; i++)
        {
            result = Sum(node, result, node.Input(i));
        }

        return result;
    }

    private static Operand[] Power(OnnxNode node)
    {
        Operand left = Left(node), right = Right(node);
        if (left.Type == ElementType.Float32 && right.Constant is { ElementCount: 1 } exponent && left.Rank >= right.Rank)
        {
            return [Elementwise.Map(node, new UnaryOperator(UnaryOperation.Power, (float)exponent.ToDoubles()[0]), left)];
        }

        if (left.Type == right.Type)
        {
            return [Elementwise.Broadcast(node, "Typed.Pow", left, right)];
        }

        Operand power = Elementwise.Broadcast(
            node, "Typed.Pow", UnaryMappings.Convert(node, left, ElementType.Float32),
                UnaryMappings.Convert(node, right, ElementType.Float32));
        return [UnaryMappings.Convert(node, power, left.Type)];
    }

    private static Operand[] PRelu(OnnxNode node)
    {
        // Slopes of one dimension belong to channels where they do not fit the innermost dimension, as old models have them.
        Operand input = node.Input(0), slope = node.Input(1);
        if (slope.Rank == 1 && input.Rank > 2 && slope.Shape[0] == input.Shape[1] &&
            (node.Opset < 7 || slope.Shape[0] != input.Shape[^1]))
        {
            int[] sizes = new int[input.Rank - 1];
            Array.Fill(sizes, 1);
            sizes[0] = slope.Shape[0];
            slope = Views.Reshape(node, slope, new Shape(sizes));
        }

        return [Elementwise.Broadcast(
            node, shapes => Choice.CanCompute(input.Type, shapes) && IsForChannels(shapes[0], shapes[1])
                ? PReluOperator.Instance
                : TypedFunctions.Operator("Typed.PRelu"),
            input, slope)];
    }
}
