// Draws a figure of maps, each at the pixels that the layout gave it. The maps are painted here rather than by the plotting
// library, which refuses maps without a finite value; it draws the colour bars.

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
            using SKBitmap bitmap = PlotDrawing.NewBitmap(layout.Width, layout.Height);
            using var canvas = new SKCanvas(bitmap);
            DrawColorBars(canvas, bars, layout);
            for (int i = 0; i < figure.Maps.Count; i++)
            {
                DrawMap(canvas, figure.Maps[i], layout.Placements[i], figure.Colormap, ranges[i]);
            }

            DrawTitles(canvas, figure, layout);
            return PlotDrawing.Encode(bitmap);
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
        Image image = map.Reduce(placement.Size.Reduction).Paint(colormap, range);
        using SKBitmap bitmap = ImageFileWriter.ToBitmap(image);
        using SKImage pixels = SKImage.FromBitmap(bitmap);
        var target = new SKRect(placement.Left, placement.Top, placement.Right, placement.Bottom);
        canvas.DrawImage(pixels, target, new SKSamplingOptions(SKFilterMode.Nearest));
    }
}
