// Two transposes behind one another are one, and often none: models that were written for the other layout turn every tensor
// around before and after each operator.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class MergeTransposes
{
    /// <summary>Merges them.</summary>
    public static Graph Apply(PassContext context) => GraphRewriter.Apply(context.Graph, Merge, context.Changed);

    private static GraphValue[]? Merge(GraphNode node, GraphRewriter rewriter)
    {
        // What is before is looked up in the new graph, where it may be merged already.
        GraphValue? before = node.Operator is TransposeOperator ? rewriter.Map(node.Inputs[0]!) : null;
        if (before is null || node.Operator is not TransposeOperator second || !AreCounted(second.Axes))
        {
            return null;
        }

        if (IsOrder(second.Axes))
        {
            return [before];
        }

        if (before.Producer is not { Operator: TransposeOperator first } producer || !AreCounted(first.Axes))
        {
            return null;
        }

        int[] axes = new int[second.Axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = first.Axes[second.Axes[i]];
        }

        GraphValue input = producer.Inputs[0]!;
        return IsOrder(axes) ? [input] : [.. new GraphNode(node.Name, new TransposeOperator(axes), input).Outputs];
    }

    /// <summary>Whether all axes are counted from the front.</summary>
    private static bool AreCounted(ReadOnlySpan<int> axes) => axes.IndexOfAnyExceptInRange(0, axes.Length - 1) < 0;

    private static bool IsOrder(ReadOnlySpan<int> axes)
    {
        for (int i = 0; i < axes.Length; i++)
        {
            if (axes[i] != i)
            {
                return false;
            }
        }

        return true;
    }
}
