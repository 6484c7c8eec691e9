// The sum at the end of a residual block becomes part of the convolution before it: the other branch is added while the results
// are still in registers. Between a fully connected layer and its sum there may be a view in another shape, which moves behind
// it.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FuseResidual
{
    /// <summary>Fuses sums into convolutions and fully connected layers.</summary>
    public static Graph Apply(PassContext context) => GraphRewriter.Apply(
        context.Graph, (node, rewriter) => Fuse(node, rewriter, context), context.Changed);

    private static GraphValue[]? Fuse(GraphNode node, GraphRewriter rewriter, PassContext context)
    {
        if (node.Operator is not AddOperator { Activation: var activation } || ReferenceEquals(node.Inputs[0], node.Inputs[1]))
        {
            return null;
        }

        // The branch with more work comes last: its convolution takes the sum, because the other one is there by then.
        for (int i = node.Inputs.Count - 1; i >= 0; i--)
        {
            if (rewriter.OnlyProducer(node.Inputs[i]) is not { } producer)
            {
                continue;
            }

            GraphNode current = rewriter.Map(node.Inputs[i]!).Producer!;
            GraphValue other = rewriter.Map(node.Inputs[1 - i]!);
            if (WithActivation(producer, activation) is { } fused)
            {
                return [.. Add(current, fused, other).Outputs];
            }

            if (producer.Operator is ReshapeOperator && rewriter.OnlyProducer(producer.Inputs[0]) is { } layer &&
                WithActivation(layer, activation) is { } behindView && context.ShapeOf(layer.Output) is { Rank: 2 } rows)
            {
                GraphNode view = new($"{node.Name}, rows", new ReshapeOperator([-1, rows[1]]), other);
                GraphNode sum = Add(rewriter.Map(producer.Inputs[0]!).Producer!, behindView, view.Output);
                return [.. new GraphNode(current.Name, current.Operator, sum.Output).Outputs];
            }
        }

        return null;
    }

    private static GraphNode Add(GraphNode layer, Operator fused, GraphValue other) => new(
        layer.Name, fused, layer.Inputs[0], layer.Inputs[1], layer.Inputs.Count > 2 ? layer.Inputs[2] : null, other);

    private static Operator? WithActivation(GraphNode producer, Activation activation) => producer switch
    {
        { Operator: Conv2dOperator { Options: { Activation.Kind: ActivationKind.None } options }, Inputs.Count: <= 3 } =>
            new Conv2dOperator(options with { Activation = activation }),
        { Operator: LinearOperator { Activation.Kind: ActivationKind.None }, Inputs.Count: <= 3 } => new LinearOperator(activation),
        _ => null,
    };
}
