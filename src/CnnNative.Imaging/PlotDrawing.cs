// The plotting library clears the whole canvas before it draws, so a plot that is only a part of a figure gets a bitmap of its own.

using ScottPlot;
using SkiaSharp;

namespace CnnNative.Imaging;

internal static class PlotDrawing
{
    /// <summary>An opaque white bitmap, which the caller disposes.</summary>
    public static SKBitmap NewBitmap(int width, int height)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.White);
        return bitmap;
    }

    /// <summary>Draws a plot into a rectangle of a larger canvas.</summary>
    public static void Draw(SKCanvas canvas, Plot plot, int left, int top, int width, int height)
    {
        using SKBitmap bitmap = NewBitmap(width, height);
        using (var part = new SKCanvas(bitmap))
        {
            plot.Render(part, width, height);
        }

        using SKImage pixels = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(pixels, left, top);
    }

    /// <summary>A finished figure as a PNG file.</summary>
    public static byte[] Encode(SKBitmap bitmap)
    {
        using SKPixmap pixmap = bitmap.PeekPixels();
        return ImageFileWriter.Encode(pixmap, ImageEncoding.Png, quality: 100);
    }
}
