// What a figure of maps consists of; how it looks is HeatMapDrawing's business.

namespace CnnNative.Imaging;

/// <summary>Maps of numbers drawn in colours, made by <see cref="Figure.Row"/> or <see cref="Figure.Grid"/>.</summary>
/// <remarks>Row 0 is at the top. Values are enlarged by a whole factor into square blocks, or, where they do not fit, reduced to the
/// mean of square blocks; nothing is smoothed. NaN is drawn in <see cref="NotANumber"/>, infinities as the end of the colour map that they
/// exceed. A map of one constant value has the middle colour. A diverging colour map has zero in its middle.</remarks>
public sealed class HeatMapFigure : Figure
{
    private HeatMapFigure(IReadOnlyList<HeatMap> maps, int columns, bool sharesColorBar)
    {
        Maps = maps;
        Columns = columns;
        SharesColorBar = sharesColorBar;
    }

    private HeatMapFigure(HeatMapFigure other)
    {
        (Maps, Columns, SharesColorBar) = (other.Maps, other.Columns, other.SharesColorBar);
        (Colormap, Title, Titles) = (other.Colormap, other.Title, other.Titles);
    }

    /// <summary>The colour of values that are not a number; it is in none of the colour maps.</summary>
    public static Color NotANumber { get; } = new(0, 230, 255);

    /// <summary>The colours; <see cref="Colormap.Viridis"/> unless changed.</summary>
    public Colormap Colormap { get; private init; } = Colormap.Viridis;

    /// <summary>The title above all maps, or null.</summary>
    public string? Title { get; private init; }

    /// <summary>The title above each map; empty if they have none.</summary>
    public IReadOnlyList<string> Titles { get; private init; } = [];

    internal IReadOnlyList<HeatMap> Maps { get; }

    internal int Columns { get; }

    internal bool SharesColorBar { get; }

    /// <summary>The figure in other colours.</summary>
    /// <param name="colormap">The colours.</param>
    public HeatMapFigure WithColormap(Colormap colormap)
    {
        ArgumentNullException.ThrowIfNull(colormap);
        return new HeatMapFigure(this) { Colormap = colormap };
    }

    /// <summary>The figure with a title above all maps.</summary>
    /// <param name="title">One line of text.</param>
    public HeatMapFigure WithTitle(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return new HeatMapFigure(this) { Title = title };
    }

    /// <summary>The figure with a title above each map.</summary>
    /// <param name="titles">One line of text for each map; empty ones are allowed.</param>
    /// <exception cref="ArgumentException">There are not as many titles as maps.</exception>
    public HeatMapFigure WithTitles(params IReadOnlyList<string> titles)
    {
        ArgumentNullException.ThrowIfNull(titles);
        if (titles.Count != Maps.Count)
        {
            throw new ArgumentException($"{titles.Count} titles were given, the figure has {Maps.Count} maps.", nameof(titles));
        }

        return new HeatMapFigure(this) { Titles = [.. titles] };
    }

    /// <summary>Draws the figure in the given colours into a PNG file; see <see cref="Figure.Save"/>.</summary>
    /// <param name="path">The file; its extension is .png.</param>
    /// <param name="colormap">The colours.</param>
    /// <param name="width">The width in pixels; chosen to suit the data if null.</param>
    /// <param name="height">The height in pixels; chosen to suit the data if null.</param>
    /// <exception cref="ArgumentException">The extension is not .png, or the size is not possible.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, Colormap colormap, int? width = null, int? height = null) =>
        WithColormap(colormap).Save(path, width, height);

    internal static HeatMapFigure Row(IReadOnlyList<HeatMap> maps) => new(maps, maps.Count, sharesColorBar: false);

    internal static HeatMapFigure Grid(IReadOnlyList<HeatMap> maps, int columns)
    {
        var figure = new HeatMapFigure(maps, columns, sharesColorBar: true);
        return maps.Count == 1 ? figure : figure.WithTitles([.. maps.Select((_, i) => $"{i}")]);
    }

    private protected override byte[] Draw(int? width, int? height) => HeatMapDrawing.Draw(this, width, height);
}
