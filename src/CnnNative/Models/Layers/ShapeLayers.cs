// Layers that only arrange elements anew, as descriptions.

namespace CnnNative;

/// <summary>Lays all dimensions of a sample in a row: height x width x channels, in this order.</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Flatten(x, Name);
    }
}

/// <summary>Gives the elements of each sample another shape.</summary>
/// <param name="sizes">The shape of a sample, without the batch; one size may be -1, which takes the rest.</param>
public sealed class Reshape(params int[] sizes) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Reshape(x, sizes);
    }
}

/// <summary>Leaves its input as it is; the empty branch of a <see cref="Branches"/>.</summary>
public sealed class Identity : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x) => x;
}
