// Pooling: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

/// <remarks>Positions of maxima are int32 values in the bits of a tensor's elements: row times input width plus column, inside
/// the plane of their image and channel, or -1 for a window that holds no element. Results overlap no argument.</remarks>
internal partial interface IKernels
{
    /// <summary>The largest element of each window.</summary>
    void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The largest element of each window and its position: of equal ones the first, of NaN the first before all.
    /// </summary>
    void MaxPool2dIndexed(in Pool2dGeometry geometry, Tensor input, Tensor output, Tensor positions);

    /// <summary>Adds up each element of outputGradient where its maximum was. With positions the input is not read and may be
    /// null; without, the maxima are found again in the input.</summary>
    void MaxPool2dBackward(
        in Pool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient);

    /// <summary>The mean of each window.</summary>
    void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>Each element of the input gets the sum, over the windows that hold it, of outputGradient divided by the elements
    /// that the window counts.</summary>
    void AveragePool2dBackward(in Pool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient);

    /// <summary>The mean over all pixels: batch x height x width x channels to batch x 1 x 1 x channels.</summary>
    void GlobalAveragePool(Tensor input, Tensor output);

    /// <summary>outputGradient divided by the pixels, for each pixel.</summary>
    void GlobalAveragePoolBackward(Tensor outputGradient, Tensor inputGradient);

    /// <summary>The largest element of each window of an adaptive pooling, and its position where it is wanted.</summary>
    void AdaptiveMaxPool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output, Tensor? positions);

    /// <summary>The gradient of <see cref="AdaptiveMaxPool2d"/>; see <see cref="MaxPool2dBackward"/>.</summary>
    void AdaptiveMaxPool2dBackward(
        in AdaptivePool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient);

    /// <summary>The mean of each window of an adaptive pooling.</summary>
    void AdaptiveAveragePool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output);

    /// <summary>The gradient of <see cref="AdaptiveAveragePool2d"/>; see <see cref="AveragePool2dBackward"/>.</summary>
    void AdaptiveAveragePool2dBackward(in AdaptivePool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient);
}
