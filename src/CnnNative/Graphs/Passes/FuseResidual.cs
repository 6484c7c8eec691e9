// The sum at the end of a residual block becomes part of the convolution before it: the other branch is added while the results
// are still in registers.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FuseResidual
{
    /// <summary>Fuses sums into convolutions and fully connected layers.</summary>
    public static Graph Apply(Graph graph) => GraphRewriter.Apply(graph, (node, rewriter) =>
    {
        if (node.Operator is not AddOperator { Activation: var activation } || ReferenceEquals(node.Inputs[0], node.Inputs[1]))
        {
            return null;
        }

        // The branch with more work comes last: its convolution takes the sum, because the other one is there by then.
        for (int i = node.Inputs.Count - 1; i >= 0; i--)
        {
            if (rewriter.OnlyProducer(node.Inputs[i]) is { } producer && WithActivation(producer, activation) is { } fused)
            {
                GraphNode current = rewriter.Map(node.Inputs[i]!).Producer!;
                GraphValue? bias = current.Inputs.Count > 2 ? current.Inputs[2] : null;
                return [.. new GraphNode(
                    current.Name, fused, current.Inputs[0], current.Inputs[1], bias, rewriter.Map(node.Inputs[1 - i]!)).Outputs];
            }
        }

        return null;
    });

    private static Operator? WithActivation(GraphNode producer, Activation activation) => producer switch
    {
        { Operator: Conv2dOperator { Options: { Activation.Kind: ActivationKind.None } options }, Inputs.Count: <= 3 } =>
            new Conv2dOperator(options with { Activation = activation }),
        { Operator: LinearOperator { Activation.Kind: ActivationKind.None }, Inputs.Count: <= 3 } => new LinearOperator(activation),
        _ => null,
    };
}
