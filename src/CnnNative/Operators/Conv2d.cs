// Two-dimensional convolution: its call on tensors. What every framework calls convolution is
// cross-correlation: the filter is not mirrored.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>Convolves a batch of pictures with filters: each output channel is the sum, over the taps and input channels
    /// of its filter, of weight times input, plus a bias.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="weights">Output channels x kernel height x kernel width x (channels / groups).</param>
    /// <param name="bias">One value for each output channel; null for none.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1, which is none left out, by default.</param>
    /// <param name="groups">Groups of channels that do not see each other; as many as channels makes a depthwise convolution.</param>
    /// <param name="activation">Applied to each output; none by default.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x output height x output width x output channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Tensor Conv2d(
        Tensor input,
        Tensor weights,
        Tensor? bias = null,
        Size2d? stride = null,
        Padding padding = default,
        Size2d? dilation = null,
        int groups = 1,
        Activation activation = default,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        Conv2dAttributes attributes = new(stride ?? 1, dilation ?? 1, padding, groups, activation);
        Conv2dGeometry geometry = Conv2dOperator.Resolve(input.Shape, weights.Shape, bias?.Shape, in attributes);
        return Produce(
            Conv2dOperator.OutputShape(in geometry),
            context,
            (kernels, output) => kernels.Conv2d(in geometry, input, weights, bias, activation, output));
    }

    /// <summary>Filters each channel of a batch of pictures with one kernel, as image processing does.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="kernel">The kernel, such as <see cref="Kernels2d.Laplacian"/>.</param>
    /// <param name="stride">Pixels from one window to the next; 1 by default.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="dilation">Pixels between the taps of the kernel; 1 by default.</param>
    /// <param name="activation">Applied to each output; none by default.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x output height x output width x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Tensor Conv2d(
        Tensor input,
        Kernel2d kernel,
        Size2d? stride = null,
        Padding padding = default,
        Size2d? dilation = null,
        Activation activation = default,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(kernel);
        int channels = input.Shape[^1];
        using Tensor weights = kernel.ToWeights(channels);
        return Conv2d(input, weights, null, stride, padding, dilation, groups: channels, activation, context);
    }
}
