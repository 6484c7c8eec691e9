// Mirror images. Right for things and animals, wrong for digits and letters, so nothing flips unless it is asked for.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>Mirrors the picture left to right.</summary>
public sealed class RandomHorizontalFlip : AugmentationStep
{
    private readonly float _probability;

    /// <summary>Makes the step.</summary>
    /// <param name="probability">How often it is done, from 0 to 1.</param>
    public RandomHorizontalFlip(float probability = 0.5f) => _probability = Ranges.Check(probability, 0, 1, nameof(probability));

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        if (!random.NextBool(_probability))
        {
            return false;
        }

        int width = shape[1], channels = shape[2], row = width * channels;
        for (int start = 0; start < image.Length; start += row)
        {
            Reverse(image.Slice(start, row), channels);
        }

        return false;
    }

    private static void Reverse(Span<float> row, int channels)
    {
        switch (channels)
        {
            case 1:
                row.Reverse();
                break;
            case 3:
                MemoryMarshal.Cast<float, Rgb>(row).Reverse();
                break;
            default:
                for (int left = 0, right = row.Length - channels; left < right; left += channels, right -= channels)
                {
                    for (int i = 0; i < channels; i++)
                    {
                        (row[left + i], row[right + i]) = (row[right + i], row[left + i]);
                    }
                }

                break;
        }
    }

    /// <summary>A tuple would not do: the runtime may lay its fields out in any order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rgb(float Red, float Green, float Blue);
}

/// <summary>Mirrors the picture top to bottom.</summary>
public sealed class RandomVerticalFlip : AugmentationStep
{
    private readonly float _probability;

    /// <summary>Makes the step.</summary>
    /// <param name="probability">How often it is done, from 0 to 1.</param>
    public RandomVerticalFlip(float probability = 0.5f) => _probability = Ranges.Check(probability, 0, 1, nameof(probability));

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        if (!random.NextBool(_probability))
        {
            return false;
        }

        int row = shape[1] * shape[2];
        for (int y = 0; y < shape[0]; y++)
        {
            image.Slice(y * row, row).CopyTo(destination[((shape[0] - 1 - y) * row)..]);
        }

        return true;
    }
}
