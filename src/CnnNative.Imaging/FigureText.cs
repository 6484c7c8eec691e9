// One line of centred text that always fits: it is set smaller first, and shortened with an ellipsis where that is not enough.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class FigureText
{
    private const float SmallestSize = 9f;

    /// <summary>Draws a line of text around <paramref name="centerX"/>, at most <paramref name="maxWidth"/> pixels wide.</summary>
    public static void DrawCentered(SKCanvas canvas, string text, float centerX, float baseline, float size, float maxWidth) =>
        DrawCentered(canvas, text, centerX, baseline, size, maxWidth, FigureStyle.Text);

    /// <summary>The same in another colour.</summary>
    public static void DrawCentered(
        SKCanvas canvas, string text, float centerX, float baseline, float size, float maxWidth, SKColor color)
    {
        using var font = new SKFont(FigureFont.Typeface, size) { Edging = SKFontEdging.Antialias, Subpixel = true };
        float width = font.MeasureText(text);
        if (width > maxWidth)
        {
            font.Size = Math.Max(SmallestSize, size * maxWidth / width);
            text = Shorten(text, font, maxWidth);
        }

        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawText(text, centerX, baseline, SKTextAlign.Center, font, paint);
    }

    /// <summary>The text, cut off with an ellipsis where it is wider than there is room.</summary>
    public static string Shorten(string text, SKFont font, float maxWidth)
    {
        string shortened = text;
        for (int length = text.Length; length > 0 && font.MeasureText(shortened) > maxWidth; length--)
        {
            shortened = $"{text[..(length - 1)].TrimEnd()}\u2026";
        }

        return shortened;
    }
}
