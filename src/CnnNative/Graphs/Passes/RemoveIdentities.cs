// Nodes that give their input back in inference: dropout, activations that do nothing, concatenations of one part, sums with 0
// and products with 1. They would stand between operators that can be fused.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class RemoveIdentities
{
    /// <summary>Leaves them out, but for those that are outputs, which keep their names.</summary>
    public static Graph Apply(PassContext context)
    {
        HashSet<GraphValue> outputs = [.. context.Graph.Outputs.Select(output => output.Value)];
        return GraphRewriter.Apply(
            context.Graph,
            (node, rewriter) => Kept(node, context) is { } input && !outputs.Contains(node.Output) ? [rewriter.Map(input)] : null,
            context.Changed);
    }

    /// <summary>The input that the node gives back.</summary>
    private static GraphValue? Kept(GraphNode node, PassContext context) => node switch
    {
        { Operator: DropoutOperator } or
        { Operator: ActivationOperator { Activation.Kind: ActivationKind.None } } or
        { Operator: ConcatOperator, Inputs.Count: 1 } => node.Inputs[0],
        { Operator: BinaryOperator { Operation: var operation } } => KeptOperand(node, operation, context),
        _ => null,
    };

    private static GraphValue? KeptOperand(GraphNode node, BinaryOperation operation, PassContext context)
    {
        (GraphValue left, GraphValue right) = (node.Inputs[0]!, node.Inputs[1]!);
        float? neutral = operation switch
        {
            BinaryOperation.Add or BinaryOperation.Subtract => 0,
            BinaryOperation.Multiply or BinaryOperation.Divide => 1,
            _ => null,
        };
        bool commutes = operation is BinaryOperation.Add or BinaryOperation.Multiply;
        GraphValue? kept = ValuePattern.IsNumber(right, out float number) && number == neutral ? left
            : commutes && ValuePattern.IsNumber(left, out number) && number == neutral ? right
            : null;
        return kept is not null && context.ShapeOf(kept) is { } shape && shape == context.ShapeOf(node.Output) ? kept : null;
    }
}
