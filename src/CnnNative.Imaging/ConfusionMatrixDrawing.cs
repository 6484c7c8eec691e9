// Draws a confusion matrix: blue for what is right, orange for what is wrong, and text where it can be read.

using System.Globalization;
using SkiaSharp;

namespace CnnNative.Imaging;

internal sealed class ConfusionMatrixDrawing : IDisposable
{
    private const float ShareSize = 11f, CaptionSize = 13f;

    // Mistakes are drawn against the largest of them, so that those of a good model can be seen; but one in a thousand stays
    // pale.
    private const float SmallestScale = 0.05f, StrongestWrong = 0.9f;

    // Text turns white where the cell is as dark as this.
    private const float DarkCell = 0.55f;

    private static readonly SKColor _empty = new(0xf5, 0xf5, 0xf5);
    private static readonly SKColor _right = new(0x08, 0x51, 0x9c);
    private static readonly SKColor _wrong = new(0xc4, 0x43, 0x0c);
    private static readonly SKColor _quiet = new(0x70, 0x70, 0x70);

    private readonly ConfusionMatrixFigure _figure;
    private readonly ConfusionMatrixLayout _layout;
    private readonly SKCanvas _canvas;
    private readonly SKFont _font = new(FigureFont.Typeface) { Edging = SKFontEdging.Antialias, Subpixel = true };
    private readonly SKPaint _paint = new() { IsAntialias = true };
    private readonly float _largestWrong;

    private ConfusionMatrixDrawing(ConfusionMatrixFigure figure, ConfusionMatrixLayout layout, SKCanvas canvas)
    {
        (_figure, _layout, _canvas) = (figure, layout, canvas);
        _largestWrong = SmallestScale;
        for (int i = 0; i < figure.Classes * figure.Classes; i++)
        {
            (int label, int predicted) = (i / figure.Classes, i % figure.Classes);
            _largestWrong = label == predicted ? _largestWrong : Math.Max(_largestWrong, Part(label, predicted));
        }
    }

    /// <summary>The figure as a PNG file.</summary>
    public static byte[] Draw(ConfusionMatrixFigure figure, int? width, int? height)
    {
        var layout = ConfusionMatrixLayout.Compute(figure, width, height);
        int wide = width ?? layout.Width, high = height ?? layout.Height;
        using SKBitmap bitmap = PlotDrawing.NewBitmap(wide, high);
        using var canvas = new SKCanvas(bitmap);
        canvas.Translate((wide - layout.Width) / 2, (high - layout.Height) / 2);
        using ConfusionMatrixDrawing drawing = new(figure, layout, canvas);
        drawing.DrawCells();
        drawing.DrawNames();
        drawing.DrawShares();
        drawing.DrawCaptions();
        return PlotDrawing.Encode(bitmap);
    }

    public void Dispose()
    {
        _font.Dispose();
        _paint.Dispose();
    }

    private void DrawCells()
    {
        int gap = _layout.Cell >= 12 ? 1 : 0;
        for (int label = 0; label < _figure.Classes; label++)
        {
            for (int predicted = 0; predicted < _figure.Classes; predicted++)
            {
                float strength = Strength(label, predicted);
                float left = _layout.Left + predicted * _layout.Cell, top = _layout.Top + label * _layout.Cell;
                _paint.Color = Mix(_empty, label == predicted ? _right : _wrong, strength);
                _paint.IsAntialias = false;
                _canvas.DrawRect(left, top, _layout.Cell - gap, _layout.Cell - gap, _paint);
                _paint.IsAntialias = true;
                if (_layout.HasShares && _figure.Count(label, predicted) is > 0 and long count)
                {
                    DrawCount(count, left + (_layout.Cell - gap) / 2f, top + (_layout.Cell - gap) / 2f, strength);
                }
            }
        }
    }

    private float Part(int label, int predicted) =>
        _figure.RowTotals[label] is > 0 and long total ? (float)_figure.Count(label, predicted) / total : 0;

    private float Strength(int label, int predicted)
    {
        float part = Part(label, predicted);
        return label == predicted ? part : StrongestWrong * MathF.Sqrt(part / _largestWrong);
    }

