// Pooling: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>The largest element of each window.</summary>
    void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The mean of each window.</summary>
    void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The mean over all pixels: batch x height x width x channels to batch x 1 x 1 x channels.</summary>
    void GlobalAveragePool(Tensor input, Tensor output);
}
