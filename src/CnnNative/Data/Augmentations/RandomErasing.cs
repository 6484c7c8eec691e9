// A hole in the picture (Zhong et al. 2017; Cutout of DeVries and Taylor 2017 is the same with a square of one value): a network
// has to look at more than the one part that tells most.

namespace CnnNative;

/// <summary>Overwrites a random rectangle.</summary>
public sealed class RandomErasing : AugmentationStep
{
    private const int Attempts = 10;

    private readonly float _probability, _low, _high;

    /// <summary>Makes the step.</summary>
    /// <param name="probability">How often it is done, from 0 to 1.</param>
    /// <param name="minArea">The least part of the picture, above 0.</param>
    /// <param name="maxArea">The largest part of the picture, at most 1.</param>
    public RandomErasing(float probability = 0.5f, float minArea = 0.02f, float maxArea = 0.33f)
    {
        _probability = Ranges.Check(probability, 0, 1, nameof(probability));
        _low = Ranges.Check(minArea, 1e-6f, 1, nameof(minArea));
        _high = Ranges.Check(maxArea, minArea, 1, nameof(maxArea));
    }

    /// <summary>What is written: this value, or, if null, uniform noise from 0 to 1.</summary>
    public float? Value { get; init; } = 0;

    /// <inheritdoc/>
    public override bool MovesPixels => false;

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        if (!random.NextBool(_probability))
        {
            return false;
        }

        int height = shape[0], width = shape[1], channels = shape[2];
        for (int i = 0; i < Attempts; i++)
        {
            // Proportions from 3:10 to 10:3, as likely wide as high.
            float area = random.Uniform(_low, _high) * height * width;
            float proportion = MathF.Exp(random.Uniform(-1, 1) * MathF.Log(10f / 3));
            int rows = (int)MathF.Round(MathF.Sqrt(area * proportion)), columns = (int)MathF.Round(MathF.Sqrt(area / proportion));
            if (rows < 1 || columns < 1 || rows > height || columns > width)
            {
                continue;
            }

            int top = random.NextInt(height - rows + 1), left = random.NextInt(width - columns + 1);
            for (int y = top; y < top + rows; y++)
            {
                Span<float> hole = image.Slice((y * width + left) * channels, columns * channels);
                if (Value is { } value)
                {
                    hole.Fill(value);
                }
                else
                {
                    random.FillUniform(hole, 0, 1);
                }
            }

            break;
        }

        return false;
    }
}
