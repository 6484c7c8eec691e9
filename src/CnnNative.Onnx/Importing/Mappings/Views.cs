// What only changes how a value is seen: other shapes and other orders of dimensions. Elements move only where nothing else
// helps.

namespace CnnNative.Onnx.Importing.Mappings;

internal static class Views
{
    /// <summary>The value in another shape.</summary>
    public static Operand Reshape(OnnxNode node, Operand operand, Shape shape)
    {
        try
        {
            return operand.Layout.Reshape(shape) is { } layout
                ? operand.With(layout)
                : node.Graph.Moved(operand, shape);
        }
        catch (ShapeException error)
        {
            throw node.Wrong(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>The value with its dimensions in another order.</summary>
    public static Operand Transpose(Operand operand, int[] permutation) =>
        operand.With(operand.Layout.Transpose(permutation));

    /// <summary>The value with channels innermost: as it lies where they are so already.</summary>
    public static (GraphValue Value, DimLayout Layout) ChannelsInnermost(OnnxNode node, Operand operand)
    {
        DimLayout layout = operand.Layout;
        if (operand.Rank > 1 && operand.Value is not null && layout.TryGetAxis(1, out int axis) &&
            axis == layout.Memory.Length - 1)
        {
            return (node.Graph.AsStored(operand), layout);
        }

        int[] order = DimLayout.ChannelsLast(operand.Rank);
        return (node.Graph.Arrange(operand, order), DimLayout.Ordered(operand.Shape, order));
    }

    /// <summary>The value as it lies, where some dimensions lie together in it; else moved as little as possible.</summary>
    /// <param name="node">The node.</param>
    /// <param name="operand">The value.</param>
    /// <param name="dims">The dimensions.</param>
    /// <param name="axes">Their places in the value that is returned.</param>
    public static (GraphValue Value, DimLayout Layout) Along(OnnxNode node, Operand operand, ReadOnlySpan<int> dims,
        out int[] axes)
    {
        axes = new int[dims.Length];
        bool together = operand.Value is not null;
        for (int i = 0; i < dims.Length && together; i++)
        {
            together = operand.Layout.TryGetAxis(dims[i], out axes[i]);
        }

        if (together)
        {
            return (node.Graph.AsStored(operand), operand.Layout);
        }

        int[] order = operand.Value is null ? [.. Enumerable.Range(0, operand.Rank)] : operand.Layout.WholeOrder();
        for (int i = 0; i < dims.Length; i++)
        {
            axes[i] = Array.IndexOf(order, dims[i]);
        }

        return (node.Graph.Arrange(operand, order), DimLayout.Ordered(operand.Shape, order));
    }

    /// <summary>A layout like another one, with another size of some places in memory.</summary>
    public static DimLayout Resized(DimLayout layout, Shape stored) => layout.WithSizes(stored.ToArray());
}
