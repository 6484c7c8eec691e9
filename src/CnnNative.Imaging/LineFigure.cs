// Lines over two axes, drawn by the plotting library. It has no logarithmic axis, so the logarithms are plotted and the ticks
// named by their powers.

using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace CnnNative.Imaging;

/// <summary>A figure of lines, made by <see cref="Figure.Lines"/>.</summary>
/// <remarks>Points that are not finite or beyond 1e300, and points that are not above 0 on a logarithmic axis, are left
/// out.</remarks>
public sealed class LineFigure : Figure
{
    private const int DefaultWidth = 900, DefaultHeight = 540, Smallest = 100, Margin = 10;

    // Below this, names beside the lines would take a quarter of the width.
    private const int NarrowWidth = 560;

    // Below this, an axis may show a single power of ten, which says nothing about its scale.
    private const double FewDecades = 1.2;

    internal LineFigure(IReadOnlyList<Series> series) => Series = series;

    private LineFigure(LineFigure other)
    {
        (Series, Title, XLabel, YLabel) = (other.Series, other.Title, other.XLabel, other.YLabel);
        (IsXLogarithmic, IsYLogarithmic, IsXWhole) = (other.IsXLogarithmic, other.IsYLogarithmic, other.IsXWhole);
    }

    /// <summary>The lines.</summary>
    public IReadOnlyList<Series> Series { get; }

    /// <summary>The title, or null.</summary>
    public string? Title { get; private init; }

    /// <summary>What the horizontal axis shows, or null.</summary>
    public string? XLabel { get; private init; }

    /// <summary>What the vertical axis shows, or null.</summary>
    public string? YLabel { get; private init; }

    /// <summary>Whether the horizontal axis is logarithmic.</summary>
    public bool IsXLogarithmic { get; private init; }

    /// <summary>Whether the vertical axis is logarithmic.</summary>
    public bool IsYLogarithmic { get; private init; }

    /// <summary>Whether only whole numbers stand at the horizontal axis.</summary>
    public bool IsXWhole { get; private init; }

    /// <summary>The figure with a title.</summary>
    /// <param name="title">One line of text.</param>
    public LineFigure WithTitle(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return new LineFigure(this) { Title = title };
    }

    /// <summary>The figure with labels on its axes.</summary>
    /// <param name="x">What the horizontal axis shows.</param>
    /// <param name="y">What the vertical axis shows.</param>
    public LineFigure WithAxes(string x, string y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return new LineFigure(this) { XLabel = x, YLabel = y };
    }

    /// <summary>The figure with a logarithmic horizontal axis.</summary>
    public LineFigure WithLogarithmicX() => new(this) { IsXLogarithmic = true };

    /// <summary>The figure with only whole numbers at its horizontal axis, such as those of epochs.</summary>
    public LineFigure WithWholeX() => new(this) { IsXWhole = true };

    /// <summary>The figure with a logarithmic vertical axis.</summary>
    public LineFigure WithLogarithmicY() => new(this) { IsYLogarithmic = true };

