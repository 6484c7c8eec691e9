// Noise on every value, as a cheap camera makes it.

using System.Runtime.Intrinsics;

namespace CnnNative;

/// <summary>Adds normal noise to every value.</summary>
public sealed class GaussianNoise : AugmentationStep
{
    private readonly float _deviation;

    /// <summary>Makes the step.</summary>
    /// <param name="deviation">The standard deviation, at least 0; pictures are usually 0..1 here.</param>
    public GaussianNoise(float deviation) => _deviation = Ranges.Check(deviation, 0, 1e6f, nameof(deviation));

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        random.FillNormal(destination, _deviation);
        int i = 0;
        for (; i <= image.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Create<float>(image[i..]) + Vector256.Create<float>(destination[i..])).CopyTo(image[i..]);
        }

        for (; i < image.Length; i++)
        {
            image[i] += destination[i];
        }

        return false;
    }
}
