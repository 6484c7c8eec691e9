// Normalisation in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void BatchNormTrain(
        in BatchNormGeometry geometry, in NormParameters parameters, in RunningStatistics running, Tensor input, Tensor output,
        in NormStatistics saved) =>
        Normalize(geometry, in parameters, in running, geometry.Momentum, input, output, in saved);

    public void BatchNormInfer(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor input, Tensor output)
    {
        using TensorAccess gamma = Open(parameters.Gamma);
        using TensorAccess beta = Open(parameters.Beta);
        using TensorAccess center = mean.Access();
        using TensorAccess spread = variance.Access();
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedBatchNorm.Infer(
            in geometry, gamma.Values, beta.Values, center.Values, spread.Values, source.Values, target.Values);
    }

    public void BatchNormBackward(
        in BatchNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients) =>
        NormalizeBackward(geometry, in parameters, in saved, input, outputGradient, in gradients);

    public void BatchNormScaleOffset(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor scale, Tensor offset)
    {
        using TensorAccess gamma = Open(parameters.Gamma);
        using TensorAccess beta = Open(parameters.Beta);
        using TensorAccess center = mean.Access();
        using TensorAccess spread = variance.Access();
        using TensorAccess factors = scale.Access();
        using TensorAccess offsets = offset.Access();
        ManagedBatchNorm.ScaleOffset(
            in geometry, gamma.Values, beta.Values, center.Values, spread.Values, factors.Values, offsets.Values);
    }

    public void BatchNormFold(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor weights, Tensor? bias,
        Tensor foldedWeights, Tensor foldedBias)
    {
        using TensorAccess gamma = Open(parameters.Gamma);
        using TensorAccess beta = Open(parameters.Beta);
        using TensorAccess center = mean.Access();
        using TensorAccess spread = variance.Access();
        using TensorAccess filters = weights.Access();
        using TensorAccess shifts = Open(bias);
        using TensorAccess targetFilters = foldedWeights.Access();
        using TensorAccess targetShifts = foldedBias.Access();
        ManagedBatchNorm.Fold(
            in geometry, gamma.Values, beta.Values, center.Values, spread.Values, filters.Values, shifts.Values,
            targetFilters.Values, targetShifts.Values);
    }

    public void GroupNorm(
        in GroupNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved) =>
        Normalize(geometry, in parameters, default, momentum: 0, input, output, in saved);

    public void GroupNormBackward(
        in GroupNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients) =>
        NormalizeBackward(geometry, in parameters, in saved, input, outputGradient, in gradients);

    public void LayerNorm(
        in LayerNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved) =>
        Normalize(geometry, in parameters, default, momentum: 0, input, output, in saved);

    public void LayerNormBackward(
        in LayerNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients) =>
        NormalizeBackward(geometry, in parameters, in saved, input, outputGradient, in gradients);

    public void LocalResponseNorm(in LocalResponseGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedLocalResponse.Run(in geometry, source.Values, target.Values);
    }

    public void LocalResponseNormBackward(
        in LocalResponseGeometry geometry, Tensor input, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess source = input.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedLocalResponse.Backward(in geometry, source.Values, upstream.Values, target.Values);
    }

    private static void Normalize(
        in NormShape shape, in NormParameters parameters, in RunningStatistics running, float momentum, Tensor input,
        Tensor output, in NormStatistics saved)
    {
        using TensorAccess gamma = Open(parameters.Gamma);
        using TensorAccess beta = Open(parameters.Beta);
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        using TensorAccess mean = saved.Mean.Access();
        using TensorAccess inverse = saved.Inverse.Access();
        using TensorAccess runningMean = Open(running.Mean);
        using TensorAccess runningVariance = Open(running.Variance);
        ManagedNormalization.Run(
            in shape, gamma.Values, beta.Values, source.Values, target.Values,
            new NormResults(mean.Values, inverse.Values, runningMean.Values, runningVariance.Values, momentum));
    }

    private static void NormalizeBackward(
        in NormShape shape, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients)
    {
        using TensorAccess gamma = Open(parameters.Gamma);
        using TensorAccess beta = Open(parameters.Beta);
        using TensorAccess mean = saved.Mean.Access();
        using TensorAccess inverse = saved.Inverse.Access();
        using TensorAccess source = input.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess inputGradient = Open(gradients.Input);
        using TensorAccess gammaGradient = Open(gradients.Gamma);
        using TensorAccess betaGradient = Open(gradients.Beta);
        ManagedNormalizationGradient.Run(
            in shape,
            new NormArguments(gamma.Values, beta.Values, mean.Values, inverse.Values, source.Values, upstream.Values),
            inputGradient.Values, gammaGradient.Values, betaGradient.Values);
    }
}
