// --augment: names of random changes with their strengths, in the order in which they are made.

namespace CnnNative.Cli;

internal static class AugmentationText
{
    /// <summary>What can be asked for, for --help and messages.</summary>
    public const string Form =
        "none, or names with commas between them: shift[:PIXELS], rotate[:DEGREES], scale[:PART], shear[:DEGREES], " +
        "elastic[:ALPHA[:SIGMA]], flip[:CHANCE], flip-v[:CHANCE], crop[:PADDING], brightness[:PART], contrast[:PART], " +
        "jitter[:PART], erase[:CHANCE], noise[:DEVIATION]";

    /// <summary>The changes that a text names.</summary>
    /// <param name="text">The text of the option.</param>
    /// <param name="input">The shape of a picture: height x width x channels.</param>
    /// <returns>The changes; null for none.</returns>
    public static Augmentation? Parse(string text, Shape input)
    {
        if (text.Trim() is "" or "none")
        {
            return null;
        }

        List<AugmentationStep> steps = [];
        foreach (string part in text.Split(','))
        {
            var word = OptionText.Parse("--augment", part, Form);
            steps.AddRange(word.Make(() => Steps(word, input)));
        }

        Augmentation augmentation = new([.. steps]);
        try
        {
            augmentation.OutputShape(input);
            return augmentation;
        }
        catch (ArgumentException error)
        {
            throw new UserException($"--augment is '{text}', which does not suit pictures of {input}: {error.Message}", error);
        }
    }

    private static AugmentationStep[] Steps(OptionText word, Shape input) => word.Word switch
    {
        "shift" => [new RandomShift(word.AtMost(1).Whole(0, 2))],
        "rotate" => [new RandomRotation((float)word.AtMost(1).Number(0, 10))],
        "scale" => [Scale((float)word.AtMost(1).Number(0, 0.1))],
        "shear" => [new RandomShear((float)word.AtMost(1).Number(0, 10))],
        "elastic" => [new ElasticDistortion((float)word.AtMost(2).Number(0, 34), (float)word.Number(1, 4))],
        "flip" => [new RandomHorizontalFlip((float)word.AtMost(1).Number(0, 0.5))],
        "flip-v" => [new RandomVerticalFlip((float)word.AtMost(1).Number(0, 0.5))],
        "crop" => [new RandomCrop(input[0], input[1], word.AtMost(1).Whole(0, 4))],
        "brightness" => [new RandomBrightness((float)word.AtMost(1).Number(0, 0.2))],
        "contrast" => [new RandomContrast((float)word.AtMost(1).Number(0, 0.2))],
        "jitter" => Jitter((float)word.AtMost(1).Number(0, 0.2), input[2]),
        "erase" => [new RandomErasing((float)word.AtMost(1).Number(0, 0.5))],
        "noise" => [new GaussianNoise((float)word.AtMost(1).Number(0, 0.05))],
        _ => throw word.Wrong(),
    };

    private static RandomScale Scale(float part) => new(1 - part, 1 + part);

    /// <summary>Brightness, contrast, and of pictures in colours their saturation.</summary>
    private static AugmentationStep[] Jitter(float part, int channels)
    {
        AugmentationStep[] steps = [new RandomBrightness(part), new RandomContrast(part)];
        return channels == 3 ? [.. steps, new ColorJitter(part)] : steps;
    }
}
