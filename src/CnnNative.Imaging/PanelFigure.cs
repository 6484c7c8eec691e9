// Several figures of lines in one picture, such as the loss, the accuracy and the learning rate of a training.

using SkiaSharp;

namespace CnnNative.Imaging;

/// <summary>Figures of lines in a grid, made by <see cref="Figure.Panels"/>.</summary>
public sealed class PanelFigure : Figure
{
    private const int DefaultWidth = 640, DefaultHeight = 400, Smallest = 100, Margin = 10;

    internal PanelFigure(IReadOnlyList<LineFigure> items, int columns, string? title = null) =>
        (Items, Columns, Title) = (items, columns, title);

    /// <summary>The figures, from left to right and from the top down.</summary>
    public IReadOnlyList<LineFigure> Items { get; }

    /// <summary>How many stand in a row.</summary>
    public int Columns { get; }

    /// <summary>The title above all of them, or null.</summary>
    public string? Title { get; }

    private int Rows => (Items.Count + Columns - 1) / Columns;

    /// <summary>The figure with a title.</summary>
    /// <param name="title">One line of text.</param>
    public PanelFigure WithTitle(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return new PanelFigure(Items, Columns, title);
    }

    private protected override byte[] Draw(int? width, int? height)
    {
        int head = Title is null ? 0 : FigureStyle.TitleHeight;
        int wide = width ?? Columns * DefaultWidth, high = height ?? Rows * DefaultHeight + head;
        if (wide < Columns * Smallest || high - head < Rows * Smallest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width),
                $"{Columns} x {Rows} panels on {wide} x {high} pixels were asked for, expected at least {Smallest} a side each.");
        }

        using SKBitmap bitmap = PlotDrawing.NewBitmap(wide, high);
        using var canvas = new SKCanvas(bitmap);
        if (Title is not null)
        {
            FigureText.DrawCentered(
                canvas, Title, wide / 2f, head - FigureStyle.MapTitleLift, FigureStyle.TitleSize, wide - 2 * FigureStyle.Margin);
        }

        for (int i = 0; i < Items.Count; i++)
        {
            // The edges are rounded, and not the sizes, so that nothing is left over at the right and at the bottom.
            int left = Edge(i % Columns, wide, Columns), right = Edge(i % Columns + 1, wide, Columns);
            int top = Edge(i / Columns, high - head, Rows), bottom = Edge(i / Columns + 1, high - head, Rows);
            Items[i].Draw(canvas, left + Margin, head + top + Margin, right - left - 2 * Margin, bottom - top - 2 * Margin);
        }

        return PlotDrawing.Encode(bitmap);
    }

    private static int Edge(int index, int size, int count) => (int)((long)index * size / count);
}
