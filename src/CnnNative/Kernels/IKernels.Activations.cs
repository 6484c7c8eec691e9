// Activations and softmax: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Applies the activation to each element.</summary>
    void Activate(Activation activation, Tensor input, Tensor output);

    /// <summary>Softmax over the innermost dimension.</summary>
    void Softmax(Tensor input, Tensor output);

    /// <summary>inputGradient = outputGradient times the derivative at input, or is increased by it. It may be outputGradient.
    /// Where a derivative jumps the value is PyTorch's.</summary>
    void ActivateBackward(Activation activation, Tensor input, Tensor outputGradient, bool accumulate, Tensor inputGradient);

    /// <summary>x for x &gt;= 0, else the slope of its channel (innermost dimension) times x. Output may be the input.</summary>
    void PRelu(Tensor input, Tensor slopes, Tensor output);

    /// <summary>Both gradients of PReLU, written or added. inputGradient may be outputGradient.</summary>
    void PReluBackward(
        Tensor input, Tensor slopes, Tensor outputGradient, bool accumulate, Tensor inputGradient, Tensor slopeGradient);

    /// <summary>The logarithm of softmax over the innermost dimension. Output may be the input.</summary>
    void LogSoftmax(Tensor input, Tensor output);

    /// <summary>The gradient of softmax, from its output. inputGradient may be either of the others.</summary>
    void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient);

    /// <summary>The gradient of log-softmax, from its output. inputGradient may be either of the others.</summary>
    void LogSoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient);
}
