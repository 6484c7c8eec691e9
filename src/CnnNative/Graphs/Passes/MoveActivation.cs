// A ReLU before max pooling gives the same as one behind it, because it keeps the order of numbers; behind it there are fewer
// elements, and the gradient need not pass over the larger map once more. Ties and their gradients are the same as well: where a
// window holds nothing above zero, both orders give zero.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class MoveActivation
{
    /// <summary>Moves ReLUs from before max poolings to behind them.</summary>
    public static Graph Apply(Graph graph) => GraphRewriter.Apply(graph, (node, rewriter) =>
    {
        if (node.Operator is not MaxPool2dOperator ||
            rewriter.OnlyProducer(node.Inputs[0]) is not { Operator: ActivationOperator { Activation.Kind: ActivationKind.Relu } relu } before)
        {
            return null;
        }

        GraphNode pool = new(node.Name, node.Operator, rewriter.Map(before.Inputs[0]!));
        return [.. new GraphNode(before.Name, relu, pool.Output).Outputs];
    });
}
