// Draws a figure of maps: the plotting library draws the maps and colour bars, each at the pixels that the layout gave it.

using ScottPlot;
using SkiaSharp;

namespace CnnNative.Imaging;

internal static class HeatMapDrawing
{
    /// <summary>The figure as a PNG file.</summary>
    public static byte[] Draw(HeatMapFigure figure, int? width, int? height)
    {
        ValueRange[] ranges = Ranges(figure);
        ColorBar?[] bars = ColorBars(figure, ranges);
        try
        {
            HeatMapLayout layout = HeatMapLayout.Compute(figure, [.. bars.Select(bar => bar?.MeasureWidth() ?? 0)], width, height);
            using var bitmap = new SKBitmap(new SKImageInfo(layout.Width, layout.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            using var canvas = new SKCanvas(bitmap);
            canvas.Clear(SKColors.White);
            DrawTitles(canvas, figure, layout);
            DrawColorBars(canvas, bars, layout);
            for (int i = 0; i < figure.Maps.Count; i++)
            {
                DrawMap(canvas, figure.Maps[i], layout.Placements[i], figure.Colormap, ranges[i]);
            }

            canvas.Flush();
            using SKPixmap pixmap = bitmap.PeekPixels();
            return ImageFileWriter.Encode(pixmap, ImageEncoding.Png, 100);
        }
        finally
        {
            foreach (ColorBar? bar in bars)
            {
                bar?.Dispose();
            }
        }
    }

    private static ValueRange[] Ranges(HeatMapFigure figure)
    {
        if (figure.SharesColorBar)
        {
            var ranges = new ValueRange[figure.Maps.Count];
            Array.Fill(ranges, ValueRange.Covering(figure.Maps, figure.Colormap));
            return ranges;
        }

        return [.. figure.Maps.Select(map => ValueRange.Covering([map], figure.Colormap))];
    }

    private static ColorBar?[] ColorBars(HeatMapFigure figure, ValueRange[] ranges) => figure.SharesColorBar
        ? [new ColorBar(figure.Colormap, ranges[0])]
        : [.. figure.Maps.Select((map, i) => map.IsPicture ? null : new ColorBar(figure.Colormap, ranges[i]))];

    private static void DrawTitles(SKCanvas canvas, HeatMapFigure figure, HeatMapLayout layout)
    {
        if (figure.Title is string title)
        {
            FigureText.DrawCentered(
                canvas, title, layout.Width / 2f, layout.TitleBaseline, FigureStyle.TitleSize, layout.Width - 2 * FigureStyle.Margin);
        }

        for (int i = 0; i < figure.Titles.Count; i++)
        {
            MapPlacement placement = layout.Placements[i];
            float size = Math.Min(FigureStyle.MapTitleSize, Math.Max(FigureStyle.TickSize, placement.Size.Width / 12f));
            FigureText.DrawCentered(canvas, figure.Titles[i], (placement.Left + placement.Right) / 2f,
                placement.Top - FigureStyle.MapTitleLift, size, layout.TitleWidth(i));
        }
    }

    private static void DrawColorBars(SKCanvas canvas, ColorBar?[] bars, HeatMapLayout layout)
    {
        if (bars.Length < layout.Placements.Count)
        {
            int top = layout.Placements.Min(placement => placement.Top);
            int bottom = layout.Placements.Max(placement => placement.Bottom);
            bars[0]!.Draw(canvas, layout.Placements.Max(placement => placement.Right), top, bottom - top);
            return;
        }

        for (int i = 0; i < bars.Length; i++)
        {
            MapPlacement placement = layout.Placements[i];
            bars[i]?.Draw(canvas, placement.Right, placement.Top, placement.Size.Height);
        }
    }

    private static void DrawMap(SKCanvas canvas, HeatMap map, MapPlacement placement, Colormap colormap, ValueRange range)
    {
        HeatMap shown = map.Reduce(placement.Size.Reduction);
        if (shown.IsPicture)
        {
            DrawPicture(canvas, shown.ToImage(), placement);
            return;
        }

        using var plot = new Plot();
        ScottPlot.Plottables.Heatmap heatmap = plot.Add.Heatmap(shown.Rows(range));
        heatmap.Colormap = colormap.Map;
        heatmap.ManualRange = new ScottPlot.Range(range.Minimum, range.Maximum);
        heatmap.NaNCellColor = new ScottPlot.Color(
            HeatMapFigure.NotANumber.R, HeatMapFigure.NotANumber.G, HeatMapFigure.NotANumber.B);

        // Cells are centred on whole numbers.
        plot.Axes.SetLimits(-0.5, shown.Width - 0.5, -0.5, shown.Height - 0.5);
        plot.Layout.Frameless();
        plot.HideGrid();
        plot.Render(canvas, new PixelRect(placement.Left, placement.Right, placement.Bottom, placement.Top));
    }

    private static void DrawPicture(SKCanvas canvas, Image image, MapPlacement placement)
    {
        using SKBitmap bitmap = ImageFileWriter.ToBitmap(image);
        using SKImage pixels = SKImage.FromBitmap(bitmap);
        var target = new SKRect(placement.Left, placement.Top, placement.Right, placement.Bottom);
        canvas.DrawImage(pixels, target, new SKSamplingOptions(SKFilterMode.Nearest));
    }
}
