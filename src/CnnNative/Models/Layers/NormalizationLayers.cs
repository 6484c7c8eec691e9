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

/// <summary>Layer normalisation over the innermost dimensions of each sample.</summary>
/// <param name="dimensions">How many: 1 is the channels of each pixel by themselves, 3 a whole picture.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="affine">Whether there are a trained scale and shift.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
public sealed class LayerNorm(
    int dimensions = 1, float epsilon = 1e-5f, bool affine = true, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.LayerNorm(x, dimensions, epsilon, affine, activation, Name);
    }
}

/// <summary>Group normalisation of each sample.</summary>
/// <param name="groups">The number of groups, which divides the channels.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="affine">Whether there are a trained scale and shift.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
public sealed class GroupNorm(int groups, float epsilon = 1e-5f, bool affine = true, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.GroupNorm(x, groups, epsilon, affine, activation, Name);
    }
}

/// <summary>Instance normalisation: each channel of each sample by itself.</summary>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="affine">Whether there are a trained scale and shift.</param>
/// <param name="activation">Applied afterwards; none by default.</param>
public sealed class InstanceNorm(float epsilon = 1e-5f, bool affine = true, Activation activation = default) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.InstanceNorm(x, epsilon, affine, activation, Name);
    }
}

/// <summary>Local response normalisation over neighbouring channels, as in AlexNet.</summary>
/// <param name="size">Channels that are summed.</param>
/// <param name="alpha">The factor of the sum.</param>
/// <param name="beta">The exponent.</param>
/// <param name="bias">The number that is added.</param>
public sealed class LocalResponseNorm(int size = 5, float alpha = 1e-4f, float beta = 0.75f, float bias = 1f) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.LocalResponseNorm(x, size, alpha, beta, bias, Name);
    }
}
