// Zeros that a node of its own adds around pictures become the padding of the convolution or the average pooling behind it, which
// reads them from nowhere. Exporters write such nodes where padding differs between the sides, and where an average counts it.

using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FusePads
{
    /// <summary>Fuses zeros around pictures into what reads them.</summary>
    public static Graph Apply(PassContext context) => GraphRewriter.Apply(context.Graph, Fuse, context.Changed);

    private static GraphValue[]? Fuse(GraphNode node, GraphRewriter rewriter)
    {
        if (node.Inputs.Count == 0 || rewriter.OnlyProducer(node.Inputs[0]) is not { Operator: PadOperator pad } before ||
            Added(pad) is not { } added || WithPadding(node, added) is not { } fused)
        {
            return null;
        }

        GraphValue?[] inputs = rewriter.MapInputs(node);
        inputs[0] = rewriter.Map(before.Inputs[0]!);
        return [.. new GraphNode(node.Name, fused, inputs).Outputs];
    }

    private static Padding? Added(PadOperator pad)
    {
        bool isAround = pad is { Mode: PadMode.Constant, Value: 0, Before: [0, >= 0, >= 0, 0], After: [0, >= 0, >= 0, 0] };
        return isAround ? Padding.Explicit(pad.Before[1], pad.Before[2], pad.After[1], pad.After[2]) : null;
    }

    private static Operator? WithPadding(GraphNode node, Padding added)
    {
        switch (node.Operator)
        {
            case Conv2dOperator { Options: { Padding.Kind: PaddingKind.Explicit } options }
                when node.Inputs[1]!.Parameter is { } weights:
                Padding around = Sum(options.Padding, added);
                return Fits(around, (weights.Shape[1], weights.Shape[2]), options.Dilation)
                    ? new Conv2dOperator(options with { Padding = around })
                    : null;
            case AveragePool2dOperator { Options: { Padding.Kind: PaddingKind.Explicit, CeilMode: false } options }
                when options.CountIncludePad || options.Padding == Padding.Valid:
                Padding counted = Sum(options.Padding, added);
                return Fits(counted, options.Window, options.Dilation)
                    ? new AveragePool2dOperator(options with { Padding = counted, CountIncludePad = true })
                    : null;
            default:
                return null;
        }
    }

    private static Padding Sum(Padding left, Padding right) => Padding.Explicit(
        left.Top + right.Top, left.Left + right.Left, left.Bottom + right.Bottom, left.Right + right.Right);

    /// <summary>Whether no window lies in the padding alone, which pooling does not take.</summary>
    private static bool Fits(Padding padding, Size2d window, Size2d dilation) =>
        Math.Max(padding.Top, padding.Bottom) <= (window.Height - 1) * dilation.Height &&
        Math.Max(padding.Left, padding.Right) <= (window.Width - 1) * dilation.Width;
}
