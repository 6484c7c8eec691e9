// An activation that follows an operator becomes part of it: the result is written once instead of being read and written again.
// In training only those activations are fused whose gradient can be told from the result.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FuseActivation
{
    /// <summary>Fuses activations into convolutions, fully connected layers, sums and batch normalisations.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    /// <param name="changed">Receives the names of the activations that were fused.</param>
    public static Graph Apply(Graph graph, bool training, List<string>? changed = null) => GraphRewriter.Apply(
        graph, (node, rewriter) => Fuse(node, rewriter, training), changed);

    private static GraphValue[]? Fuse(GraphNode node, GraphRewriter rewriter, bool training)
    {
        if (node.Operator is not ActivationOperator { Activation: var activation } ||
            (training && !activation.HasGradientFromOutput) ||
            rewriter.OnlyProducer(node.Inputs[0]) is not { } producer ||
            Fused(producer, activation) is not { } fused)
        {
            return null;
        }

        // The producer as it stands in the new graph, where an earlier step may have fused something into it already.
        GraphNode current = rewriter.Map(node.Inputs[0]!).Producer!;
        return [.. new GraphNode(current.Name, fused, [.. current.Inputs]).Outputs];
    }

    private static Operator? Fused(GraphNode producer, Activation activation) => producer.Operator switch
    {
        Conv2dOperator { Options: { Activation.Kind: ActivationKind.None } options } =>
            new Conv2dOperator(options with { Activation = activation }),
        LinearOperator { Activation.Kind: ActivationKind.None } => new LinearOperator(activation),
        AddOperator { Activation.Kind: ActivationKind.None } => new AddOperator(activation),
        BatchNormOperator { Options: { Relu: false } options } when activation.Kind == ActivationKind.Relu =>
            new BatchNormOperator(options with { Relu = true }),
        _ => null,
    };
}
