// Element-wise arithmetic: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>activation(left + right), element by element.</summary>
    void Add(Tensor left, Tensor right, Activation activation, Tensor output);
}
