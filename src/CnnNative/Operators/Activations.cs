// Activations and softmax as functions of a tensor.

using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>Applies an activation to each element.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="activation">The activation, such as <see cref="Activation.Relu"/>.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The activation is not one of <see cref="ActivationKind"/>.</exception>
    public static Tensor Activate(Tensor input, Activation activation, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!Enum.IsDefined(activation.Kind))
        {
            throw new ArgumentException($"Activate: kind is {activation.Kind}, expected a value of ActivationKind.", nameof(activation));
        }

        return Produce(input.Shape, context, (kernels, output) => kernels.Activate(activation, input, output));
    }

    /// <summary>max(0, x) for each element.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor Relu(Tensor input, ComputeContext? context = null) => Activate(input, Activation.Relu, context);

    /// <summary>x for x &gt;= 0, else slope times x, for each element.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="slope">The slope of the negative side.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor LeakyRelu(Tensor input, float slope = 0.01f, ComputeContext? context = null) =>
        Activate(input, Activation.LeakyRelu(slope), context);

    /// <summary>The hyperbolic tangent of each element.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor Tanh(Tensor input, ComputeContext? context = null) => Activate(input, Activation.Tanh, context);

    /// <summary>1 / (1 + exp(-x)) for each element.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor Sigmoid(Tensor input, ComputeContext? context = null) => Activate(input, Activation.Sigmoid, context);

    /// <summary>Softmax over the innermost dimension: positive numbers that sum to 1 over the channels.</summary>
    /// <param name="input">A tensor of any shape; logits.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor Softmax(Tensor input, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Shape.Rank > 0
            ? Produce(input.Shape, context, (kernels, output) => kernels.Softmax(input, output))
            : throw new ShapeException("Softmax: input is a scalar, expected at least one dimension.");
    }

    /// <summary>The logarithm of softmax over the innermost dimension, without the loss of precision of taking it
    /// afterwards.</summary>
    /// <param name="input">A tensor of any shape; logits.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    public static Tensor LogSoftmax(Tensor input, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(SoftmaxOperator.LogSoftmax, context, input);
    }

    /// <summary>x for x &gt;= 0, else the slope of its channel times x; He et al. 2015.</summary>
    /// <param name="input">A tensor of any shape; channels are innermost.</param>
    /// <param name="slopes">A slope for each channel, or one for all.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">There is another number of slopes.</exception>
    public static Tensor PRelu(Tensor input, Tensor slopes, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(slopes);
        return Run(PReluOperator.Instance, context, input, slopes);
    }
}
