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
        return b.Reshape(x, Name, sizes);
    }
}

/// <summary>Leaves its input as it is; the empty branch of a <see cref="Branches"/>.</summary>
public sealed class Identity : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x) => x;
}

/// <summary>Adds zeros around pictures.</summary>
/// <param name="padding">Rows and columns on each side.</param>
public sealed class ZeroPad(Padding padding) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.ZeroPad(x, padding, Name);
    }
}

/// <summary>Makes pictures larger.</summary>
/// <param name="factor">How many times higher and wider.</param>
/// <param name="mode">How new pixels are made.</param>
public sealed class Upsample(Size2d factor, ResizeMode mode = ResizeMode.Nearest) : Layer
{
    /// <inheritdoc/>
    protected override GraphValue Apply(GraphBuilder b, GraphValue x)
    {
        ArgumentNullException.ThrowIfNull(b);
        return b.Upsample(x, factor, mode, Name);
    }
}
