// The tables of a test, on the terminal and as Markdown.

using System.Text;

namespace CnnNative.Cli;

internal static class EvalText
{
    private const int Listed = 5;

    public static void Print(
        TestFigures test, IDataset data, string dataName, string split, int mostInTable, IReadOnlyList<string> files)
    {
        Console.WriteLine(Headline(test, dataName, split));
        Console.WriteLine();
        Console.Write(test.Matrix.ToReport());
        Console.WriteLine();
        if (test.Matrix.Classes <= mostInTable)
        {
            Console.WriteLine("true classes are rows, predicted ones columns:");
            Console.Write(test.Matrix.ToString());
            Console.WriteLine();
        }

        IReadOnlyList<string> names = test.Matrix.ClassNames;
        if (Confusions(test.Matrix) is [_, ..] confusions)
        {
            Console.WriteLine("most often taken for another: " + string.Join(", ", confusions));
            Console.WriteLine("worst: " + string.Join(", ", test.Worst.Take(Listed).Select(mistake =>
                $"{data.NameOf(mistake.Index)} is {names[mistake.Label]}, taken for {names[mistake.Predicted]} " +
                $"({TestPictures.Sure(mistake.Probability)})")));
        }

        foreach (string file in files)
        {
            Console.WriteLine($"wrote {file}");
        }
    }

    public static void WriteMarkdown(string path, TestFigures test, string title, string split, IReadOnlyList<string> pictures)
    {
        StringBuilder text = new();
        text.Append($"# {title}\n\n{Headline(test, title, split)}\n\n");
        text.Append("| class | precision | recall | F1 | samples |\n| --- | ---: | ---: | ---: | ---: |\n");
        for (int i = 0; i < test.Matrix.Classes; i++)
        {
            string name = test.Matrix.ClassNames[i].Replace("|", "\\|", StringComparison.Ordinal);
            string precision = FigureTexts.Percent(test.Matrix.Precision(i)), recall = FigureTexts.Percent(test.Matrix.Recall(i));
            text.Append($"| {name} | {precision} | {recall} | {FigureTexts.Percent(test.Matrix.F1(i))} | ");
            text.Append($"{test.Matrix.RowTotal(i)} |\n");
        }

        text.Append($"\nTrue classes are rows, predicted ones columns.\n\n{test.Matrix.ToMarkdown()}\n");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string picture in pictures)
        {
            string name = Path.GetRelativePath(folder, Path.GetFullPath(picture)).Replace('\\', '/');
            text.Append($"![{Path.GetFileNameWithoutExtension(picture)}]({name})\n\n");
        }

        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Headline(TestFigures test, string name, string split)
    {
        string top = test.TopFive is { } value ? $", among the first five {FigureTexts.Percent(value)}" : "";
        double speed = test.Samples / Math.Max(1e-9, test.Duration.TotalSeconds);
        return
            $"{name}, {split} part: accuracy {FigureTexts.Percent(test.Accuracy)} of {FigureTexts.Count(test.Samples)}{top}, " +
            $"loss {FigureTexts.Loss(test.Loss)}, {FigureTexts.Count(speed)} images/s";
    }

    private static List<string> Confusions(ConfusionMatrix matrix)
    {
        List<(long Count, string Text)> pairs = [];
        for (int label = 0; label < matrix.Classes; label++)
        {
            for (int predicted = 0; predicted < matrix.Classes; predicted++)
            {
                if (label != predicted && matrix[label, predicted] is > 0 and long count)
                {
                    pairs.Add((count, $"{matrix.ClassNames[label]} for {matrix.ClassNames[predicted]} ({count})"));
                }
            }
        }

        return [.. pairs.OrderByDescending(pair => pair.Count).Take(Listed).Select(pair => pair.Text)];
    }
}
