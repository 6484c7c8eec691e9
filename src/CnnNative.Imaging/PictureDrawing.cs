// Draws pictures in a grid of equal fields, each with a thin frame and its caption below.

using SkiaSharp;

namespace CnnNative.Imaging;

internal static class PictureDrawing
{
    private const int SuitableField = 112, LargestField = 224, SmallestField = 8, Gap = 16;
    private const int FrameWidth = 2, LineHeight = 17, CaptionGap = 4;
    private const float CaptionSize = 12f;

    private static readonly SKColor _frame = new(0xcc, 0xcc, 0xcc);
    private static readonly SKColor _right = new(0x1a, 0x7f, 0x37);
    private static readonly SKColor _wrong = new(0xc6, 0x28, 0x28);
    private static readonly SKColor _quiet = new(0x60, 0x60, 0x60);

    /// <summary>The figure as a PNG file.</summary>
    public static byte[] Draw(PictureFigure figure, int? width, int? height)
    {
        int lines = figure.Captions.Count == 0 ? 0 : figure.Captions.Max(caption => caption.Second is null ? 1 : 2);
        int rows = (figure.Items.Count + figure.Columns - 1) / figure.Columns;
        int head = figure.Title is null ? 0 : FigureStyle.TitleHeight;
        int foot = lines == 0 ? 0 : CaptionGap + lines * LineHeight;
        int extraWidth = 2 * FigureStyle.Margin + (figure.Columns - 1) * Gap;
        int extraHeight = 2 * FigureStyle.Margin + head + (rows - 1) * Gap + rows * foot;
        int field = FieldOf(figure, (width - extraWidth) / figure.Columns, (height - extraHeight) / rows);
        int contentWidth = extraWidth + figure.Columns * field, contentHeight = extraHeight + rows * field;

        using SKBitmap bitmap = PlotDrawing.NewBitmap(width ?? contentWidth, height ?? contentHeight);
        using var canvas = new SKCanvas(bitmap);
        canvas.Translate((bitmap.Width - contentWidth) / 2, (bitmap.Height - contentHeight) / 2);
        if (figure.Title is { } title)
        {
            FigureText.DrawCentered(
                canvas, title, contentWidth / 2f, FigureStyle.Margin + FigureStyle.TitleSize, FigureStyle.TitleSize,
                contentWidth - 2 * FigureStyle.Margin);
        }

        for (int i = 0; i < figure.Items.Count; i++)
        {
            int left = FigureStyle.Margin + i % figure.Columns * (field + Gap);
            int top = FigureStyle.Margin + head + i / figure.Columns * (field + foot + Gap);
            DrawPicture(canvas, figure.Items[i], figure.Captions.ElementAtOrDefault(i), left, top, field);
        }

        return PlotDrawing.Encode(bitmap);
    }

    /// <summary>The side of a field: what the given size leaves, or what enlarges the largest picture by a whole
    /// factor.</summary>
    private static int FieldOf(PictureFigure figure, int? wide, int? high)
    {
        if (wide is not null || high is not null)
        {
            int side = Math.Min(wide ?? int.MaxValue, high ?? int.MaxValue);
            return side >= SmallestField
                ? side
                : throw new ArgumentOutOfRangeException(
                    nameof(wide), $"The figure is too small for {figure.Items.Count} pictures in rows of {figure.Columns}.");
        }

        int largest = figure.Items.Max(picture => Math.Max(picture.Width, picture.Height));
        return largest >= SuitableField ? Math.Min(largest, LargestField) : (SuitableField + largest - 1) / largest * largest;
    }

    private static void DrawPicture(SKCanvas canvas, Image picture, PictureCaption caption, int left, int top, int field)
    {
        int longer = Math.Max(picture.Width, picture.Height), factor = field / longer;
        (int width, int height) = factor >= 1
            ? (picture.Width * factor, picture.Height * factor)
            : (Math.Max(1, picture.Width * field / longer), Math.Max(1, picture.Height * field / longer));
        Image sized = factor >= 1 ? picture : picture.Resize(width, height);
        using SKBitmap bitmap = ImageFileWriter.ToBitmap(sized);
        using SKImage pixels = SKImage.FromBitmap(bitmap);
        int x = left + (field - width) / 2, y = top + (field - height) / 2;
        canvas.DrawImage(pixels, new SKRect(x, y, x + width, y + height), new SKSamplingOptions(SKFilterMode.Nearest));

        SKColor color = caption.Mark switch { PictureMark.Right => _right, PictureMark.Wrong => _wrong, _ => _frame };
        using var frame = new SKPaint { Color = color, Style = SKPaintStyle.Stroke, StrokeWidth = FrameWidth };
        canvas.DrawRect(x - FrameWidth / 2f, y - FrameWidth / 2f, width + FrameWidth, height + FrameWidth, frame);

        SKColor text = caption.Mark == PictureMark.None ? FigureStyle.Text : color;
        float center = left + field / 2f, room = field + Gap - 4, line = top + field + CaptionGap + LineHeight - 3;
        FigureText.DrawCentered(canvas, caption.Text ?? "", center, line, CaptionSize, room, text);
        FigureText.DrawCentered(canvas, caption.Second ?? "", center, line + LineHeight, CaptionSize, room, _quiet);
    }
}
