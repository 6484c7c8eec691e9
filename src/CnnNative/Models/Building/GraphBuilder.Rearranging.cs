// Layers that arrange the elements of a sample anew, or change the size of pictures without weights.

using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Lays all dimensions of a sample in a row: height x width x channels, in this order.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="name">The name in the current scope; null for the next of flatten1, flatten2 ...</param>
    /// <returns>A row.</returns>
    public GraphValue Flatten(GraphValue x, string? name = null) => Node("flatten", name, ReshapeOperator.Flatten, x);

    /// <summary>Gives the elements of each sample another shape.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="sizes">The shape of a sample, without the batch; one size may be -1, which takes the rest.</param>
    /// <exception cref="ShapeException">The elements do not fit into that shape.</exception>
    public GraphValue Reshape(GraphValue x, params ReadOnlySpan<int> sizes) => Reshape(x, null, sizes);

    /// <summary>Adds zeros around pictures.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="padding">Rows and columns on each side; explicit, not SAME.</param>
    /// <param name="name">The name in the current scope; null for the next of pad1, pad2 ...</param>
    /// <returns>The larger picture.</returns>
    /// <exception cref="ShapeException">The input is no picture.</exception>
    /// <exception cref="ArgumentException">The padding is SAME, which only windows have.</exception>
    public GraphValue ZeroPad(GraphValue x, Padding padding, string? name = null) => padding.Kind == PaddingKind.Explicit
        ? Node("pad", name, new PadOperator([0, padding.Top, padding.Left, 0], [0, padding.Bottom, padding.Right, 0]), x)
        : throw new ArgumentException($"ZeroPad: the padding is {padding}, expected amounts for each side.", nameof(padding));

    /// <summary>Adds channels of zeros behind the others.</summary>
    /// <param name="x">Dimensions of pixels, and channels innermost.</param>
    /// <param name="count">How many.</param>
    /// <param name="name">The name in the current scope; null for the next of pad1, pad2 ...</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public GraphValue PadChannels(GraphValue x, int count, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] before = new int[Spec(x).Shape.Rank], after = new int[before.Length];
        after[^1] = count;
        return Node("pad", name, new PadOperator(before, after), x);
    }

    /// <summary>Makes pictures larger.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="factor">How many times higher and wider.</param>
    /// <param name="mode">How new pixels are made; pixels are taken for squares whose centres are compared, as PyTorch does with
    /// align_corners=False and Keras.</param>
    /// <param name="name">The name in the current scope; null for the next of up1, up2 ...</param>
    /// <returns>(Height * factor) x (width * factor) x channels.</returns>
    /// <exception cref="ShapeException">The input is no picture, or a factor is below 1.</exception>
    public GraphValue Upsample(GraphValue x, Size2d factor, ResizeMode mode = ResizeMode.Nearest, string? name = null)
    {
        Check(nameof(Upsample), name, "the factor's height", factor.Height);
        Check(nameof(Upsample), name, "the factor's width", factor.Width);
        return Node("up", name, new ResizeOperator(ResizeAttributes.By(factor.Height, factor.Width, new ResizeFilter(mode))), x);
    }

    /// <summary>Splits along the channels.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="sizes">The channels of each part; together all of them.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="ShapeException">The sizes are not those of the channels together.</exception>
    public IReadOnlyList<GraphValue> Split(GraphValue x, params ReadOnlySpan<int> sizes) =>
        AddNode("split", null, new SplitOperator(sizes.ToArray()), [x], []).Outputs;

    /// <summary>Exchanges the dimensions of each sample.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="order">For each dimension of the result the one of x that it was; 0 is the first behind the batch.</param>
    /// <exception cref="ShapeException">The order does not name each dimension once.</exception>
    public GraphValue Transpose(GraphValue x, params ReadOnlySpan<int> order)
    {
        int[] axes = new int[order.Length + 1];
        for (int i = 0; i < order.Length; i++)
        {
            axes[i + 1] = order[i] + 1;
        }

        return Node("transpose", null, new TransposeOperator(axes), x);
    }

    internal GraphValue Reshape(GraphValue x, string? name, ReadOnlySpan<int> sizes) =>
        Node("reshape", name, new ReshapeOperator([0, .. sizes]), x);
}
