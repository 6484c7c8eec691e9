// Predictions for pictures. A picture that cannot be read is told and does not keep the others from their turn.

using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class PredictRun
{
    private const int Done = 0, SomeFailed = 2;
    private static readonly string[] _endings = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];

    /// <summary>Predicts.</summary>
    /// <returns>The exit code: 2 if a picture could not be read.</returns>
    public static int Run(PredictOptions options, CancellationToken cancellation)
    {
        using ComputeContext context = options.Compute.Open();
        using Model model = ModelSource.Load(options.Model);
        Preprocessing preprocessing = options.Picture.Over(model.Preprocessing ?? PictureReader.Guess(model))
            ?? throw new UserException($"{options.Model} takes inputs of {ModelFacts.Input(model)}, which are no pictures.");
        List<PicturePrediction> predictions = [];
        foreach (string file in Files(options.Images))
        {
            cancellation.ThrowIfCancellationRequested();
            PicturePrediction prediction = Predict(file, model, preprocessing, options, context);
            predictions.Add(prediction);
            if (prediction.Error is { } error)
            {
                Console.Error.WriteLine($"cnn: {error.ReplaceLineEndings(" ").Trim()}");
            }
            else if (!options.Json)
            {
                Print(prediction, blankBefore: predictions.Count > 1);
            }
        }

        if (options.Json)
        {
            Console.WriteLine(new PredictReport(options.Model, predictions).ToJson());
        }

        return predictions.Exists(prediction => prediction.Error is not null) ? SomeFailed : Done;
    }

    /// <summary>The files that are meant; of a folder the pictures in it, in the order of their names.</summary>
    private static IEnumerable<string> Files(IEnumerable<string> words)
    {
        foreach (string word in words)
        {
            if (!Directory.Exists(word))
            {
                yield return word;
                continue;
            }

            string[] pictures =
                [.. Directory.GetFiles(word).Where(file => _endings.Contains(Path.GetExtension(file).ToLowerInvariant()))];
            if (pictures.Length == 0)
            {
                throw new UserException($"The folder '{word}' has no pictures ({string.Join(", ", _endings)}).");
            }

            foreach (string picture in pictures.Order(StringComparer.Ordinal))
            {
                yield return picture;
            }
        }
    }

    private static PicturePrediction Predict(
        string file, Model model, Preprocessing preprocessing, PredictOptions options, ComputeContext context)
    {
        try
        {
            using Tensor input = PictureReader.Read(file, preprocessing, options.Invert);
            return new PicturePrediction(file, Probabilities.Top(model, input, options.Top, context), null);
        }
        catch (Exception error) when (error is ImageFormatException or IOException or UnauthorizedAccessException)
        {
            string message = error.Message.Contains(file, StringComparison.Ordinal) ? error.Message : $"{file}: {error.Message}";
            return new PicturePrediction(file, [], message);
        }
    }

    private static void Print(PicturePrediction prediction, bool blankBefore)
    {
        const int bar = 30;
        if (blankBefore)
        {
            Console.WriteLine();
        }

        Console.WriteLine(prediction.File);
        int width = prediction.Classes.Max(guess => guess.Class.Length);
        foreach (ClassGuess guess in prediction.Classes)
        {
            string line = new('#', (int)Math.Round(bar * guess.Probability));
            Console.WriteLine($"  {guess.Class.PadRight(width)}  {FigureTexts.Percent(guess.Probability),8}  {line}".TrimEnd());
        }
    }
}
