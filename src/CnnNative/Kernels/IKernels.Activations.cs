// Activations and softmax: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Applies the activation to each element.</summary>
    void Activate(Activation activation, Tensor input, Tensor output);

    /// <summary>Softmax over the innermost dimension.</summary>
    void Softmax(Tensor input, Tensor output);
}
