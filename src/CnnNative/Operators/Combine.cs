// Operators that put tensors together: element-wise addition, concatenation, and flattening for the layers that follow.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>activation(left + right), element by element; the sum of a residual block.</summary>
    /// <param name="left">A tensor.</param>
    /// <param name="right">A tensor of the same shape.</param>
    /// <param name="activation">Applied to each sum; none by default.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor Add(Tensor left, Tensor right, Activation activation = default, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Shape != right.Shape)
        {
            throw new ShapeException($"Add: left is {left.Shape}, right is {right.Shape}; expected the same shape.");
        }

        return Produce(left.Shape, context, (kernels, output) => kernels.Add(left, right, activation, output));
    }

    /// <summary>Lays tensors side by side along their innermost dimension, the channels.</summary>
    /// <param name="inputs">At least one tensor; all dimensions but the last are the same.</param>
    /// <returns>A tensor with the channels of all inputs; the caller disposes it.</returns>
    /// <exception cref="ShapeException">There is no input, or the dimensions before the last differ.</exception>
    public static Tensor Concat(params ReadOnlySpan<Tensor> inputs) => Concat(inputs, axis: -1, context: null);

    /// <summary>Lays tensors side by side along a dimension.</summary>
    /// <param name="inputs">At least one tensor; all dimensions but <paramref name="axis"/> are the same.</param>
    /// <param name="axis">The dimension; negative values count from the back, -1 is the channels.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor whose dimension <paramref name="axis"/> is the sum of those of the inputs; the caller disposes it.</returns>
    /// <exception cref="ShapeException">There is no input, the axis does not exist, or other dimensions differ.</exception>
    public static Tensor Concat(ReadOnlySpan<Tensor> inputs, int axis, ComputeContext? context = null)
    {
        Shape[] shapes = new Shape[inputs.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = inputs[i].Shape;
        }

        Shape shape = ConcatOperator.OutputShape(shapes, ref axis);
        IKernels kernels = (context ?? ComputeContext.Default).Kernels;
        Tensor output = Tensor.Uninitialized(shape);
        try
        {
            int start = 0;
            foreach (Tensor input in inputs)
            {
                if (input.ElementCount > 0)
                {
                    RowCopy copy = RowCopy.Into(input.Shape, shape, axis, start);
                    kernels.CopyRows(in copy, input, output);
                }

                start += input.Shape[axis];
            }

            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the batch and lays height, width and channels in a row, in this order.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <returns>Batch x everything else. It shares the memory of the input; the caller disposes it.</returns>
    public static Tensor Flatten(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Flatten();
    }
}
