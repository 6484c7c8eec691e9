// The scale beside a map. The plotting library draws it, with its choice of round ticks, in a plot of its own that has no data.

using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace CnnNative.Imaging;

internal sealed class ColorBar : IDisposable
{
    private const int MostTicks = 10;

    private readonly Plot _plot = new();
    private readonly ScottPlot.Panels.ColorBar _panel;
    private readonly NumericAutomatic _ticks = new() { TargetTickCount = MostTicks };

    public ColorBar(Colormap colormap, ValueRange range)
    {
        _panel = _plot.Add.ColorBar(new Scale(colormap.Map, new ScottPlot.Range(range.Minimum, range.Maximum)), Edge.Right);
        _panel.Width = FigureStyle.ColorBarWidth;
        _ticks.LabelFormatter = TickLabel.For(range.Minimum, range.Maximum);
        _panel.Axis.TickGenerator = _ticks;
        _panel.Axis.TickLabelStyle.FontName = FigureFont.Name;
        _panel.Axis.TickLabelStyle.FontSize = FigureStyle.TickSize;
        _panel.Axis.TickLabelStyle.ForeColor = FigureStyle.PlotText;
        _panel.Axis.MajorTickStyle.Color = FigureStyle.PlotFrame;
        _panel.Axis.MajorTickStyle.Length = 3;
        _panel.Axis.MinorTickStyle.Length = 0;
        _panel.Axis.FrameLineStyle.Width = 0;
        _plot.HideGrid();
        _plot.Axes.Frame(false);
        foreach (IAxis axis in _plot.Axes.GetAxes())
        {
            axis.IsVisible = false;
        }

        _panel.Axis.IsVisible = true;
    }

    /// <summary>How many pixels the bar needs with its ticks and the gap on its left.</summary>
    public int MeasureWidth()
    {
        using Paint paint = Paint.NewDisposablePaint();
        return FigureStyle.ColorBarGap + (int)Math.Ceiling(_panel.Measure(paint));
    }

    /// <summary>Draws the bar to the right of <paramref name="left"/>, over the height of its map.</summary>
    public void Draw(SKCanvas canvas, int left, int top, int height)
    {
        // Half the text of the ticks at the ends stands above and below the bar.
        const int Overhang = (int)FigureStyle.TickSize, PixelsPerTick = 50;
        _ticks.TargetTickCount = Math.Clamp(height / PixelsPerTick, 2, MostTicks);
        int width = MeasureWidth() - FigureStyle.ColorBarGap;
        _plot.Layout.Fixed(new PixelPadding(0, width, Overhang, Overhang));
        PlotDrawing.Draw(canvas, _plot, left + FigureStyle.ColorBarGap, top - Overhang, width, height + 2 * Overhang);
    }

    public void Dispose() => _plot.Dispose();

    private sealed class Scale(IColormap colormap, ScottPlot.Range range) : IHasColorAxis
    {
        public IColormap Colormap => colormap;

        public ScottPlot.Range GetRange() => range;
    }
}
