// Losses with their gradients in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public double CrossEntropy(
        in CrossEntropyOptions options, Tensor logits, Tensor labels, Tensor? classWeights, Tensor? gradient)
    {
        using TensorAccess source = logits.Access();
        using TensorAccess goals = labels.AccessBits();
        using TensorAccess weights = AccessOrNone(classWeights);
        using TensorAccess target = AccessOrNone(gradient);
        return ManagedCrossEntropy.Run(
            in options, logits.Shape[^1], source.Values, goals.Integers(), weights.Values, target.Values);
    }

    public double SoftCrossEntropy(
        in CrossEntropyOptions options, Tensor logits, Tensor softLabels, Tensor? classWeights, Tensor? gradient)
    {
        using TensorAccess source = logits.Access();
        using TensorAccess goals = softLabels.Access();
        using TensorAccess weights = AccessOrNone(classWeights);
        using TensorAccess target = AccessOrNone(gradient);
        return ManagedCrossEntropy.RunSoft(
            in options, logits.Shape[^1], source.Values, goals.Values, weights.Values, target.Values);
    }

    public double Loss(in LossFunction loss, Tensor prediction, Tensor target, Tensor? positiveWeights, Tensor? gradient)
    {
        using TensorAccess source = prediction.Access();
        using TensorAccess goals = target.Access();
        using TensorAccess weights = AccessOrNone(positiveWeights);
        using TensorAccess slopes = AccessOrNone(gradient);
        return ManagedLoss.Run(in loss, source.Values, goals.Values, weights.Values, slopes.Values);
    }

    /// <summary>An access without elements for a tensor that is not there.</summary>
    private static TensorAccess AccessOrNone(Tensor? tensor) => tensor is null ? default : tensor.Access();
}
