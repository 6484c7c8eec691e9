// The picture of a comparison: for each model a bar for each number of threads, as long as ONNX Runtime's time is a multiple of
// ours, and a line at one, where both take as long.

using System.Globalization;
using CnnNative.Imaging;
using ScottPlot;
using SkiaSharp;

namespace CnnNative.Benchmarks.Comparing;

internal static class CompareChart
{
    private const int Width = 900, RowHeight = 20, Frame = 110, Margin = 10;

    // The least that the axis shows, and room for the numbers behind the bars.
    private const double LeastRange = 2, Room = 1.08;

    private static readonly ScottPlot.Color[] _colors =
        [ScottPlot.Color.FromHex("#3b75af"), ScottPlot.Color.FromHex("#7fb069"), ScottPlot.Color.FromHex("#a9bccf")];

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public static byte[] Draw(IReadOnlyList<CompareRow> rows)
    {
        using Plot plot = new();
        int[] threads = [.. rows.Select(row => row.Threads).Distinct().Order()];
        ScottPlot.TickGenerators.NumericManual names = new();
        double right = Math.Max(LeastRange, rows.Max(row => row.Ratio)) * Room;
        int lines = 0;
        foreach (IGrouping<string, CompareRow> model in rows.GroupBy(row => row.Model))
        {
            CompareRow[] bars = [.. model.OrderBy(row => row.Threads)];
            names.AddMajor(-lines - (bars.Length - 1) / 2.0, model.Key);
            foreach (CompareRow row in bars)
            {
                AddBar(plot, row, -lines++, _colors[Array.IndexOf(threads, row.Threads) % _colors.Length]);
            }

            lines++;
        }

        Decorate(plot, names, threads);
        plot.Axes.SetLimits(0, right, -lines + 0.4, 0.8);
        using SKBitmap bitmap = PlotDrawing.NewBitmap(Width, Frame + RowHeight * lines);
        using SKCanvas canvas = new(bitmap);
        PlotDrawing.Draw(canvas, plot, Margin, Margin, bitmap.Width - 2 * Margin, bitmap.Height - 2 * Margin);
        return PlotDrawing.Encode(bitmap);
    }

    private static void AddBar(Plot plot, CompareRow row, double y, ScottPlot.Color color)
    {
        Bar bar = new()
        {
            Position = y,
            Value = row.Ratio,
            Size = 0.86,
            Orientation = Orientation.Horizontal,
            FillColor = color,
            LineWidth = 0,
        };
        plot.Add.Bar(bar);
        ScottPlot.Plottables.Text text = plot.Add.Text(row.Ratio.ToString("0.00", CultureInfo.InvariantCulture), row.Ratio, y);
        text.LabelFontName = FigureFont.Name;
        text.LabelFontSize = 12;
        text.LabelFontColor = FigureStyle.PlotText;
        text.LabelBackgroundColor = Colors.White; // over the grid and the line at one
        text.LabelPadding = 1;
        text.LabelAlignment = Alignment.MiddleLeft;
        text.LabelOffsetX = 5;
    }

    private static void Decorate(Plot plot, ScottPlot.TickGenerators.NumericManual names, int[] threads)
    {
        plot.Title("ONNX Runtime's time as a multiple of CnnNative's, batch 1", FigureStyle.TitleSize);
        plot.XLabel("longer is faster; at 1 both take as long", FigureStyle.MapTitleSize);
        plot.Axes.Left.TickGenerator = names;
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Bottom.MinorTickStyle.Length = 0;
        plot.Axes.Top.IsVisible = false;
        plot.Axes.Right.MinimumSize = 16;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Right.TickGenerator = new ScottPlot.TickGenerators.EmptyTickGenerator();
        plot.Axes.Left.FrameLineStyle.Color = FigureStyle.PlotFrame;
        plot.Axes.Bottom.FrameLineStyle.Color = FigureStyle.PlotFrame;
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.Grid.XAxisStyle.MajorLineStyle.Color = FigureStyle.PlotGrid;
        plot.Add.VerticalLine(1, 1.5f, Colors.Black, LinePattern.Dashed);
        foreach (LabelStyle label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Bottom.Label])
        {
            label.Bold = false;
            label.ForeColor = FigureStyle.PlotText;
        }

        plot.Legend.ManualItems.AddRange(threads.Select((count, i) => new LegendItem
        {
            LabelText = count == 1 ? "1 thread" : $"{count} threads",
            FillColor = _colors[i % _colors.Length],
        }));
        plot.ShowLegend(Edge.Top);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.FontSize = 12;
        plot.Legend.FontColor = FigureStyle.PlotText;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Font.Set(FigureFont.Name);
        plot.Legend.FontName = FigureFont.Name;
    }
}
