// The fixed filters of image processing: what a CNN's first layer learns by itself, written down by hand. A kernel is a value
// that owns no native memory, so these can be static and shared.

namespace CnnNative;

/// <summary>A small grid of weights that filters each channel of a picture in the same way. Immutable.</summary>
public sealed class Kernel2d
{
    private readonly float[] _weights;

    /// <summary>Makes a kernel.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="size">Height and width.</param>
    /// <param name="weights">The weights, row by row.</param>
    /// <exception cref="ShapeException">The size is not positive, or the number of weights is not height times width.</exception>
    public Kernel2d(string name, Size2d size, params ReadOnlySpan<float> weights)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (size.Height < 1 || size.Width < 1 || weights.Length != (long)size.Height * size.Width)
        {
            throw new ShapeException($"Kernel '{name}': {weights.Length} weights were given for a size of {size}.");
        }

        Name = name;
        Size = size;
        _weights = weights.ToArray();
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Height and width.</summary>
    public Size2d Size { get; }

    /// <summary>The weights, row by row.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>The kernel as the weights of a depthwise convolution: channels x height x width x 1.</summary>
    /// <param name="channels">How many channels are filtered alike.</param>
    /// <returns>A tensor that the caller disposes.</returns>
    public Tensor ToWeights(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Tensor weights = Tensor.Uninitialized((channels, Size.Height, Size.Width, 1));
        using TensorAccess access = weights.Access();
        for (int channel = 0; channel < channels; channel++)
        {
            _weights.CopyTo(access.Values[(channel * _weights.Length)..]);
        }

        return weights;
    }
}

/// <summary>Well-known 3x3 kernels. Filters are not mirrored: weights lie as they are written here.</summary>
public static class Kernels2d
{
    /// <summary>Edges in all directions: the eight neighbours against the middle; the sum is 0.</summary>
    public static Kernel2d Laplacian { get; } = new("laplacian", 3, -1, -1, -1, -1, 8, -1, -1, -1, -1);

    /// <summary>The gradient from left to right (Sobel and Feldman 1968): vertical edges.</summary>
    public static Kernel2d SobelX { get; } = new("sobel-x", 3, -1, 0, 1, -2, 0, 2, -1, 0, 1);

    /// <summary>The gradient from top to bottom: horizontal edges.</summary>
    public static Kernel2d SobelY { get; } = new("sobel-y", 3, -1, -2, -1, 0, 0, 0, 1, 2, 1);

    /// <summary>The picture plus its edges.</summary>
    public static Kernel2d Sharpen { get; } = new("sharpen", 3, 0, -1, 0, -1, 5, -1, 0, -1, 0);

    /// <summary>A Gaussian blur by binomial weights.</summary>
    public static Kernel2d Blur { get; } = new(
        "blur", 3, 1 / 16f, 2 / 16f, 1 / 16f, 2 / 16f, 4 / 16f, 2 / 16f, 1 / 16f, 2 / 16f, 1 / 16f);

    /// <summary>Relief, lit from the top left.</summary>
    public static Kernel2d Emboss { get; } = new("emboss", 3, -2, -1, 0, -1, 1, 1, 0, 1, 2);

    /// <summary>Changes nothing.</summary>
    public static Kernel2d Identity { get; } = new("identity", 3, 0, 0, 0, 0, 1, 0, 0, 0, 0);

    /// <summary>All of them, in the order above.</summary>
    public static IReadOnlyList<Kernel2d> All { get; } = [Laplacian, SobelX, SobelY, Sharpen, Blur, Emboss, Identity];
}
