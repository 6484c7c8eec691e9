// Normalisation: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Normalises with the statistics of the batch, which has at least two rows. Output may be the input. A channel
    /// with a NaN or an infinity becomes NaN.</summary>
    void BatchNormTrain(
        in BatchNormGeometry geometry, in NormParameters parameters, in RunningStatistics running, Tensor input, Tensor output,
        in NormStatistics saved);

    /// <summary>Normalises with given statistics. Output may be the input.</summary>
    void BatchNormInfer(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor input, Tensor output);

    /// <summary>The gradients of <see cref="BatchNormTrain"/>, from its input and its statistics. With a ReLU, outputGradient
    /// counts only where the output was positive. The input's gradient may be outputGradient.</summary>
    void BatchNormBackward(
        in BatchNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients);

    /// <summary>What <see cref="BatchNormInfer"/> comes to for each channel: input scale + offset.</summary>
    void BatchNormScaleOffset(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor scale, Tensor offset);

    /// <summary>Folds <see cref="BatchNormInfer"/> into the convolution before it. The folded tensors may be the ones they are
    /// made of.</summary>
    void BatchNormFold(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor weights, Tensor? bias,
        Tensor foldedWeights, Tensor foldedBias);

    /// <summary>Normalises group by group. Output may be the input.</summary>
    void GroupNorm(
        in GroupNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved);

    /// <summary>The gradients of <see cref="GroupNorm"/>; see <see cref="BatchNormBackward"/>.</summary>
    void GroupNormBackward(
        in GroupNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients);

    /// <summary>Normalises row by row. Output may be the input.</summary>
    void LayerNorm(
        in LayerNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved);

    /// <summary>The gradients of <see cref="LayerNorm"/>; see <see cref="BatchNormBackward"/>.</summary>
    void LayerNormBackward(
        in LayerNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients);

    /// <summary>Normalises each element by its neighbours across channels. Output may be the input.</summary>
    void LocalResponseNorm(in LocalResponseGeometry geometry, Tensor input, Tensor output);

    /// <summary>The gradient of <see cref="LocalResponseNorm"/>. It overlaps no argument.</summary>
    void LocalResponseNormBackward(in LocalResponseGeometry geometry, Tensor input, Tensor outputGradient, Tensor inputGradient);
}
