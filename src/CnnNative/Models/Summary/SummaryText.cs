// Summaries as tables: aligned for a terminal, or in Markdown.

using System.Globalization;
using System.Text;

namespace CnnNative.Models;

internal static class SummaryText
{
    private const int FirstNumber = 3, LastNumber = 5;
    private static readonly string[] Titles = ["Layer", "Kind", "Output", "Parameters", "MACs", "Activations", "Sees"];

    /// <summary>An aligned table; numbers stand on the right of their columns.</summary>
    public static string Plain(ModelSummary summary)
    {
        string[][] rows = Rows(summary);
        int[] widths = [.. Titles.Select((title, i) => rows.Append(Titles).Max(row => row[i].Length))];
        StringBuilder text = new();
        AppendLine(Titles);
        text.Append('-', widths.Sum() + 2 * (widths.Length - 1)).Append('\n');
        foreach (string[] row in rows)
        {
            AppendLine(row);
        }

        text.Append('\n');
        foreach ((string name, string value) in Totals(summary))
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }

        return text.ToString();

        void AppendLine(string[] cells)
        {
            IEnumerable<string> padded = cells.Select(
                (cell, i) => IsNumber(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join("  ", padded).TrimEnd()).Append('\n');
        }
    }

    /// <summary>A table and a list.</summary>
    public static string Markdown(ModelSummary summary)
    {
        StringBuilder text = new();
        AppendLine(Titles);
        AppendLine([.. Titles.Select((_, i) => IsNumber(i) ? "---:" : "---")]);
        foreach (string[] row in Rows(summary))
        {
            AppendLine([.. row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))]);
        }

        text.Append('\n');
        foreach ((string name, string value) in Totals(summary))
        {
            text.Append("- ").Append(name).Append(": ").Append(value).Append('\n');
        }

        return text.ToString();

        void AppendLine(string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    /// <summary>A size in a unit that leaves three digits or four.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string format = unit == 0 || value >= 100 ? "F0" : "F1";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {units[unit]}";
    }

    private static bool IsNumber(int column) => column is >= FirstNumber and <= LastNumber;

    private static string[][] Rows(ModelSummary summary) =>
    [
        .. summary.Inputs.Select(input => new[]
        {
            input.Name, "input", string.Join('x', input.Dimensions.Where(size => size != Dimension.Batch)), "", "", "", "",
        }),
        .. summary.Rows.Select(row => new[]
        {
            row.Name, row.Kind, row.OutputShape.ToString(), Number(row.Parameters), Number(row.MultiplyAccumulates),
            row.ActivationBytes == 0 ? "" : Bytes(row.ActivationBytes), row.ReceptiveField?.ToString() ?? "all",
        }),
    ];

    private static string Number(long value) => value == 0 ? "" : value.ToString("N0", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, string Value)> Totals(ModelSummary summary)
    {
        string statistics = summary.Statistics > 0
            ? string.Create(CultureInfo.InvariantCulture, $", besides {summary.Statistics:N0} running statistics")
            : "";
        yield return ("Parameters", string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Parameters:N0}, of which {summary.TrainedParameters:N0} are trained{statistics}"));
        yield return ("Multiply-accumulates of one sample", string.Create(
            CultureInfo.InvariantCulture, $"{summary.MultiplyAccumulates:N0}"));
        yield return ("Results of all layers for one sample", Bytes(summary.ActivationBytes));
        yield return (
            $"Memory to predict batches of {summary.BatchSize}",
            $"{Bytes(summary.InferenceTotal)} ({Bytes(summary.ParameterBytes)} parameters, {Bytes(summary.InferenceBytes)} " +
            "results)");
        yield return (
            $"Memory to train batches of {summary.BatchSize}",
            $"{Bytes(summary.TrainingTotal)} ({Bytes(summary.ParameterBytes)} parameters, {Bytes(summary.GradientBytes)} " +
            $"gradients, {Bytes(summary.TrainingBytes)} results), and what the optimiser remembers");
    }
}
