// A loss as a value: what is made small. Trainers prepare it once for each batch size and then get value and gradient in one
// call, because the two share the expensive part.

using CnnNative.Kernels;
using CnnNative.Training;

namespace CnnNative;

/// <summary>A loss: one number for the predictions of a batch and their targets, and its gradient.</summary>
/// <remarks>Immutable and safe to share between threads. The losses are the mean over the batch.</remarks>
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>What the loss is called in reports, such as "cross-entropy".</summary>
    public abstract string Name { get; }

    /// <summary>Computes the loss of a batch, and its gradient where that is wanted.</summary>
    /// <param name="prediction">What the network put out, batch first.</param>
    /// <param name="target">What was expected; its shape is the loss's own rule.</param>
    /// <param name="gradient">Receives the gradient by the prediction, of the prediction's shape; null where it is not
    /// wanted.</param>
    /// <param name="context">Where to compute; <see cref="ComputeContext.Default"/> if null.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or a target is: a label that is no class.</exception>
    public double Compute(Tensor prediction, Tensor target, Tensor? gradient = null, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(target);
        if (gradient is not null && gradient.Shape != prediction.Shape)
        {
            throw new ShapeException(
                $"{GetType().Name}: the gradient is {gradient.Shape}, expected {prediction.Shape} as the prediction.");
        }

        using PreparedLoss prepared = Prepare((context ?? ComputeContext.Default).Kernels, prediction.Shape, target.Shape);
        return prepared.Run(prediction, target, gradient);
    }

    /// <summary>Checks options and shapes, and takes the memory that runs need.</summary>
    internal abstract PreparedLoss Prepare(IKernels kernels, Shape prediction, Shape target);

    /// <summary>Whether the loss takes the logits before an activation that ends the network: then that is left out in training,
    /// because the two together are more exact.</summary>
    internal virtual bool Includes(Operator operation) => false;

    private protected void RequireSameSize(Shape prediction, Shape target)
    {
        if (prediction.ElementCount != target.ElementCount || prediction[0] != target[0])
        {
            throw new ShapeException(
                $"{GetType().Name}: the prediction is {prediction} and the target {target}; " +
                "expected as many elements for each sample.");
        }
    }

    private protected void Require(bool holds, string found, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{GetType().Name}: {found}, expected {expected}.");
        }
    }
}
