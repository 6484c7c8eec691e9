// Steps that change values and leave pixels in their places. Pictures are 0..1 here; brightness and its like hold them there,
// because a camera would, and so come before a normalisation.

using System.Runtime.Intrinsics;

namespace CnnNative;

/// <summary>Multiplies all values by a random factor and holds them between 0 and 1.</summary>
public sealed class RandomBrightness : AugmentationStep
{
    private readonly float _strength;

    /// <summary>Makes the step.</summary>
    /// <param name="strength">The factor is from 1 - strength, at least 0, to 1 + strength.</param>
    public RandomBrightness(float strength) => _strength = Ranges.Check(strength, 0, 10, nameof(strength));

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        Values.ScaleAndHold(image, random.Uniform(Math.Max(0, 1 - _strength), 1 + _strength), 0);
        return false;
    }
}

/// <summary>Moves all values away from, or towards, the mean brightness of the picture, and holds them between 0 and 1.</summary>
public sealed class RandomContrast : AugmentationStep
{
    private readonly float _strength;

    /// <summary>Makes the step.</summary>
    /// <param name="strength">Distances from the mean are multiplied by 1 - strength, at least 0, to 1 + strength.</param>
    public RandomContrast(float strength) => _strength = Ranges.Check(strength, 0, 10, nameof(strength));

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        float factor = random.Uniform(Math.Max(0, 1 - _strength), 1 + _strength), mean = 0;
        if (shape[2] == 3)
        {
            for (int i = 0; i < image.Length; i += 3)
            {
                mean += Luma.Of(image[i], image[i + 1], image[i + 2]);
            }
        }
        else
        {
            foreach (float value in image)
            {
                mean += value;
            }
        }

        mean /= shape[2] == 3 ? image.Length / 3 : image.Length;
        Values.ScaleAndHold(image, factor, (1 - factor) * mean);
        return false;
    }
}

/// <summary>Changes the saturation and the hue of RGB pictures at random; pictures of another number of channels stay as they
/// are.</summary>
/// <remarks>Both are one linear map of the colours, by the luma of BT.601: saturation scales the two chroma values of its YIQ
/// space, hue turns them. Values are held between 0 and 1.</remarks>
public sealed class ColorJitter : AugmentationStep
{
    private readonly float _saturation, _hue;

    /// <summary>Makes the step.</summary>
    /// <param name="saturation">The saturation is multiplied by 1 - saturation, at least 0, to 1 + saturation.</param>
    /// <param name="hue">The largest turn of the hue to either side, as a part of the circle, from 0 to 0.5.</param>
    public ColorJitter(float saturation, float hue = 0)
    {
        _saturation = Ranges.Check(saturation, 0, 10, nameof(saturation));
        _hue = Ranges.Check(hue, 0, 0.5f, nameof(hue));
    }

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        float factor = random.Uniform(Math.Max(0, 1 - _saturation), 1 + _saturation);
        (float sine, float cosine) = MathF.SinCos(2 * MathF.PI * random.Uniform(-_hue, _hue));
        if (shape[2] != 3)
        {
            return false;
        }

        (sine, cosine) = (factor * sine, factor * cosine);
        for (int i = 0; i < image.Length; i += 3)
        {
            float red = image[i], green = image[i + 1], blue = image[i + 2];
            float luma = Luma.Of(red, green, blue);
            float inPhase = 0.596f * red - 0.274f * green - 0.322f * blue;
            float quadrature = 0.211f * red - 0.523f * green + 0.312f * blue;
            float a = cosine * inPhase - sine * quadrature, b = sine * inPhase + cosine * quadrature;
            image[i] = Math.Clamp(luma + 0.956f * a + 0.621f * b, 0, 1);
            image[i + 1] = Math.Clamp(luma - 0.272f * a - 0.647f * b, 0, 1);
            image[i + 2] = Math.Clamp(luma - 1.106f * a + 1.703f * b, 0, 1);
        }

        return false;
    }
}

/// <summary>(value - mean) / deviation, channel by channel; the last step, and not a random one.</summary>
public sealed class Normalize : AugmentationStep
{
    private readonly float[] _mean, _deviation;

    /// <summary>Makes the step.</summary>
    /// <param name="mean">One mean per channel.</param>
    /// <param name="deviation">One standard deviation per channel, above 0.</param>
    public Normalize(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        foreach (float value in deviation)
        {
            if (!(value > 0))
            {
                throw new ArgumentOutOfRangeException(nameof(deviation), value, "Expected deviations above 0.");
            }
        }

        if (mean.Length != deviation.Length || mean.IsEmpty)
        {
            throw new ArgumentException(
                $"Normalize: there are {mean.Length} means and {deviation.Length} deviations, expected one each per channel.");
        }

        _mean = mean.ToArray();
        _deviation = deviation.ToArray();
    }

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input[2] == _mean.Length
        ? input
        : throw new ArgumentException(
            $"Normalize: there are {_mean.Length} means and the pictures are {input}, expected {input[2]}.");

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        if (_mean.Length == 1)
        {
            Values.Normalize(image, _mean[0], _deviation[0]);
            return false;
        }

        for (int i = 0; i < image.Length; i += _mean.Length)
        {
            for (int channel = 0; channel < _mean.Length; channel++)
            {
                image[i + channel] = (image[i + channel] - _mean[channel]) / _deviation[channel];
            }
        }

        return false;
    }
}

/// <summary>The brightness that people see (ITU-R BT.601).</summary>
internal static class Luma
{
    public static float Of(float red, float green, float blue) => 0.299f * red + 0.587f * green + 0.114f * blue;
}

/// <summary>The same arithmetic on all values, eight at a time.</summary>
internal static class Values
{
    public static void ScaleAndHold(Span<float> values, float factor, float offset)
    {
        int i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Create<float>(values[i..]) * Vector256.Create(factor) + Vector256.Create(offset);
            Vector256.Min(Vector256.Max(value, Vector256<float>.Zero), Vector256<float>.One).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = Math.Clamp(values[i] * factor + offset, 0, 1);
        }
    }

    public static void Normalize(Span<float> values, float mean, float deviation)
    {
        int i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            ((Vector256.Create<float>(values[i..]) - Vector256.Create(mean)) / Vector256.Create(deviation)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = (values[i] - mean) / deviation;
        }
    }
}
