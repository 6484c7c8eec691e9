// The pictures of a test: which classes are taken for which, and the samples that the model was most wrong about.

using System.Globalization;
using CnnNative.Imaging;

namespace CnnNative.Cli;

internal static class TestPictures
{
    /// <summary>How many mistakes the picture shows at most.</summary>
    public const int Mistakes = 30;

    private const int Columns = 10;

    /// <summary>Writes the pictures.</summary>
    /// <param name="folder">Where to; it exists.</param>
    /// <param name="test">The figures of the test.</param>
    /// <param name="data">What it was done on, with pictures from 0 to 1.</param>
    /// <param name="title">What was measured on what.</param>
    /// <returns>The paths of the files.</returns>
    public static IReadOnlyList<string> Write(string folder, TestFigures test, IDataset data, string title)
    {
        List<string> files = [Path.Combine(folder, "confusion.png")];
        Figure.Confusion(test.Matrix)
            .WithTitle($"{title}: {FigureTexts.Percent(test.Accuracy)} of {FigureTexts.Count(test.Samples)} right")
            .Save(files[0]);
        if (test.Worst.Count > 0)
        {
            files.Add(Path.Combine(folder, "mistakes.png"));
            DrawMistakes(test, data, title).Save(files[1]);
        }

        return files;
    }

    /// <summary>A sample of a data set as a picture.</summary>
    public static Image PictureOf(IDataset data, int index)
    {
        SampleBuffer buffer = new(data.Schema);
        data.Read(index, buffer.Sample);
        Shape shape = data.Schema.Inputs[0].Shape;
        using Tensor tensor = Tensor.FromSpan(buffer.GetInput(0), (1, shape[0], shape[1], shape[2]));
        return Image.FromTensor(tensor);
    }

    /// <summary>How sure a model is, in few letters.</summary>
    public static string Sure(float probability) => probability >= 0.9995f
        ? "100 %"
        : (100 * probability).ToString(probability >= 0.1f ? "0.0" : "0.00", CultureInfo.InvariantCulture) + " %";

    private static PictureFigure DrawMistakes(TestFigures test, IDataset data, string title)
    {
        IReadOnlyList<string> names = test.Matrix.ClassNames;
        Image[] pictures = [.. test.Worst.Select(mistake => PictureOf(data, mistake.Index))];
        PictureCaption[] captions =
        [
            .. test.Worst.Select(mistake => new PictureCaption(
                $"{names[mistake.Predicted]}  {Sure(mistake.Probability)}", $"is {names[mistake.Label]}", PictureMark.Wrong)),
        ];
        long wrong = test.Samples - (long)Math.Round(test.Accuracy * test.Samples);
        string shown = wrong <= pictures.Length
            ? $"the {wrong} mistakes"
            : $"the worst {pictures.Length} of {FigureTexts.Count(wrong)} mistakes";
        return Figure.Pictures(pictures, Math.Min(Columns, pictures.Length))
            .WithTitle($"{title}: {shown}")
            .WithCaptions(captions);
    }
}
