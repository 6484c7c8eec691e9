// Where the maps of a figure stand. Every cell of a map is a square of whole pixels, so that nothing is smoothed and no row is wider
// than its neighbour; therefore sizes are chosen first and the figure is as large as they make it, unless the caller fixed it.

namespace CnnNative.Imaging;

internal sealed class HeatMapLayout
{
    private readonly HeatMapFigure _figure;
    private readonly int[] _columnBars;
    private readonly int _rows;
    private readonly int _gap;
    private readonly int _mapTitleHeight;

    private HeatMapLayout(HeatMapFigure figure, IReadOnlyList<int> barWidths)
    {
        _figure = figure;
        _rows = (figure.Maps.Count + figure.Columns - 1) / figure.Columns;
        _gap = figure.SharesColorBar ? FigureStyle.GridGap : FigureStyle.Gap;
        _mapTitleHeight = figure.Titles.Count > 0 ? FigureStyle.MapTitleHeight : 0;
        _columnBars = new int[figure.Columns];
        for (int map = 0; map < barWidths.Count; map++)
        {
            int column = figure.SharesColorBar ? figure.Columns - 1 : map % figure.Columns;
            _columnBars[column] = Math.Max(_columnBars[column], barWidths[map]);
        }
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public IReadOnlyList<MapPlacement> Placements { get; private set; } = [];

    /// <summary>Where the title of the figure stands on.</summary>
    public float TitleBaseline { get; private set; }

    /// <summary>Places the maps.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="barWidths">The pixels that each map needs for its colour bar, or one number for the shared bar.</param>
    /// <param name="width">The width of the figure, if it is fixed.</param>
    /// <param name="height">The height of the figure, if it is fixed.</param>
    public static HeatMapLayout Compute(HeatMapFigure figure, IReadOnlyList<int> barWidths, int? width, int? height)
    {
        var layout = new HeatMapLayout(figure, barWidths);
        layout.Place(width, height);
        return layout;
    }

    /// <summary>How wide the title of a map may be: over its colour bar too, if it has one of its own, but not over the next map.</summary>
    public int TitleWidth(int map) =>
        Placements[map].Size.Width + (_figure.SharesColorBar ? 0 : _columnBars[map % _figure.Columns]);

    private int TitleHeight => _figure.Title is null ? 0 : FigureStyle.TitleHeight;

    private int HorizontalChrome => 2 * FigureStyle.Margin + _gap * (_figure.Columns - 1) + _columnBars.Sum();

    private int VerticalChrome => 2 * FigureStyle.Margin + TitleHeight + _gap * (_rows - 1) + _mapTitleHeight * _rows;

    private void Place(int? width, int? height)
    {
        (int boxWidth, int boxHeight) = Box(width, height);
        MapSize[] sizes = [.. _figure.Maps.Select(map => MapSize.Fit(map, boxWidth, boxHeight))];
        var columnWidths = new int[_figure.Columns];
        var rowHeights = new int[_rows];
        for (int i = 0; i < sizes.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, _figure.Columns);
            columnWidths[column] = Math.Max(columnWidths[column], sizes[i].Width);
            rowHeights[row] = Math.Max(rowHeights[row], sizes[i].Height);
        }

        int contentWidth = HorizontalChrome + columnWidths.Sum(), contentHeight = VerticalChrome + rowHeights.Sum();
        Width = width ?? contentWidth;
        Height = height ?? contentHeight;
        int left = (Width - contentWidth) / 2 + FigureStyle.Margin;
        int top = (Height - contentHeight) / 2 + FigureStyle.Margin + TitleHeight;
        TitleBaseline = top - TitleHeight + FigureStyle.TitleSize;
        var placements = new MapPlacement[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, _figure.Columns);
            int x = left + columnWidths.Take(column).Sum() + _columnBars.Take(column).Sum() + column * _gap;
            int y = top + rowHeights.Take(row).Sum() + row * (_gap + _mapTitleHeight) + _mapTitleHeight;
            placements[i] = new MapPlacement(
                x + (columnWidths[column] - sizes[i].Width) / 2, y + (rowHeights[row] - sizes[i].Height) / 2, sizes[i]);
        }

        Placements = placements;
    }

    // The space for one map: what the caller's size leaves, or a size that suits the largest map.
    private (int Width, int Height) Box(int? width, int? height)
    {
        int smallest = Math.Clamp(FigureStyle.SmallFigure / _figure.Columns, 16, FigureStyle.SmallFigure / 4);
        int largest = Math.Clamp(FigureStyle.LargeFigure / _figure.Columns, 64, FigureStyle.LargeFigure / 4);
        int side = Math.Clamp(_figure.Maps.Max(map => Math.Max(map.Width, map.Height)), smallest, largest);

        // An eighth of slack lets a map of 225 beside one of 449 be doubled to 450.
        int suitable = side + side / 8;
        int? boxWidth = (width - HorizontalChrome) / _figure.Columns, boxHeight = (height - VerticalChrome) / _rows;
        if (boxWidth < 1 || boxHeight < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(width),
                $"A figure of {width} x {height} pixels is too small for {_figure.Maps.Count} maps in {_rows} rows of {_figure.Columns},"
                + $" expected at least {HorizontalChrome + _figure.Columns} x {VerticalChrome + _rows}.");
        }

        return (boxWidth ?? boxHeight ?? suitable, boxHeight ?? boxWidth ?? suitable);
    }
}

/// <summary>A map's size on screen: enlarged by a whole factor, or reduced by one.</summary>
internal readonly record struct MapSize(int Width, int Height, int Reduction)
{
    public static MapSize Fit(HeatMap map, int boxWidth, int boxHeight)
    {
        int scale = Math.Min(boxWidth / map.Width, boxHeight / map.Height);
        if (scale >= 1)
        {
            return new MapSize(map.Width * scale, map.Height * scale, 1);
        }

        int reduction = Math.Max((map.Width + boxWidth - 1) / boxWidth, (map.Height + boxHeight - 1) / boxHeight);
        return new MapSize((map.Width + reduction - 1) / reduction, (map.Height + reduction - 1) / reduction, reduction);
    }
}

/// <summary>Where a map stands in the figure, in pixels from the upper left corner.</summary>
internal readonly record struct MapPlacement(int Left, int Top, MapSize Size)
{
    public int Right => Left + Size.Width;

    public int Bottom => Top + Size.Height;
}
