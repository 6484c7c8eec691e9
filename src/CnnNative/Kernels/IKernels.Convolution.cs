// Convolutions and fully connected layers: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Prepares a convolution.</summary>
    IConv2dPlan PrepareConv2d(in Conv2dGeometry geometry, Activation activation = default, in Conv2dOptions options = default);

    /// <summary>Prepares the transposed convolution of <paramref name="geometry"/>, which maps a tensor of its output's shape to
    /// one of its input's shape. This is the gradient of a convolution by its input, for which the plan packs the same weights
    /// without a bias, and where the residual adds to a gradient that is there; and it is the layer that is called transposed
    /// convolution, for which the geometry is that of the convolution that would lead back.</summary>
    IConv2dPlan PrepareConv2dTranspose(
        in Conv2dGeometry geometry, Activation activation = default, in Conv2dOptions options = default);

    /// <summary>Convolution, bias and activation, once. Weights are output channels x height x width x input channels of a
    /// group.</summary>
    void Conv2d(in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);

    /// <summary>input (rows x input features) times transposed weights (output features x input features), once. To prepare
    /// it, or for its gradients, see <see cref="Conv2dGeometry.Linear"/>.</summary>
    void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output);
}
