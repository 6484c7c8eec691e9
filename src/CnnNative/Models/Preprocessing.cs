// How a picture becomes the input of a model. It is stored with the model, because a model without it guesses wrong in silence.

namespace CnnNative;

/// <summary>The channels that a model expects.</summary>
public enum ColorOrder
{
    /// <summary>One channel: the luma of ITU-R BT.601.</summary>
    Grayscale = 0,

    /// <summary>Red, green, blue.</summary>
    Rgb = 1,

    /// <summary>Blue, green, red.</summary>
    Bgr = 2,
}

/// <summary>How a picture of other proportions is brought to the input's size.</summary>
public enum PictureFit
{
    /// <summary>Resized to the size, whatever becomes of the proportions.</summary>
    Stretch = 0,

    /// <summary>Resized until it covers the size divided by <see cref="Preprocessing.CropFraction"/>, then cut to its
    /// middle.</summary>
    Crop = 1,
}

/// <summary>What turns a picture into the input of a model: resize, choose channels, then (scale v - mean) / deviation for each
/// value v from 0 to 255.</summary>
/// <remarks>Immutable.</remarks>
public sealed record Preprocessing
{
    /// <summary>What ImageNet models of torchvision expect: the middle 224 x 224 of a picture whose shorter side is 256, RGB from
    /// 0 to 1, normalised by the means and deviations of ImageNet.</summary>
    public static Preprocessing ImageNet { get; } = new()
    {
        Size = 224,
        Fit = PictureFit.Crop,
        CropFraction = 224f / 256f,
        Mean = [0.485f, 0.456f, 0.406f],
        Deviation = [0.229f, 0.224f, 0.225f],
    };

    /// <summary>Height and width of the input.</summary>
    public required Size2d Size { get; init; }

    /// <summary>The channels.</summary>
    public ColorOrder Color { get; init; } = ColorOrder.Rgb;

    /// <summary>What happens to the proportions.</summary>
    public PictureFit Fit { get; init; } = PictureFit.Stretch;

    /// <summary>The part of the resized picture, in height and width, that <see cref="PictureFit.Crop"/> keeps; above 0, at most
    /// 1.</summary>
    public float CropFraction { get; init; } = 1f;

    /// <summary>What values from 0 to 255 are multiplied by; by default they then go from 0 to 1.</summary>
    public float Scale { get; init; } = 1f / 255f;

    /// <summary>What is subtracted after scaling: one number, or one for each channel in their order; none by default.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    /// <summary>What is divided by at the end: one number, or one for each channel; none by default.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [];

    /// <summary>Whether pixels from 0 to 1, as pictures and data sets have them, are the input as they are.</summary>
    internal bool IsPlain =>
        Color != ColorOrder.Bgr && Mean.Count == 0 && Deviation.Count == 0 && Math.Abs(Scale * 255 - 1) < 1e-6;

    /// <summary>The number of channels.</summary>
    public int Channels => Color == ColorOrder.Grayscale ? 1 : 3;

    /// <summary>Scales and normalises pixels that have the right size and channels.</summary>
    /// <param name="pixels">Pictures x height x width x channels, from 0 to 1 as <c>Image.ToTensor</c> gives them, RGB or gray;
    /// overwritten by the input.</param>
    /// <exception cref="ShapeException">The pixels have another number of channels, or another one than mean and
    /// deviation.</exception>
    public void Normalize(Tensor pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Shape[^1] != Channels)
        {
            throw new ShapeException($"Preprocessing: pixels are {pixels.Shape}, expected {Channels} channels.");
        }

        using TensorAccess access = pixels.Access();
        Normalize(access.Values);
    }

    /// <summary>Scales and normalises pixels that have the right size and channels.</summary>
    /// <param name="values">The pixels, channel by channel; overwritten by the input.</param>
    /// <exception cref="ShapeException">They are no whole pixels, or there is another number of means or deviations.</exception>
    public void Normalize(Span<float> values)
    {
        int channels = Channels;
        if (values.Length % channels != 0 || !Fits(Mean, channels) || !Fits(Deviation, channels))
        {
            throw new ShapeException(
                $"Preprocessing: there are {values.Length} values with {Mean.Count} means and {Deviation.Count} deviations, " +
                $"expected pixels of {channels} channels and none, one or {channels} of each.");
        }

        float factor = 255f * Scale;
        for (int i = 0; i < values.Length; i += channels)
        {
            if (Color == ColorOrder.Bgr)
            {
                (values[i], values[i + 2]) = (values[i + 2], values[i]);
            }

            for (int c = 0; c < channels; c++)
            {
                values[i + c] = (values[i + c] * factor - Of(Mean, c, 0f)) / Of(Deviation, c, 1f);
            }
        }
    }

    private static bool Fits(IReadOnlyList<float> list, int channels) => list.Count <= 1 || list.Count == channels;

    private static float Of(IReadOnlyList<float> list, int channel, float absent) => list.Count switch
    {
        0 => absent,
        1 => list[0],
        _ => list[channel],
    };
}
