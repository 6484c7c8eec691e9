// Losses that compare a prediction with its target element by element: regression, several labels at once, detection.
// All are the mean over all elements of the batch.

using CnnNative.Kernels;
using CnnNative.Operators;
using CnnNative.Training;

namespace CnnNative;

/// <summary>Binary cross-entropy of sigmoid(logits), for one class against the rest or several labels at once.</summary>
/// <remarks>Prediction and target have as many elements; targets are from 0 to 1. A sigmoid at the end of a network is left out
/// in training, as this loss contains it.</remarks>
public sealed record BinaryCrossEntropyLoss : Loss
{
    /// <summary>How much a positive target of each channel (innermost dimension) weighs against a negative one; null for ones.
    /// </summary>
    public IReadOnlyList<float>? PositiveWeights { get; init; }

    /// <inheritdoc/>
    public override string Name => "binary cross-entropy";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        RequireSameSize(prediction, target);
        Require(
            PositiveWeights is null || PositiveWeights.Count == prediction[^1],
            $"there are {PositiveWeights?.Count} positive weights",
            $"{prediction[^1]}, one for each channel of {prediction}");
        Tensor? weights = PositiveWeights is null ? null : Tensor.FromSpan(PositiveWeights.ToArray(), PositiveWeights.Count);
        return new PreparedElementLoss(kernels, new LossFunction(LossKind.BinaryCrossEntropyWithLogits), weights);
    }

    internal override bool Includes(Operator operation) => SigmoidEnd.Is(operation);
}

/// <summary>The mean of squared differences.</summary>
public sealed record MeanSquaredErrorLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "mean squared error";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        RequireSameSize(prediction, target);
        return new PreparedElementLoss(kernels, new LossFunction(LossKind.MeanSquaredError), null);
    }
}

/// <summary>The mean of absolute differences. The gradient is 0 where there is no difference.</summary>
public sealed record MeanAbsoluteErrorLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "mean absolute error";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        RequireSameSize(prediction, target);
        return new PreparedElementLoss(kernels, new LossFunction(LossKind.AbsoluteError), null);
    }
}

/// <summary>Huber's loss (1964): half the squared difference d up to delta, beyond it delta (|d| - delta / 2).</summary>
public sealed record HuberLoss : Loss
{
    /// <summary>Where the loss turns linear; above 0.</summary>
    public float Delta { get; init; } = 1f;

    /// <inheritdoc/>
    public override string Name => "Huber";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        RequireSameSize(prediction, target);
        Require(Delta > 0 && float.IsFinite(Delta), $"delta is {Delta}", "a finite number above 0");
        return new PreparedElementLoss(kernels, new LossFunction(LossKind.Huber, Delta: Delta), null);
    }
}

/// <summary>The focal loss of sigmoid(logits) (Lin et al. 2017): binary cross-entropy in which what is already right counts less.
/// </summary>
/// <remarks>Prediction and target have as many elements; targets are from 0 to 1.</remarks>
public sealed record FocalLoss : Loss
{
    /// <summary>The exponent of the probability of a miss; at least 0, where 0 gives the weighted binary cross-entropy.</summary>
    public float Gamma { get; init; } = 2f;

    /// <summary>The weight of positive targets, 0 to 1; 1 - alpha is that of negative ones. Negative for no weights.</summary>
    public float Alpha { get; init; } = 0.25f;

    /// <inheritdoc/>
    public override string Name => "focal";

    internal override PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target)
    {
        RequireSameSize(prediction, target);
        Require(Gamma >= 0 && float.IsFinite(Gamma), $"gamma is {Gamma}", "a finite number from 0 on");
        Require(Alpha <= 1, $"alpha is {Alpha}", "0 to 1, or a negative number for no weights");
        return new PreparedElementLoss(kernels, new LossFunction(LossKind.Focal, Gamma: Gamma, Alpha: Alpha), null);
    }

    internal override bool Includes(Operator operation) => SigmoidEnd.Is(operation);
}

/// <summary>Tells a sigmoid that stands at the end of a network.</summary>
file static class SigmoidEnd
{
    public static bool Is(Operator operation) => operation is ActivationOperator { Activation.Kind: ActivationKind.Sigmoid };
}
