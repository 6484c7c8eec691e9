// Softmax and cross-entropy in one: the loss of classifiers, for a class or a distribution over classes as the target, for whole
// samples or for each pixel.

using CnnNative.Kernels;
using CnnNative.Training;

namespace CnnNative;

/// <summary>The cross-entropy of softmax(logits): -log of the probability of the right class.</summary>
/// <remarks>The prediction holds logits, classes innermost. The target holds either one class number for each row of logits
/// (shape N or N x 1 for a classifier, N x H x W for segmentation), or a row of probabilities of all classes. With class weights
/// w the mean over labels divides by the sum of the weights of the labels, as PyTorch's CrossEntropyLoss does. A softmax at the
/// end of a network is left out in training, as this loss contains it.</remarks>
public sealed record CrossEntropyLoss : Loss
{
    /// <summary>The share of each target that is spread evenly over all classes (Szegedy et al. 2016), from 0 to 1.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>A weight for each class; null for ones.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Rows with this label count for nothing; -100 as in PyTorch.</summary>
    public int IgnoreIndex { get; init; } = -100;

    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        int classes = prediction[^1];
        Require(LabelSmoothing is >= 0 and <= 1, $"label smoothing is {LabelSmoothing}", "0 to 1");
        Require(
            prediction.Rank >= 2 && classes >= 2, $"the prediction is {prediction}",
            "rows of at least two logits; for one logit use BinaryCrossEntropyLoss");
        Require(
            ClassWeights is null || ClassWeights.Count == classes, $"there are {ClassWeights?.Count} class weights",
            $"{classes}, one for each class");
        Require(
            ClassWeights is null || ClassWeights.All(weight => weight >= 0 && float.IsFinite(weight)),
            "a class weight is negative or not finite", "numbers from 0 on");
        CrossEntropyOptions options = new(LossReduction.Mean, LabelSmoothing, IgnoreIndex);
        long rows = prediction.ElementCount / classes;
        if (target == prediction)
        {
            return new PreparedSoftCrossEntropy(kernels, options, Weights());
        }

        if (target.ElementCount != rows || target[0] != prediction[0])
        {
            throw new ShapeException(
                $"CrossEntropyLoss: the logits are {prediction} and the target {target}; expected {rows} labels, or " +
                $"probabilities of shape {prediction}.");
        }

        return new PreparedLabelCrossEntropy(kernels, options, Weights(), checked((int)rows), prediction[0]);
    }

    internal override bool Includes(Operator operation) => operation.Kind is "Softmax" or "LogSoftmax";

    private Tensor? Weights() => ClassWeights is null ? null : Tensor.FromSpan(ClassWeights.ToArray(), ClassWeights.Count);
}
