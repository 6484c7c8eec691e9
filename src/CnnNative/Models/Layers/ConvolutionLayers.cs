// Layers with weights that are products, as descriptions. Their options are those of the builder's methods.

namespace CnnNative;

/// <summary>A convolution; see <see cref="GraphBuilder.Conv2d(GraphValue, int, Size2d, Padding, Size2d?, Size2d?, int, bool,
/// Activation, Initializer?, string?)"/>.</summary>
/// <param name="filters">Output channels.</param>
/// <param name="kernel">Height and width of the filters.</param>
/// <param name="padding">What is added around the input; nothing by default.</param>
/// <param name="stride">Pixels from one window to the next; 1 by default.</param>
/// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
/// <param name="groups">Groups of channels that do not see each other.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
/// <param name="initializer">First weights; by default what suits the activation that follows.</param>
public sealed class Conv2d(
    int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null, int groups = 1,
    bool bias = true, Activation activation = default, Initializer? initializer = null) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Conv2d(x, filters, kernel, padding, stride, dilation, groups, bias, activation, initializer, Name);
    }
}

/// <summary>A convolution in which each channel is filtered by itself.</summary>
/// <param name="kernel">Height and width of the filters.</param>
/// <param name="padding">What is added around the input; nothing by default.</param>
/// <param name="stride">Pixels from one window to the next; 1 by default.</param>
/// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
/// <param name="multiplier">Filters for each channel.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
/// <param name="initializer">First weights; by default what suits the activation that follows.</param>
public sealed class DepthwiseConv2d(
    Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null, int multiplier = 1,
    bool bias = true, Activation activation = default, Initializer? initializer = null) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.DepthwiseConv2d(x, kernel, padding, stride, dilation, multiplier, bias, activation, initializer, Name);
    }
}

/// <summary>A depthwise convolution and a 1x1 convolution after it.</summary>
/// <param name="filters">Output channels.</param>
/// <param name="kernel">Height and width of the depthwise filters.</param>
/// <param name="padding">What is added around the input; nothing by default.</param>
/// <param name="stride">Pixels from one window to the next; 1 by default.</param>
/// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
/// <param name="multiplier">Depthwise filters for each channel.</param>
/// <param name="bias">Whether the 1x1 convolution has a bias.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
public sealed class SeparableConv2d(
    int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null, int multiplier = 1,
    bool bias = true, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.SeparableConv2d(x, filters, kernel, padding, stride, dilation, multiplier, bias, activation, Name);
    }
}

/// <summary>A fully connected layer.</summary>
/// <param name="features">Output features.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
/// <param name="initializer">First weights; by default what suits the activation that follows.</param>
public sealed class Linear(
    int features, bool bias = true, Activation activation = default, Initializer? initializer = null) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Linear(x, features, bias, activation, initializer, Name);
    }
}

/// <summary>A transposed convolution, which makes pictures larger.</summary>
/// <param name="filters">Output channels.</param>
/// <param name="kernel">Height and width of the filters.</param>
/// <param name="padding">What the convolution that leads back adds around its input; nothing by default.</param>
/// <param name="stride">How many times larger the picture becomes; 1 by default.</param>
/// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
/// <param name="outputPadding">Rows below and columns to the right that are added to the output.</param>
/// <param name="groups">Groups of channels that do not see each other.</param>
/// <param name="bias">Whether there is a bias.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
/// <param name="initializer">First weights; by default what suits the activation that follows.</param>
public sealed class ConvTranspose2d(
    int filters, Size2d kernel, Padding padding = default, Size2d? stride = null, Size2d? dilation = null,
    Size2d outputPadding = default, int groups = 1, bool bias = true, Activation activation = default,
    Initializer? initializer = null) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.ConvTranspose2d(
            x, filters, kernel, padding, stride, dilation, outputPadding, groups, bias, activation, initializer, Name);
    }
}
