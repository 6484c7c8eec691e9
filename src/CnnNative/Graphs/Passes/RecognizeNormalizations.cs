// Layer normalisation is an operator of its own from operator set 17 on; before, exporters write (x - mean) / sqrt(variance + e)
// out, in nine passes over memory. Scale and shift, which follow, are taken in as well.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class RecognizeNormalizations
{
    /// <summary>Replaces normalisations of the innermost dimension that are written out.</summary>
    public static Graph Apply(PassContext context)
    {
        Graph normalized = GraphRewriter.Apply(
            context.Graph, (node, rewriter) => Recognize(node, rewriter, context), context.Changed);
        Graph scaled = Absorb(new PassContext(normalized, context.Kernels), BinaryOperation.Multiply, NormRule.GammaIndex);
        return Absorb(new PassContext(scaled, context.Kernels), BinaryOperation.Add, NormRule.BetaIndex);
    }

    private static GraphValue[]? Recognize(GraphNode node, GraphRewriter rewriter, PassContext context)
    {
        if (!ValuePattern.IsBinary(node.Output, BinaryOperation.Divide, out GraphValue centred, out GraphValue deviation) ||
            !ValuePattern.IsBinary(centred, BinaryOperation.Subtract, out GraphValue x, out GraphValue mean) ||
            !IsMean(mean, x, context) || context.ShapeOf(node.Output) != context.ShapeOf(x))
        {
            return null;
        }

        if (!ValuePattern.Is<UnaryOperator>(
                ValuePattern.BehindReshapes(deviation), operation => operation.Operation == UnaryOperation.SquareRoot,
                out GraphValue sum) ||
            !ValuePattern.IsShifted(ValuePattern.BehindReshapes(sum), out GraphValue variance, out float epsilon) ||
            !ValuePattern.Is<ReduceOperator>(
                ValuePattern.BehindReshapes(variance), operation => IsOverRows(operation, context.ShapeOf(x)),
                out GraphValue square) ||
            !IsSquare(square, out GraphValue difference) ||
            !ValuePattern.IsBinary(difference, BinaryOperation.Subtract, out GraphValue again, out mean) ||
            !IsSame(again, x, context) || !IsMean(mean, x, context))
        {
            return null;
        }

        return [.. new GraphNode(node.Name, new LayerNormOperator(1, epsilon), rewriter.Map(x)).Outputs];
    }

    /// <summary>Rows are those of the innermost dimension: a mean for each of them can only be broadcast back over its own row.
    /// </summary>
    private static bool IsMean(GraphValue mean, GraphValue of, PassContext context) => ValuePattern.Is<ReduceOperator>(
        ValuePattern.BehindReshapes(mean), operation => IsOverRows(operation, context.ShapeOf(of)), out GraphValue input) &&
        IsSame(input, of, context);

    /// <summary>Whether two values are one, perhaps by two views of the same shape.</summary>
    private static bool IsSame(GraphValue left, GraphValue right, PassContext context) => left == right ||
        (ValuePattern.BehindReshapes(left) == ValuePattern.BehindReshapes(right) && context.ShapeOf(left) is { } shape &&
        shape == context.ShapeOf(right));

    private static bool IsOverRows(ReduceOperator operation, Shape? shape) =>
        operation is { IsMean: true, Axes: [int axis], KeepsDimensions: true } && shape is { Rank: > 1 } input &&
        (axis == -1 || axis == input.Rank - 1);

    private static bool IsSquare(GraphValue value, out GraphValue root)
    {
        if (ValuePattern.IsBinary(value, BinaryOperation.Multiply, out root, out GraphValue right))
        {
            return root == right;
        }

        return ValuePattern.Is<UnaryOperator>(
            value, operation => operation is { Operation: UnaryOperation.Power, Exponent: 2 }, out root);
    }

    private static Graph Absorb(PassContext context, BinaryOperation operation, int place) =>
        GraphRewriter.Apply(context.Graph, (node, rewriter) => Absorb(node, rewriter, context, operation, place));

    /// <summary>A product with gamma or a sum with beta becomes part of the normalisation before it.</summary>
    private static GraphValue[]? Absorb(
        GraphNode node, GraphRewriter rewriter, PassContext context, BinaryOperation operation, int place)
    {
        if (!ValuePattern.IsBinary(node.Output, operation, out GraphValue left, out GraphValue right))
        {
            return null;
        }

        GraphValue input = left.Parameter is null ? left : right, constant = left.Parameter is null ? right : left;
        if (rewriter.OnlyProducer(input) is not { Operator: LayerNormOperator { Dimensions: 1 } norm } producer ||
            producer.Inputs.Count > place || context.ShapeOf(input) is not { } shape || context.ShapeOf(node.Output) != shape ||
            !ValuePattern.IsPerChannel(constant, shape[^1], out _))
        {
            return null;
        }

        GraphValue?[] inputs = new GraphValue?[place + 1];
        for (int i = 0; i < producer.Inputs.Count; i++)
        {
            inputs[i] = rewriter.Map(producer.Inputs[i]!);
        }

        inputs[place] = constant;
        return [.. new GraphNode(producer.Name, norm, inputs).Outputs];
    }
}
