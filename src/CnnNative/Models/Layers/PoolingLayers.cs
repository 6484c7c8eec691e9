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
