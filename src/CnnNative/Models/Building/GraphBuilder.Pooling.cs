// Layers that reduce pictures.

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
        GraphValue x, Size2d window, Size2d? stride = null, Padding padding = default, bool ceilMode = false,
        string? name = null) =>
        Node("pool", name, new MaxPool2dOperator(new Pool2dAttributes(window, stride ?? window, 1, padding, ceilMode, false)), x);

    /// <summary>Adds average pooling: the mean of each window, channel by channel.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="ceilMode">Whether a last window may hang over the bottom and right; what hangs over is not counted.</param>
    /// <param name="countIncludePad">Whether padded elements count as zeros; by default the mean is over what lies inside, as in
    /// Keras; PyTorch counts them.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>Output height x output width x channels.</returns>
    /// <exception cref="ShapeException">The input or options do not fit.</exception>
    public GraphValue AvgPool2d(
        GraphValue x, Size2d window, Size2d? stride = null, Padding padding = default, bool ceilMode = false,
        bool countIncludePad = false, string? name = null) => Node(
            "pool", name,
            new AveragePool2dOperator(new Pool2dAttributes(window, stride ?? window, 1, padding, ceilMode, countIncludePad)), x);

    /// <summary>Adds the mean over all pixels of each channel.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="keepDimensions">Whether the result is 1 x 1 x channels instead of a row, as a picture of one pixel.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>A row of channels, ready for a fully connected layer.</returns>
    /// <exception cref="ShapeException">The input is no picture.</exception>
    public GraphValue GlobalAvgPool(GraphValue x, bool keepDimensions = false, string? name = null)
    {
        GraphValue mean = Node("pool", name, GlobalAveragePoolOperator.Instance, x);
        return keepDimensions ? mean : Flatten(mean);
    }

    /// <summary>Adds the largest element of each channel.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="keepDimensions">Whether the result is 1 x 1 x channels instead of a row, as a picture of one pixel.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>A row of channels, ready for a fully connected layer.</returns>
    /// <exception cref="ShapeException">The input is no picture.</exception>
    public GraphValue GlobalMaxPool(GraphValue x, bool keepDimensions = false, string? name = null)
    {
        GraphValue largest = Node("pool", name, AdaptiveMaxPool2dOperator.Global, x);
        return keepDimensions ? largest : Flatten(largest);
    }

    /// <summary>Adds average pooling to a given size: windows that cover the picture evenly, whatever its size.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="size">Height and width of the output.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>The height and width of size x channels.</returns>
    /// <exception cref="ShapeException">The input is no picture, or the size is not positive.</exception>
    public GraphValue AdaptiveAvgPool(GraphValue x, Size2d size, string? name = null) =>
        Node("pool", name, new AdaptiveAveragePool2dOperator(size), x);

    /// <summary>Adds max pooling to a given size: windows that cover the picture evenly, whatever its size.</summary>
    /// <param name="x">Height x width x channels.</param>
    /// <param name="size">Height and width of the output.</param>
    /// <param name="name">The name in the current scope; null for the next of pool1, pool2 ...</param>
    /// <returns>The height and width of size x channels.</returns>
    /// <exception cref="ShapeException">The input is no picture, or the size is not positive.</exception>
    public GraphValue AdaptiveMaxPool(GraphValue x, Size2d size, string? name = null) =>
        Node("pool", name, new AdaptiveMaxPool2dOperator(size), x);
}
