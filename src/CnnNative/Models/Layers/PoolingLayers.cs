// Layers that reduce pictures, as descriptions.

namespace CnnNative;

/// <summary>Max pooling: the largest element of each window.</summary>
/// <param name="window">Height and width of the window.</param>
/// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
/// <param name="padding">What is added around the input, which never wins; nothing by default.</param>
/// <param name="ceilMode">Whether a last window may hang over the bottom and right.</param>
public sealed class MaxPool2d(Size2d window, Size2d? stride = null, Padding padding = default, bool ceilMode = false) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.MaxPool2d(x, window, stride, padding, ceilMode, Name);
    }
}

/// <summary>Average pooling: the mean of each window.</summary>
/// <param name="window">Height and width of the window.</param>
/// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
/// <param name="padding">What is added around the input; nothing by default.</param>
/// <param name="ceilMode">Whether a last window may hang over the bottom and right.</param>
/// <param name="countIncludePad">Whether padded elements count as zeros, as in PyTorch; by default the mean is over what lies
/// inside. </param>
public sealed class AvgPool2d(
    Size2d window, Size2d? stride = null, Padding padding = default, bool ceilMode = false, bool countIncludePad = false) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.AvgPool2d(x, window, stride, padding, ceilMode, countIncludePad, Name);
    }
}

/// <summary>The mean over all pixels of each channel, as a row.</summary>
/// <param name="keepDimensions">Whether the result is 1 x 1 x channels instead of a row.</param>
public sealed class GlobalAvgPool(bool keepDimensions = false) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.GlobalAvgPool(x, keepDimensions, Name);
    }
}

/// <summary>The largest element of each channel, as a row.</summary>
/// <param name="keepDimensions">Whether the result is 1 x 1 x channels instead of a row.</param>
public sealed class GlobalMaxPool(bool keepDimensions = false) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.GlobalMaxPool(x, keepDimensions, Name);
    }
}

/// <summary>Average pooling to a given size, whatever the size of the picture.</summary>
/// <param name="size">Height and width of the output.</param>
public sealed class AdaptiveAvgPool(Size2d size) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.AdaptiveAvgPool(x, size, Name);
    }
}

/// <summary>Max pooling to a given size, whatever the size of the picture.</summary>
/// <param name="size">Height and width of the output.</param>
public sealed class AdaptiveMaxPool(Size2d size) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.AdaptiveMaxPool(x, size, Name);
    }
}
