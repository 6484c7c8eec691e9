// Normalisations, as descriptions.

namespace CnnNative;

/// <summary>Batch normalisation over the batch and all pixels, channel by channel.</summary>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="momentum">What a batch contributes to the running statistics, as in PyTorch; Keras gives 1 minus it.</param>
/// <param name="affine">Whether there are a trained scale and shift.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
public sealed class BatchNorm(
    float epsilon = 1e-5f, float momentum = 0.1f, bool affine = true, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.BatchNorm(x, epsilon, momentum, affine, activation, Name);
    }
}