    private void DrawCount(long count, float x, float y, float strength)
    {
        string text = count.ToString(CultureInfo.InvariantCulture);
        _font.Size = _layout.TextSize;
        float width = _font.MeasureText(text), room = _layout.Cell - 6;
        _font.Size = width > room ? Math.Max(7f, _layout.TextSize * room / width) : _layout.TextSize;
        Text(text, x, y + 0.36f * _font.Size, SKTextAlign.Center, strength > DarkCell ? SKColors.White : FigureStyle.Text);
    }

    private void DrawNames()
    {
        if (!_layout.HasNames)
        {
            return;
        }

        _font.Size = _layout.TextSize;
        float top =
            _layout.Bottom + (_layout.HasShares ? ConfusionMatrixLayout.CaptionHeight : 0) + ConfusionMatrixLayout.Gap / 2f;
        for (int i = 0; i < _figure.Classes; i++)
        {
            string name = FigureText.Shorten(_figure.ClassNames[i], _font, _layout.NameWidth);
            float middle = _layout.Middle(i), lift = 0.36f * _font.Size;
            Text(
                name, _layout.Left - ConfusionMatrixLayout.Gap, _layout.Top + middle + lift, SKTextAlign.Right, FigureStyle.Text);
            if (!_layout.IsSlanted)
            {
                Text(name, _layout.Left + middle, top + _font.Size, SKTextAlign.Center, FigureStyle.Text);
                continue;
            }

            _canvas.Save();
            _canvas.Translate(_layout.Left + middle + lift, top + lift);
            _canvas.RotateDegrees(-45);
            Text(name, 0, lift, SKTextAlign.Right, FigureStyle.Text);
            _canvas.Restore();
        }
    }

    private void DrawShares()
    {
        if (!_layout.HasShares)
        {
            return;
        }

        float right = _layout.Right + ConfusionMatrixLayout.Gap, bottom = _layout.Bottom + ConfusionMatrixLayout.Gap / 2f;
        _font.Size = Math.Min(ShareSize, _layout.TextSize);
        for (int i = 0; i < _figure.Classes; i++)
        {
            float middle = _layout.Middle(i);
            Text(Share(_figure.Recall[i]), right, _layout.Top + middle + 0.36f * _font.Size, SKTextAlign.Left, _quiet);
            Text(Share(_figure.Precision[i]), _layout.Left + middle, bottom + _font.Size, SKTextAlign.Center, _quiet);
        }

        _font.Size = ShareSize;
        Text("recall", right, _layout.Top - 8, SKTextAlign.Left, _quiet);
        Text("precision", _layout.Left - ConfusionMatrixLayout.Gap, bottom + _font.Size, SKTextAlign.Right, _quiet);
    }

    private void DrawCaptions()
    {
        _font.Size = CaptionSize;
        float x = FigureStyle.Margin + _font.Size, y = _layout.Top + _layout.Side / 2f;
        float bottom = _layout.Height - FigureStyle.Margin;
        Text("predicted", _layout.Left + _layout.Side / 2f, bottom, SKTextAlign.Center, FigureStyle.Text);
        _canvas.Save();
        _canvas.Translate(x, y);
        _canvas.RotateDegrees(-90);
        Text("true", 0, 0, SKTextAlign.Center, FigureStyle.Text);
        _canvas.Restore();
        if (_figure.Title is { } title)
        {
            FigureText.DrawCentered(
                _canvas, title, _layout.Width / 2f, FigureStyle.Margin + FigureStyle.TitleSize, FigureStyle.TitleSize,
                _layout.Width - 2 * FigureStyle.Margin);
        }
    }

    private void Text(string text, float x, float y, SKTextAlign align, SKColor color)
    {
        _paint.Color = color;
        _canvas.DrawText(text, x, y, align, _font, _paint);
    }

    private static string Share(double part) =>
        double.IsNaN(part) ? "\u2013" : (100 * part).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static SKColor Mix(SKColor from, SKColor to, float part)
    {
        return new SKColor(Channel(from.Red, to.Red), Channel(from.Green, to.Green), Channel(from.Blue, to.Blue));

        byte Channel(byte a, byte b) => (byte)MathF.Round(a + (b - a) * Math.Clamp(part, 0, 1));
    }
}
