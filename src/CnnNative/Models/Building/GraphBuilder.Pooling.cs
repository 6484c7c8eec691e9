// Layers that reduce pictures, and those that only arrange elements anew.

using CnnNative.Operators;

namespace CnnNative;

public sealed partial class GraphBuilder
{
    /// <summary>Adds max pooling: the largest element of each window, channel by channel.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
    /// <param name="padding">What is added around the input, which never wins; nothing by default.</param>
    /// <param name="ceilMode">Whether a last window may hang over the bottom and right.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>Output height x output width x channels.</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue MaxPool2d(
        GraphValue x, Size2d window, Size2d? stride = null, Padding padding = default, bool ceilMode = false, string? name = null) =>
        Node("pool", name, new MaxPool2dOperator(new Pool2dAttributes(window, stride ?? window, 1, padding, ceilMode, false)), x);

    /// <summary>Lays all dimensions of a sample in a row: height x width x channels, in this order.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="name">The name in the current scope; null for the next of flatten1, flatten2 ...</param>
    /// <returns>A row.</returns>
    public GraphValue Flatten(GraphValue x, string? name = null) => Node("flatten", name, ReshapeOperator.Flatten, x);

    /// <summary>Gives the elements of each sample another shape.</summary>
    /// <param name="x">A value of any shape.</param>
    /// <param name="sizes">The shape of a sample, without the batch; one size may be -1, which takes the rest.</param>
    /// <exception cref="ShapeException">The elements do not fit into that shape.</exception>
    public GraphValue Reshape(GraphValue x, params ReadOnlySpan<int> sizes) => Node("reshape", null, new ReshapeOperator([0, .. sizes]), x);
}
