// Convolutions and fully connected layers: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Convolution, bias and activation. Weights are output channels x height x width x input channels of a group.</summary>
    void Conv2d(in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);

    /// <summary>input (rows x input features) times transposed weights (output features x input features).</summary>
    void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);
}
