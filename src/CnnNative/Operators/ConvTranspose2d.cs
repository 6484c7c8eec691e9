// Transposed convolution and the product of matrices: their calls on tensors.

using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>A transposed convolution, which makes pictures larger: each input pixel adds its filter, times its value, to the
    /// output. It is the gradient of the convolution that leads back, by that one's input.</summary>
    /// <param name="input">Batch x height x width x channels.</param>
    /// <param name="weights">Those of the convolution that leads back: input channels x kernel height x kernel width x (output
    /// channels / groups).</param>
    /// <param name="bias">One value for each output channel; null for none.</param>
    /// <param name="stride">Pixels of the output from one input pixel to the next; 1 by default.</param>
    /// <param name="padding">Pixels of the output that are cut off on each side; nothing by default. With
    /// <see cref="Padding.Same"/> the output is stride times as large as the input.</param>
    /// <param name="dilation">Pixels between the taps of a filter; 1 by default.</param>
    /// <param name="outputPadding">Rows below and columns to the right that are added to the output, less than the stride; 0 by
    /// default.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="activation">Applied to each output; none by default.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Batch x output height x output width x output channels, where an output size is (input - 1) stride - padding +
    /// dilation (kernel - 1) + 1 + output padding; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Tensor ConvTranspose2d(
        Tensor input,
        Tensor weights,
        Tensor? bias = null,
        Size2d? stride = null,
        Padding padding = default,
        Size2d? dilation = null,
        Size2d? outputPadding = null,
        int groups = 1,
        Activation activation = default,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        ConvTranspose2dAttributes attributes = new(
            stride ?? 1, dilation ?? 1, padding, outputPadding ?? 0, groups, activation);
        return Run(new ConvTranspose2dOperator(attributes), context, input, weights, bias);
    }

    /// <summary>The product of two matrices, or of batches of matrices: the two innermost dimensions are rows and columns, the
    /// dimensions before them are the same on both sides or missing on one.</summary>
    /// <param name="left">Rows x depth; depth x rows where it is transposed.</param>
    /// <param name="right">Depth x columns; columns x depth where it is transposed.</param>
    /// <param name="transposeLeft">Whether the left matrices are read as their transposes.</param>
    /// <param name="transposeRight">Whether the right matrices are.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>Rows x columns, behind the dimensions of the batch; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor MatMul(
        Tensor left, Tensor right, bool transposeLeft = false, bool transposeRight = false, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return Run(new MatMulOperator(transposeLeft, transposeRight), context, left, right);
    }
}
