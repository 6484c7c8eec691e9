// Steps that move pixels without changing them: each adds a map, or a field of displacements, to one common resampling.

namespace CnnNative;

/// <summary>A step that says where each pixel comes from. Neighbouring ones are done in one bilinear resampling.</summary>
public abstract class GeometricStep : AugmentationStep
{
    private protected GeometricStep()
    {
    }

    /// <summary>The pixels outside the picture. Only neighbours with the same border are done together.</summary>
    public PixelBorder Border { get; init; }

    /// <inheritdoc/>
    public sealed override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        GeometricStep self = this;
        return Warp.Apply(new ReadOnlySpan<GeometricStep>(in self), shape, image, destination, ref random);
    }

    /// <summary>Whether the step draws a displacement for each pixel.</summary>
    internal virtual bool HasDisplacements => false;

    /// <summary>The map from the result to the picture.</summary>
    internal virtual AffineMap DrawMap(Shape shape, ref SampleRandom random) => AffineMap.Identity;

    /// <summary>Adds displacements of each pixel to those of the steps before, height x width of each.</summary>
    internal virtual void AddDisplacements(Shape shape, Span<float> x, Span<float> y, ref SampleRandom random)
    {
    }
}

/// <summary>Turns the picture around its middle.</summary>
public sealed class RandomRotation : GeometricStep
{
    private readonly float _degrees;

    /// <summary>Makes the step.</summary>
    /// <param name="degrees">The largest angle to either side, from 0 to 180.</param>
    public RandomRotation(float degrees) => _degrees = Ranges.Check(degrees, 0, 180, nameof(degrees));

    internal override AffineMap DrawMap(Shape shape, ref SampleRandom random)
    {
        (float sine, float cosine) = MathF.SinCos(random.Uniform(-_degrees, _degrees) * (MathF.PI / 180));
        return new AffineMap(cosine, -sine, 0, sine, cosine, 0);
    }
}

/// <summary>Scales the picture from its middle; its size stays.</summary>
public sealed class RandomScale : GeometricStep
{
    private readonly float _low, _high;

    /// <summary>Makes the step.</summary>
    /// <param name="low">The least factor, from 0.01 on; below 1 the content shrinks.</param>
    /// <param name="high">The largest factor, at most 100.</param>
    public RandomScale(float low, float high)
    {
        _low = Ranges.Check(low, 0.01f, 100, nameof(low));
        _high = Ranges.Check(high, low, 100, nameof(high));
    }

    /// <summary>Whether height and width are scaled by factors of their own.</summary>
    public bool Anisotropic { get; init; }

    internal override AffineMap DrawMap(Shape shape, ref SampleRandom random)
    {
        float x = 1 / random.Uniform(_low, _high), y = Anisotropic ? 1 / random.Uniform(_low, _high) : x;
        return new AffineMap(x, 0, 0, 0, y, 0);
    }
}

/// <summary>Slants the picture: its rows slide sideways, by as much as they are away from the middle.</summary>
public sealed class RandomShear : GeometricStep
{
    private readonly float _degrees;

    /// <summary>Makes the step.</summary>
    /// <param name="degrees">The largest angle of a vertical line to either side, from 0 to 80.</param>
    public RandomShear(float degrees) => _degrees = Ranges.Check(degrees, 0, 80, nameof(degrees));

    internal override AffineMap DrawMap(Shape shape, ref SampleRandom random) =>
        new(1, MathF.Tan(random.Uniform(-_degrees, _degrees) * (MathF.PI / 180)), 0, 0, 1, 0);
}

/// <summary>Moves the picture by parts of a pixel too. For whole pixels alone, <see cref="RandomShift"/> keeps it
/// sharp.</summary>
public sealed class RandomTranslation : GeometricStep
{
    private readonly float _pixels;

    /// <summary>Makes the step.</summary>
    /// <param name="pixels">The largest move to each side, in pixels, at least 0.</param>
    public RandomTranslation(float pixels) => _pixels = Ranges.Check(pixels, 0, 1e6f, nameof(pixels));

    internal override AffineMap DrawMap(Shape shape, ref SampleRandom random) =>
        new(1, 0, random.Uniform(-_pixels, _pixels), 0, 1, random.Uniform(-_pixels, _pixels));
}
