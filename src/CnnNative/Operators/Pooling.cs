// Pooling of tensors: largest and mean over windows, to a given size, and over the whole picture.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>The largest element of each window, channel by channel. Padding never wins; a NaN does.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="dilation">Pixels between the elements of a window; 1 by default.</param>
    /// <param name="ceilMode">Whether a last window may hang over the bottom and right.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x output height x output width x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shape or options do not fit together.</exception>
    public static Tensor MaxPool2d(
        Tensor input,
        Size2d window,
        Size2d? stride = null,
        Padding padding = default,
        Size2d? dilation = null,
        bool ceilMode = false,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Pool2dAttributes attributes = new(window, stride ?? window, dilation ?? 1, padding, ceilMode, CountIncludePad: false);
        Pool2dGeometry geometry = Pool2dRule.Resolve("MaxPool2d", input.Shape, in attributes);
        return Produce(
            Pool2dRule.OutputShape(in geometry), context, (kernels, output) => kernels.MaxPool2d(in geometry, input, output));
    }

    /// <summary>The mean of each window, channel by channel.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Pixels from one window to the next; the window's size by default.</param>
    /// <param name="padding">What is added around the input; nothing by default.</param>
    /// <param name="dilation">Pixels between the elements of a window; 1 by default.</param>
    /// <param name="ceilMode">Whether a last window may hang over the bottom and right; what hangs over is not counted.</param>
    /// <param name="countIncludePad">Whether padded elements count as zeros; by default the mean is over what lies inside.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x output height x output width x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shape or options do not fit together.</exception>
    public static Tensor AveragePool2d(
        Tensor input,
        Size2d window,
        Size2d? stride = null,
        Padding padding = default,
        Size2d? dilation = null,
        bool ceilMode = false,
        bool countIncludePad = false,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Pool2dAttributes attributes = new(window, stride ?? window, dilation ?? 1, padding, ceilMode, countIncludePad);
        Pool2dGeometry geometry = Pool2dRule.Resolve("AveragePool2d", input.Shape, in attributes);
        return Produce(
            Pool2dRule.OutputShape(in geometry), context, (kernels, output) => kernels.AveragePool2d(in geometry, input, output));
    }

    /// <summary>The mean over all pixels of each picture and channel.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x 1 x 1 x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not have four dimensions.</exception>
    public static Tensor GlobalAveragePool(Tensor input, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        Shape shape = WindowRule.For("GlobalAveragePool", input.Shape).Input;
        return Produce((shape[0], 1, 1, shape[^1]), context, (kernels, output) => kernels.GlobalAveragePool(input, output));
    }

    /// <summary>The largest element of each picture and channel.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x 1 x 1 x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not have four dimensions.</exception>
    public static Tensor GlobalMaxPool(Tensor input, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(AdaptiveMaxPool2dOperator.Global, context, input);
    }

    /// <summary>The mean of windows that cover the picture evenly, as many as asked for. On each axis window o goes from
    /// floor(o input / size) up to, but without, ceil((o + 1) input / size), as in PyTorch.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="size">Height and width of the result; it may be larger than the input.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x size x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not have four dimensions, or a size is not positive.</exception>
    public static Tensor AdaptiveAveragePool2d(Tensor input, Size2d size, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new AdaptiveAveragePool2dOperator(size), context, input);
    }

    /// <summary>The largest element of windows that cover the picture evenly; see <see cref="AdaptiveAveragePool2d"/>.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="size">Height and width of the result; it may be larger than the input.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x size x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not have four dimensions, or a size is not positive.</exception>
    public static Tensor AdaptiveMaxPool2d(Tensor input, Size2d size, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new AdaptiveMaxPool2dOperator(size), context, input);
    }
}
