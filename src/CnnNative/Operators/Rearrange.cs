// Operators that move elements: padding, another order of dimensions, another size of pictures.

using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>Makes pictures of another size, as ONNX defines it.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="size">Height and width of the result.</param>
    /// <param name="filter">How pixels are weighed; <see cref="ResizeFilter.Bilinear"/> is the usual one for pictures, and
    /// <see cref="ResizeFilter.NearestPixel"/> for feature maps.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x size x channels; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The input does not have four dimensions, or a size is not positive.</exception>
    public static Tensor Resize(Tensor input, Size2d size, ResizeFilter filter, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new ResizeOperator(ResizeAttributes.To(size, filter)), context, input);
    }

    /// <summary>Adds elements before and after each dimension, or cuts some off where a number is negative.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="before">For each dimension how many are added before its first element.</param>
    /// <param name="after">For each dimension how many are added after its last element.</param>
    /// <param name="mode">What is added.</param>
    /// <param name="value">The value that <see cref="PadMode.Constant"/> adds.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor whose sizes are before + size + after; the caller disposes it.</returns>
    /// <exception cref="ShapeException">There is not an amount for each dimension, or nothing would be left of one.</exception>
    public static Tensor Pad(
        Tensor input, ReadOnlySpan<int> before, ReadOnlySpan<int> after, PadMode mode = PadMode.Constant, float value = 0f,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new PadOperator(before.ToArray(), after.ToArray(), mode, value), context, input);
    }

    /// <summary>Another order of the dimensions: dimension i of the result is dimension <paramref name="axes"/>[i] of the input.
    /// Pictures with channels before pixels become ours by 0, 2, 3, 1.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="axes">Each dimension of the input once; negative ones count from the back.</param>
    /// <returns>The same elements in another order; the caller disposes it.</returns>
    /// <exception cref="ShapeException">A dimension is missing, or there twice.</exception>
    public static Tensor Transpose(Tensor input, params ReadOnlySpan<int> axes) => Transpose(input, axes, context: null);

    /// <summary>Another order of the dimensions, computed by a context.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="axes">Each dimension of the input once; negative ones count from the back.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>The same elements in another order; the caller disposes it.</returns>
    /// <exception cref="ShapeException">A dimension is missing, or there twice.</exception>
    public static Tensor Transpose(Tensor input, ReadOnlySpan<int> axes, ComputeContext? context)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new TransposeOperator(axes.ToArray()), context, input);
    }
}
