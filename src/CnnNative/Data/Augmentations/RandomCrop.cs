// A window of the picture at a random place, with or without a border around it. Shifting is the same with the window as large
// as the picture, so both are one copy of rows.

namespace CnnNative;

/// <summary>Cuts a window of a fixed size out of the picture at a random place, after a border was laid around it: with a border
/// of 4 and the size of the pictures this is the usual augmentation of CIFAR-10.</summary>
public sealed class RandomCrop : AugmentationStep
{
    private readonly int _height, _width, _padding;
    private readonly PixelBorder _border;

    /// <summary>Makes the step.</summary>
    /// <param name="height">The height of the window.</param>
    /// <param name="width">The width of the window.</param>
    /// <param name="padding">Pixels around the picture.</param>
    /// <param name="border">What those pixels are.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1 or the border below 0 pixels.</exception>
    public RandomCrop(int height, int width, int padding = 0, PixelBorder border = PixelBorder.Zero)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        (_height, _width, _padding, _border) = (height, width, padding, border);
    }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        if (_height > input[0] + 2L * _padding || _width > input[1] + 2L * _padding)
        {
            throw new ArgumentException(
                $"RandomCrop: a window of {_height}x{_width} does not fit into pictures of {input} with {_padding} pixels around"
                + " them.");
        }

        if (_border == PixelBorder.Reflect && _padding >= Math.Min(input[0], input[1]))
        {
            throw new ArgumentException(
                $"RandomCrop: a border of {_padding} reflected pixels needs larger pictures than {input}.");
        }

        return (_height, _width, input[2]);
    }

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        int top = random.NextInt(shape[0] + 2 * _padding - _height + 1) - _padding;
        int left = random.NextInt(shape[1] + 2 * _padding - _width + 1) - _padding;
        Window.Copy(image, shape, top, left, destination, _height, _width, _border);
        return true;
    }
}

/// <summary>Moves the picture by whole pixels, so that it stays as sharp as it was.</summary>
public sealed class RandomShift : AugmentationStep
{
    private readonly int _pixels;
    private readonly PixelBorder _border;

    /// <summary>Makes the step.</summary>
    /// <param name="pixels">The largest move to each side.</param>
    /// <param name="border">What comes in from outside.</param>
    public RandomShift(int pixels, PixelBorder border = PixelBorder.Zero)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pixels);
        (_pixels, _border) = (pixels, border);
    }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => _pixels < Math.Min(input[0], input[1])
        ? input
        : throw new ArgumentException(
            $"RandomShift: pictures of {input} cannot be moved by {_pixels} pixels; nothing would be left.");

    /// <inheritdoc/>
    public override bool Apply(Shape shape, Span<float> image, Span<float> destination, ref SampleRandom random)
    {
        int top = random.NextInt(2 * _pixels + 1) - _pixels, left = random.NextInt(2 * _pixels + 1) - _pixels;
        if (top == 0 && left == 0)
        {
            return false;
        }

        Window.Copy(image, shape, top, left, destination, shape[0], shape[1], _border);
        return true;
    }
}

/// <summary>Copies a window that may reach over the edges.</summary>
internal static class Window
{
    public static void Copy(
        ReadOnlySpan<float> image, Shape shape, int top, int left, Span<float> result, int height, int width, PixelBorder border)
    {
        int channels = shape[2], length = shape[1] * channels;
        int before = Math.Clamp(-left, 0, width), inside = Math.Clamp(shape[1] - left, before, width);
        for (int row = 0; row < height; row++)
        {
            Span<float> target = result.Slice(row * width * channels, width * channels);
            int y = top + row;
            if (border == PixelBorder.Zero && (y < 0 || y >= shape[0]))
            {
                target.Clear();
                continue;
            }

            ReadOnlySpan<float> source = image.Slice(Within(y, shape[0], border) * length, length);
            source.Slice((left + before) * channels, (inside - before) * channels).CopyTo(target[(before * channels)..]);
            FillOutside(source, shape[1], channels, left, 0, before, target, border);
            FillOutside(source, shape[1], channels, left, inside, width, target, border);
        }
    }

    private static void FillOutside(
        ReadOnlySpan<float> source, int width, int channels, int left, int start, int end, Span<float> target, PixelBorder border)
    {
        if (border == PixelBorder.Zero)
        {
            target[(start * channels)..(end * channels)].Clear();
            return;
        }

        for (int x = start; x < end; x++)
        {
            source.Slice(Within(left + x, width, border) * channels, channels).CopyTo(target[(x * channels)..]);
        }
    }

    /// <summary>The place of the picture that stands for one outside.</summary>
    private static int Within(int place, int length, PixelBorder border)
    {
        if (border == PixelBorder.Reflect)
        {
            place = Math.Abs(place);
            place = place < length ? place : 2 * (length - 1) - place;
        }

        return Math.Clamp(place, 0, length - 1);
    }
}
