// Confusion matrices as text: aligned for terminals and logs, and as Markdown for reports.

using System.Globalization;
using System.Text;

namespace CnnNative;

internal static class ConfusionMatrixText
{
    public static string Plain(ConfusionMatrix matrix) => Align(Table(matrix));

    public static string Markdown(ConfusionMatrix matrix)
    {
        List<string[]> table = Table(matrix);
        var text = new StringBuilder();
        AppendMarkdown(text, table[0]);
        AppendMarkdown(text, [.. table[0].Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (string[] row in table.Skip(1))
            AppendMarkdown(text, row);
        return text.ToString();
    }

    public static string Report(ConfusionMatrix matrix)
    {
        List<string[]> table = [["", "precision", "recall", "F1", "rows"]];
        for (int i = 0; i < matrix.Classes; i++)
            table.Add(Row(matrix.ClassNames[i], matrix.Precision(i), matrix.Recall(i), matrix.F1(i), matrix.RowTotal(i)));
        table.Add(["accuracy", "", "", Text(matrix.Accuracy), Text(matrix.Total)]);
        table.Add(Mean("macro", Averaging.Macro));
        table.Add(Mean("weighted", Averaging.Weighted));
        return Align(table);

        string[] Mean(string name, Averaging averaging) =>
            Row(name, matrix.Precision(averaging), matrix.Recall(averaging), matrix.F1(averaging), matrix.Total);

        static string[] Row(string name, double precision, double recall, double f1, long rows) =>
            [name, Text(precision), Text(recall), Text(f1), Text(rows)];
    }

    /// <summary>A row for each label and a column for each prediction, with "none" where rows predict no class.</summary>
    private static List<string[]> Table(ConfusionMatrix matrix)
    {
        int[] classes = [.. Enumerable.Range(0, matrix.Classes)];
        bool hasNone = classes.Any(i => matrix.Unpredicted(i) > 0);
        List<string[]> table = [["label \\ predicted", .. matrix.ClassNames, .. None("none"), "recall"]];
        foreach (int label in classes)
        {
            table.Add(
            [
                matrix.ClassNames[label], .. classes.Select(predicted => Text(matrix[label, predicted])),
                .. None(Text(matrix.Unpredicted(label))), Text(matrix.Recall(label)),
            ]);
        }

        table.Add(["precision", .. classes.Select(i => Text(matrix.Precision(i))), .. None(""), Text(matrix.Accuracy)]);
        return table;

        string[] None(string text) => hasNone ? [text] : [];
    }

    private static string Align(List<string[]> table)
    {
        int[] widths = [.. table[0].Select((_, column) => table.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in table)
        {
            var line = new StringBuilder(row[0].PadRight(widths[0]));
            for (int column = 1; column < row.Length; column++)
                line.Append("  ").Append(row[column].PadLeft(widths[column]));
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    private static void AppendMarkdown(StringBuilder text, string[] cells)
    {
        foreach (string cell in cells)
        {
            string escaped = cell.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
            text.Append("| ").Append(escaped).Append(' ');
        }

        text.Append("|\n");
    }

    private static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
