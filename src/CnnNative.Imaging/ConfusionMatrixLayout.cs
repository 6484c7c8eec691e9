// Where the parts of a confusion matrix stand. All follows from the side of a cell, so a size that is given is met by trying
// cells.

using SkiaSharp;

namespace CnnNative.Imaging;

/// <summary>The layout of a matrix with cells of a size.</summary>
internal sealed class ConfusionMatrixLayout
{
    public const int Gap = 10, CaptionHeight = 26;

    private const int LargestCell = 54, SuitableMatrix = 900, SmallestWithCounts = 26, SmallestWithNames = 10;
    private const int LongestName = 150, ShareWidth = 56, EdgeCaption = 54;
    private const float LargestText = 14f, SmallestText = 8f;

    private ConfusionMatrixLayout(ConfusionMatrixFigure figure, int cell)
    {
        (Cell, Side) = (cell, cell * figure.Classes);
        (HasNames, HasShares) = (cell >= SmallestWithNames, cell >= SmallestWithCounts);
        TextSize = Math.Clamp(0.32f * cell, SmallestText, LargestText);
        using var font = new SKFont(FigureFont.Typeface, TextSize);
        float longest = HasNames ? figure.ClassNames.Max(name => font.MeasureText(name)) : 0;
        NameWidth = Math.Max((int)Math.Ceiling(Math.Min(longest, LongestName)), HasShares ? EdgeCaption : 0);
        IsSlanted = longest > cell - 4;
        float nameHeight = IsSlanted ? 0.71f * (Math.Min(longest, LongestName) + TextSize) : TextSize;
        NameHeight = HasNames ? (int)nameHeight + Gap : 0;

        Left = FigureStyle.Margin + CaptionHeight + NameWidth + Gap;
        Top = FigureStyle.Margin + (figure.Title is null ? 0 : FigureStyle.TitleHeight) + (HasShares ? CaptionHeight : 0);
        int shares = HasShares ? Gap + ShareWidth : 0;
        Width = Left + Side + shares + FigureStyle.Margin;
        Height = Top + Side + (HasShares ? CaptionHeight : 0) + NameHeight + CaptionHeight + FigureStyle.Margin;
    }

    /// <summary>The side of a cell in pixels.</summary>
    public int Cell { get; }

    /// <summary>The side of the matrix.</summary>
    public int Side { get; }

    public int Left { get; }

    public int Top { get; }

    public int Right => Left + Side;

    public int Bottom => Top + Side;

    public int Width { get; }

    public int Height { get; }

    public float TextSize { get; }

    /// <summary>The space for the names of rows.</summary>
    public int NameWidth { get; }

    /// <summary>The space for the names of columns.</summary>
    public int NameHeight { get; }

    /// <summary>Whether names of columns are too long to stand side by side.</summary>
    public bool IsSlanted { get; }

    public bool HasNames { get; }

    /// <summary>Whether there is room for counts, recall and precision.</summary>
    public bool HasShares { get; }

    /// <summary>The middle of a row or column, from the matrix's edge.</summary>
    public float Middle(int index) => (index + 0.5f) * Cell;

    /// <summary>The layout that suits the number of classes, or the largest that fits a given size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">None fits.</exception>
    public static ConfusionMatrixLayout Compute(ConfusionMatrixFigure figure, int? width, int? height)
    {
        int suitable = Math.Clamp(SuitableMatrix / figure.Classes, 1, LargestCell);
        if (width is null && height is null)
        {
            return new ConfusionMatrixLayout(figure, suitable);
        }

        for (int cell = Math.Min(width ?? int.MaxValue, height ?? int.MaxValue) / figure.Classes; cell >= 1; cell--)
        {
            ConfusionMatrixLayout layout = new(figure, cell);
            if (layout.Width <= (width ?? int.MaxValue) && layout.Height <= (height ?? int.MaxValue))
            {
                return layout;
            }
        }

        throw new ArgumentOutOfRangeException(
            nameof(width), $"{width} x {height} pixels are too few for a matrix of {figure.Classes} classes with its captions.");
    }
}
