// How a picture becomes the input of a model, where the model does not say so itself: ONNX files know nothing of pictures.

using System.CommandLine;
using System.Globalization;

namespace CnnNative.Cli;

internal sealed class PictureOptionSet
{
    private readonly Option<string?> _size = Text("--size", "WIDTHxHEIGHT", "The size of the pictures; by default the model's.");
    private readonly Option<string?> _mean = Text(
        "--mean", "M[,M,M]",
        "What is subtracted from each channel, after --scale; 0.485,0.456,0.406 for most networks of PyTorch.");

    private readonly Option<string?> _deviation = Text(
        "--std", "S[,S,S]", "What each channel is divided by at the end; 0.229,0.224,0.225 for most networks of PyTorch.");

    private readonly Option<string?> _scale = Text(
        "--scale", "N", "The value of white: 1 by default, 255 for networks that take pixels as they are.");

    private readonly Option<string?> _color = Text("--color", "rgb|bgr|gray", "The channels and their order.");
    private readonly Option<string?> _fit = Text(
        "--fit", "stretch|crop[:PART]", "Stretch pictures to the size, or cut their middle; crop:0.875 keeps so much of it.");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_size, _mean, _deviation, _scale, _color, _fit])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    public PictureChoice Read(ParseResult parsed)
    {
        (PictureFit Fit, float Part)? fit = parsed.GetValue(_fit) is { } text ? ParseFit(text) : null;
        return new PictureChoice
        {
            Size = parsed.GetValue(_size) is { } size ? FilterOptions.ParseSize(size) : null,
            Mean = Numbers("--mean", parsed.GetValue(_mean), _ => true, "numbers"),
            Deviation = Numbers("--std", parsed.GetValue(_deviation), value => value > 0, "numbers above 0"),
            Scale = Numbers("--scale", parsed.GetValue(_scale), value => value > 0, "a number above 0") switch
            {
                null => null,
                [float one] => one / 255f,
                _ => throw new UserException($"--scale is '{parsed.GetValue(_scale)}', expected a number above 0."),
            },
            Color = parsed.GetValue(_color) switch
            {
                null => null,
                "rgb" => ColorOrder.Rgb,
                "bgr" => ColorOrder.Bgr,
                "gray" => ColorOrder.Grayscale,
                string other => throw new UserException($"--color is '{other}', expected rgb, bgr or gray."),
            },
            Fit = fit?.Fit,
            CropFraction = fit?.Part,
        };
    }

    private static (PictureFit Fit, float Part) ParseFit(string text)
    {
        string[] parts = text.Split(':');
        float part = 1;
        bool isRight = parts.Length == 1 || (parts.Length == 2 && parts[0] == "crop"
            && float.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out part)
            && part is > 0 and <= 1);
        return (isRight, parts[0]) switch
        {
            (true, "stretch") => (PictureFit.Stretch, 1),
            (true, "crop") => (PictureFit.Crop, part),
            _ => throw new UserException($"--fit is '{text}', expected stretch, crop or crop:PART with a part from 0 to 1."),
        };
    }

    private static float[]? Numbers(string option, string? text, Predicate<float> holds, string expected)
    {
        if (text is null)
        {
            return null;
        }

        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        float[] numbers = new float[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            bool isNumber = float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]);
            if (!isNumber || !float.IsFinite(numbers[i]) || !holds(numbers[i]))
            {
                throw new UserException($"{option} is '{text}', expected {expected} with commas between them.");
            }
        }

        return numbers;
    }

    private static Option<string?> Text(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };
}

/// <summary>What the command line says of pictures; null for what it does not.</summary>
internal sealed record PictureChoice
{
    public Size2d? Size { get; init; }

    public IReadOnlyList<float>? Mean { get; init; }

    public IReadOnlyList<float>? Deviation { get; init; }

    public float? Scale { get; init; }

    public ColorOrder? Color { get; init; }

    public PictureFit? Fit { get; init; }

    public float? CropFraction { get; init; }

    /// <summary>The number of channels, where something was said of them.</summary>
    public int? Channels => Color is { } color ? color == ColorOrder.Grayscale ? 1 : 3 : null;

    /// <summary>Whether anything was said.</summary>
    public bool IsGiven => this != new PictureChoice();

    /// <summary>What was said, and for the rest what is known.</summary>
    /// <param name="known">What the model says, or its input suggests; null if it takes no pictures.</param>
    /// <exception cref="UserException">It does not fit together.</exception>
    public Preprocessing? Over(Preprocessing? known)
    {
        if (!IsGiven || (known is null && Size is null))
        {
            return known;
        }

        Preprocessing chosen = known ?? new Preprocessing { Size = Size!.Value };
        chosen = chosen with
        {
            Size = Size ?? chosen.Size,
            Mean = Mean ?? chosen.Mean,
            Deviation = Deviation ?? chosen.Deviation,
            Scale = Scale ?? chosen.Scale,
            Color = Color ?? chosen.Color,
            Fit = Fit ?? chosen.Fit,
            CropFraction = CropFraction ?? chosen.CropFraction,
        };
        RequireChannels("--mean", chosen.Mean, chosen.Channels);
        RequireChannels("--std", chosen.Deviation, chosen.Channels);
        return chosen;
    }

    /// <summary>Refuses a size or channels that the data does not have: only pictures of folders and lists are converted.</summary>
    /// <param name="picture">The shape of a picture of the data.</param>
    /// <param name="data">The name of the data.</param>
    public void RequireOf(Shape picture, string data)
    {
        if (picture.Rank != 3)
        {
            return;
        }

        if (Size is { } size && (size.Height, size.Width) != (picture[0], picture[1]))
        {
            throw new UserException(
                $"--size is {size.Width}x{size.Height}, but the pictures of {data} are {picture[1]}x{picture[0]}; only those of folders" +
                " and lists can be resized.");
        }

        if (Channels is { } channels && channels != picture[2])
        {
            throw new UserException(
                $"--color asks for {channels} channels, but the pictures of {data} have {picture[2]}; only those of folders and lists" +
                " can be converted.");
        }
    }

    private static void RequireChannels(string option, IReadOnlyList<float> numbers, int channels)
    {
        if (numbers.Count > 1 && numbers.Count != channels)
        {
            throw new UserException($"{option} has {numbers.Count} numbers, expected one, or {channels}: one for each channel.");
        }
    }
}
