// The rows as a table for a terminal, which grows as they are measured, and as Markdown for a page.

using System.Globalization;
using System.Text;

namespace CnnNative.Benchmarks.Comparing;

internal static class CompareTable
{
    private static readonly (string Title, int Width, Func<CompareRow, string> Text)[] _columns =
    [
        ("threads", 7, row => Number(row.Threads, "0")),
        ("ms", 9, row => Number(row.OursMs, "0.000")),
        ("ORT's ms", 9, row => Number(row.PeerMs, "0.000")),
        ("ratio", 6, row => Number(row.Ratio, "0.00")),
        ("error", 8, row => row.MaxRelativeError.ToString("0.0e-0", CultureInfo.InvariantCulture)),
        ("load", 6, row => Number(row.OursLoadMs, "0")),
        ("ORT's load", 10, row => Number(row.PeerLoadMs, "0")),
        ("first result", 12, row => Number(row.OursFirstResultMs, "0")),
        ("ORT's first", 11, row => Number(row.PeerFirstResultMs, "0")),
        ("share", 6, row => Number(row.OursFirstResultMs / row.PeerFirstResultMs, "0 %")),
        ("MB", 6, row => Number(row.OursPeakMb, "0")),
        ("ORT's MB", 8, row => Number(row.PeerPeakMb, "0")),
        ("share", 6, row => Number(row.OursPeakMb / row.PeerPeakMb, "0 %")),
    ];

    /// <summary>The line above the rows.</summary>
    /// <param name="nameWidth">The letters of the longest name.</param>
    public static string Header(int nameWidth) =>
        $"{"model".PadRight(nameWidth)}{string.Concat(_columns.Select(column => "  " + column.Title.PadLeft(column.Width)))}";

    /// <summary>A row.</summary>
    public static string Line(CompareRow row, int nameWidth) =>
        $"{row.Model.PadRight(nameWidth)}{string.Concat(_columns.Select(column => "  " + column.Text(row).PadLeft(column.Width)))}" +
        (row.Agrees ? "" : "  outputs differ");

    /// <summary>The geometric mean of the ratios for each number of threads; empty for one row.</summary>
    public static IEnumerable<string> Means(IReadOnlyList<CompareRow> rows) => rows.GroupBy(row => row.Threads)
        .Where(group => group.Count() > 1)
        .Select(group => string.Create(
            CultureInfo.InvariantCulture,
            $"{group.Count()} models, {group.Key} thread{(group.Key == 1 ? "" : "s")}: geometric mean of the ratios {Mean(group):0.00}, " +
            $"least {group.Min(row => row.Ratio):0.00}"));

    /// <summary>The page.</summary>
    public static string Markdown(IReadOnlyList<CompareRow> rows)
    {
        StringBuilder page = new();
        page.Append("| model |").AppendJoin(" |", _columns.Select(column => " " + column.Title)).Append(" |\n| --- |");
        page.Insert(page.Length, " ---: |", _columns.Length).Append('\n');
        foreach (CompareRow row in rows)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {row.Model} |");
            page.AppendJoin(" |", _columns.Select(column => " " + column.Text(row))).Append(" |\n");
        }

        return page.Append('\n').AppendJoin('\n', Means(rows)).Append('\n').ToString();
    }

    private static double Mean(IEnumerable<CompareRow> rows) => Math.Exp(rows.Average(row => Math.Log(row.Ratio)));

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
