// Losses with their gradients: what a training loop may ask of a set of kernels.
// Value and gradient come from one pass, because they share the expensive part; the gradient is by the prediction.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Softmax and cross-entropy of rows of logits (innermost dimension: classes) against one label for each
    /// row.</summary>
    /// <param name="options">Reduction, smoothing, and the label that is ignored.</param>
    /// <param name="logits">Rows x classes.</param>
    /// <param name="labels">Integers, see <see cref="IntegerElements"/>: a class for each row, or the ignored label.</param>
    /// <param name="classWeights">A weight for each class; null for ones.</param>
    /// <param name="gradient">Receives the gradient by the logits, which it may be; null where it is not wanted.</param>
    /// <exception cref="ArgumentException">A label is neither a class nor the ignored label.</exception>
    double CrossEntropy(in CrossEntropyOptions options, Tensor logits, Tensor labels, Tensor? classWeights, Tensor? gradient);

    /// <summary>The same against soft labels: a row of the weights of all classes for each row of logits. A target of 0 adds
    /// nothing, whatever its logit.</summary>
    double SoftCrossEntropy(
        in CrossEntropyOptions options, Tensor logits, Tensor softLabels, Tensor? classWeights, Tensor? gradient);

    /// <summary>A loss of single elements. Positive weights, for the binary cross-entropy alone, have an element for each
    /// channel (innermost dimension); null for ones. The gradient may be the prediction, and null where it is not
    /// wanted.</summary>
    double Loss(in LossFunction loss, Tensor prediction, Tensor target, Tensor? positiveWeights, Tensor? gradient);
}
