// The picture of a report: a bar for each case on one thread, with its floor as a mark, under the name of its family. The height of the
// picture follows from the number of bars, so that labels have room whatever is measured.

using System.Globalization;
using CnnNative.Imaging;
using ScottPlot;
using SkiaSharp;

namespace CnnNative.BenchmarkReport;

internal static class BarChart
{
    /// <summary>The width of the picture in pixels.</summary>
    public const int Width = 1100;

    // The height of a bar with the space to the next one, and of all that is above and below the bars, in pixels.
    private const int RowHeight = 22, Frame = 120, Margin = 10;

    // Beyond this, a picture is too long to look at; the tables have them all.
    private const int MostCases = 300, MostLetters = 48;

    private static readonly ScottPlot.Color _good = ScottPlot.Color.FromHex("#3b75af");
    private static readonly ScottPlot.Color _below = ScottPlot.Color.FromHex("#d1603d");
    private static readonly ScottPlot.Color _free = ScottPlot.Color.FromHex("#a9bccf");

    /// <summary>The height of the picture in pixels.</summary>
    public static int HeightOf(IReadOnlyList<BenchmarkCase> cases)
    {
        int shown = Math.Min(cases.Count, MostCases);
        return Frame + RowHeight * (shown + cases.Take(shown).Select(one => one.One.Family).Distinct().Count());
    }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public static byte[] Draw(IReadOnlyList<BenchmarkCase> cases)
    {
        using Plot plot = new();
        BenchmarkEntry[] shown = [.. cases.Take(MostCases).Select(one => one.One)];
        double largest = shown.Max(row => Math.Max(row.PercentOfPeak, row.Floor)), right = Math.Max(100, largest) * 1.08;
        ScottPlot.TickGenerators.NumericManual names = new();
        int rows = 0;
        foreach (IGrouping<string, BenchmarkEntry> family in shown.GroupBy(row => row.Family))
        {
            AddText(plot, family.Key, 0, -rows++, size: 14);
            foreach (BenchmarkEntry row in family)
            {
                names.AddMajor(-rows, Shorten(row.Case));
                AddBar(plot, row, -rows++, right);
            }
        }

        Decorate(plot, shown, names, cases.Count);
        plot.Axes.SetLimits(0, right, -rows + 0.4, 0.6);
        using SKBitmap bitmap = PlotDrawing.NewBitmap(Width, HeightOf(cases));
        using SKCanvas canvas = new(bitmap);
        PlotDrawing.Draw(canvas, plot, Margin, Margin, bitmap.Width - 2 * Margin, bitmap.Height - 2 * Margin);
        return PlotDrawing.Encode(bitmap);
    }

    private static void AddText(Plot plot, string text, double x, double y, int size)
    {
        ScottPlot.Plottables.Text added = plot.Add.Text(text, x, y);
        added.LabelFontName = FigureFont.Name;
        added.LabelFontSize = size;
        added.LabelFontColor = FigureStyle.PlotText;
        added.LabelBackgroundColor = Colors.White; // over the grid and the line at 100
        added.LabelPadding = 1;
        added.LabelAlignment = Alignment.MiddleLeft;
        added.LabelOffsetX = 5;
    }

    private static void AddBar(Plot plot, BenchmarkEntry row, double y, double right)
    {
        Bar bar = new()
        {
            Position = y,
            Value = row.PercentOfPeak,
            Size = 0.72,
            Orientation = Orientation.Horizontal,
            FillColor = row.Floor > 0 ? row.IsBelow ? _below : _good : _free,
            LineWidth = 0,
        };
        plot.Add.Bar(bar);
        if (row.Floor > 0)
        {
            ScottPlot.Plottables.LinePlot mark = plot.Add.Line(row.Floor, y - 0.44, row.Floor, y + 0.44);
            mark.LineColor = Colors.Black;
            mark.LineWidth = 2.5f;
        }

        // Beside the bar and its floor, so that the mark does not cross it.
        bool markIsInTheWay = row.Floor > row.PercentOfPeak && row.Floor < row.PercentOfPeak + 0.05 * right;
        string number = row.PercentOfPeak.ToString("0", CultureInfo.InvariantCulture);
        AddText(plot, number, markIsInTheWay ? row.Floor : row.PercentOfPeak, y, size: 12);
    }

    private static void Decorate(Plot plot, BenchmarkEntry[] shown, ScottPlot.TickGenerators.NumericManual names, int count)
    {
        string isas = string.Join(", ", shown.Select(row => row.Isa).Distinct());
        string part = shown.Length < count ? $", the first {shown.Length} of {count} cases" : "";
        plot.Title($"Speed on one thread against one core's peak ({isas}{part})", FigureStyle.TitleSize);
        plot.XLabel(
            shown.Any(row => row.Unit == BenchmarkEntry.Read)
                ? "% of the multiply-add peak; what waits for memory: % of reading its data"
                : "% of the multiply-add peak",
            FigureStyle.MapTitleSize);
        plot.Axes.Left.TickGenerator = names;
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Bottom.MinorTickStyle.Length = 0;
        plot.Axes.Top.IsVisible = false;
        // Room for the half of the last number that is beyond the end of the axis.
        plot.Axes.Right.MinimumSize = 16;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Right.TickGenerator = new ScottPlot.TickGenerators.EmptyTickGenerator();
        plot.Axes.Left.FrameLineStyle.Color = FigureStyle.PlotFrame;
        plot.Axes.Bottom.FrameLineStyle.Color = FigureStyle.PlotFrame;
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.Grid.XAxisStyle.MajorLineStyle.Color = FigureStyle.PlotGrid;
        ScottPlot.Plottables.VerticalLine peak = plot.Add.VerticalLine(100, 1, FigureStyle.PlotFrame, LinePattern.Dashed);
        plot.MoveToBack(peak);
        foreach (LabelStyle label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Bottom.Label])
        {
            label.Bold = false;
            label.ForeColor = FigureStyle.PlotText;
        }

        ShowLegend(plot);
        plot.Font.Set(FigureFont.Name);
        plot.Legend.FontName = FigureFont.Name;
    }

    private static void ShowLegend(Plot plot)
    {
        plot.Legend.ManualItems.AddRange(
        [
            new LegendItem { LabelText = "at or above its floor", FillColor = _good },
            new LegendItem { LabelText = "below its floor", FillColor = _below },
            new LegendItem { LabelText = "no floor", FillColor = _free },
            new LegendItem { LabelText = "floor", LineColor = Colors.Black, LineWidth = 2.5f },
        ]);
        plot.ShowLegend(Edge.Top);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.FontSize = 12;
        plot.Legend.FontColor = FigureStyle.PlotText;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
    }

    private static string Shorten(string name) => name.Length <= MostLetters ? name : string.Concat(name.AsSpan(0, MostLetters - 1), "…");
}