    private protected override byte[] Draw(int? width, int? height)
    {
        if (width < Smallest || height < Smallest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width), $"A figure of lines of {width} x {height} pixels was asked for, expected at least {Smallest} a side.");
        }

        using SKBitmap bitmap = PlotDrawing.NewBitmap(width ?? DefaultWidth, height ?? DefaultHeight);
        using var canvas = new SKCanvas(bitmap);
        Draw(canvas, Margin, Margin, bitmap.Width - 2 * Margin, bitmap.Height - 2 * Margin);
        return PlotDrawing.Encode(bitmap);
    }

    /// <summary>Draws the lines into a rectangle of a larger figure.</summary>
    internal void Draw(SKCanvas canvas, int left, int top, int width, int height)
    {
        using var plot = new Plot();
        plot.Add.Palette = new ScottPlot.Palettes.Category10();
        foreach (Series line in Series)
        {
            AddLine(plot, line);
        }

        Decorate(plot, isNarrow: width < NarrowWidth);
        PlotDrawing.Draw(canvas, plot, left, top, width, height);
    }

    private void AddLine(Plot plot, Series line)
    {
        Coordinates[] points =
        [
            .. line.X.Zip(line.Y, (x, y) => new Coordinates(OnAxis(x, IsXLogarithmic), OnAxis(y, IsYLogarithmic)))
                .Where(point => IsDrawable(point.X) && IsDrawable(point.Y)),
        ];
        const int FewPoints = 30;
        ScottPlot.Plottables.Scatter scatter = plot.Add.Scatter(points);
        scatter.LegendText = line.Name;
        scatter.LineWidth = 2;
        scatter.MarkerSize = points.Length <= FewPoints ? 6 : 0;
    }

    // The plotting library computes with the difference of the ends of an axis and somewhat more, which has to be finite too.
    private static bool IsDrawable(double position) => Math.Abs(position) <= 1e300;

    // The logarithm of 0 and of negative numbers is not finite, so those points are left out with the others.
    private static double OnAxis(double value, bool isLogarithmic) => isLogarithmic ? Math.Log10(value) : value;

    private void Decorate(Plot plot, bool isNarrow)
    {
        Scale(plot);
        AxisLimits limits = plot.Axes.GetLimits();
        DecorateAxis(plot.Axes.Bottom, IsXLogarithmic, IsXWhole, limits.Left, limits.Right);
        DecorateAxis(plot.Axes.Left, IsYLogarithmic, isWhole: false, limits.Bottom, limits.Top);
        foreach (IAxis empty in (IAxis[])[plot.Axes.Top, plot.Axes.Right])
        {
            // Nothing but the room that half a number needs at the end of an axis.
            empty.FrameLineStyle.Width = 0;
            empty.TickGenerator = new EmptyTickGenerator();
            empty.MinimumSize = FigureStyle.GridGap;
        }

        plot.Grid.MajorLineColor = FigureStyle.PlotGrid;
        plot.Title(Title ?? "", FigureStyle.TitleSize);
        plot.XLabel(XLabel ?? "", FigureStyle.MapTitleSize);
        plot.YLabel(YLabel ?? "", FigureStyle.MapTitleSize);
        foreach (LabelStyle label in (LabelStyle[])[plot.Axes.Title.Label, plot.Axes.Bottom.Label, plot.Axes.Left.Label])
        {
            label.Bold = false;
            label.ForeColor = FigureStyle.PlotText;
        }

        if (Series.Any(line => line.Name.Length > 0))
        {
            // Beside the lines, where it cannot cover them; above them where that would leave them little room.
            ScottPlot.Panels.LegendPanel panel = plot.ShowLegend(isNarrow ? Edge.Top : Edge.Right);
            plot.Legend.Orientation = isNarrow ? Orientation.Horizontal : Orientation.Vertical;
            panel.Padding = isNarrow ? new PixelPadding(0) : panel.Padding;
            plot.Legend.FontSize = FigureStyle.MapTitleSize;
            plot.Legend.FontColor = FigureStyle.PlotText;
            plot.Legend.OutlineWidth = 0;
            plot.Legend.ShadowColor = Colors.Transparent;
        }

        plot.Font.Set(FigureFont.Name);
        plot.Legend.FontName = FigureFont.Name;
    }

    /// <summary>The library shows a level line in a range of 2, in which a small number looks like 0.</summary>
    private void Scale(Plot plot)
    {
        plot.Axes.AutoScale();
        double[] values = [.. Series.SelectMany(line => line.Y).Where(IsDrawable).Distinct().Take(2)];
        if (!IsYLogarithmic && values is [not 0 and double level])
        {
            plot.Axes.SetLimitsY(level - Math.Abs(level) / 2, level + Math.Abs(level) / 2);
        }
    }

    private static void DecorateAxis(IAxis axis, bool isLogarithmic, bool isWhole, double minimum, double maximum)
    {
        axis.FrameLineStyle.Color = FigureStyle.PlotFrame;
        axis.MajorTickStyle.Color = FigureStyle.PlotFrame;
        axis.MinorTickStyle.Color = FigureStyle.PlotFrame;
        axis.TickLabelStyle.ForeColor = FigureStyle.PlotText;
        if (isLogarithmic && maximum - minimum < FewDecades)
        {
            axis.TickGenerator = EvenTicks(Math.Pow(10, minimum), Math.Pow(10, maximum));
            return;
        }

        if (isLogarithmic)
        {
            axis.TickGenerator = new NumericAutomatic
            {
                MinorTickGenerator = new LogMinorTickGenerator(),
                IntegerTicksOnly = true,
                LabelFormatter = PowerOfTen,
            };
            return;
        }

        axis.TickGenerator = new NumericAutomatic
        {
            TickDensity = 0.5,
            IntegerTicksOnly = isWhole,
            LabelFormatter = TickLabel.For(minimum, maximum),
        };
        axis.MinorTickStyle.Length = 0;
    }

    // On an axis that holds hardly two powers of ten, the ticks are round numbers between them.
    private static NumericManual EvenTicks(double minimum, double maximum)
    {
        // A step of 2 where 5 is just too much makes two and a half times as many as the fewest; rounding may add one.
        const int FewestTicks = 4, MostTicks = 11;
        double room = (maximum - minimum) / FewestTicks, unit = Math.Pow(10, Math.Floor(Math.Log10(room)));
        double step = unit * (room >= 5 * unit ? 5 : room >= 2 * unit ? 2 : 1);
        Func<double, string> label = TickLabel.For(minimum, maximum);
        var ticks = new NumericManual();
        double first = Math.Ceiling(minimum / step);
        for (int i = 0; i < MostTicks && (first + i) * step <= maximum; i++)
        {
            double value = (first + i) * step;
            ticks.AddMajor(Math.Log10(value), label(value));
        }

        return ticks;
    }

    private static string PowerOfTen(double power) => Math.Abs(power) <= 4
        ? Math.Pow(10, power).ToString("0.####", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"1e{power:0}");
}
