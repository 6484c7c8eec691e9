// Colour maps by name. Their tables come from the plotting library; only Coolwarm is computed here, because it has none.

namespace CnnNative.Imaging;

/// <summary>Maps numbers to colours, for heat maps. Immutable and safe to use from several threads.</summary>
public sealed class Colormap
{
    private readonly ScottPlot.IColormap _map;

    private Colormap(string name, ScottPlot.IColormap map, bool isDiverging = false)
    {
        Name = name;
        _map = map;
        IsDiverging = isDiverging;
    }

    /// <summary>Black over purple to pale yellow, perceptually uniform (matplotlib's magma).</summary>
    public static Colormap Magma { get; } = new(nameof(Magma), new ScottPlot.Colormaps.Magma());

    /// <summary>Dark blue over green to yellow, perceptually uniform (matplotlib's viridis).</summary>
    public static Colormap Viridis { get; } = new(nameof(Viridis), new ScottPlot.Colormaps.Viridis());

    /// <summary>Black to white.</summary>
    public static Colormap Gray { get; } = new(nameof(Gray), new ScottPlot.Colormaps.Grayscale());

    /// <summary>Blue over light gray to red, for values on both sides of zero (Moreland 2009).</summary>
    public static Colormap Coolwarm { get; } =
        new(nameof(Coolwarm), new ScottPlot.Colormaps.CustomInterpolated(CoolwarmTable()), isDiverging: true);

    /// <summary>All colour maps.</summary>
    public static IReadOnlyList<Colormap> All { get; } = [Magma, Viridis, Gray, Coolwarm];

    /// <summary>The name, such as "Magma".</summary>
    public string Name { get; }

    /// <summary>Whether the middle colour stands for zero. Figures then span as far below zero as above.</summary>
    public bool IsDiverging { get; }

    internal ScottPlot.IColormap Map => _map;

    /// <summary>The colour at a position.</summary>
    /// <param name="t">0 for the first colour, 1 for the last; positions outside are held at the ends, NaN gives the first.</param>
    public Color At(float t)
    {
        ScottPlot.Color color = _map.GetColor(float.IsNaN(t) ? 0.0 : Math.Clamp((double)t, 0.0, 1.0));
        return new Color(color.Red, color.Green, color.Blue);
    }

    /// <summary>The colour map of a name, without regard to case.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is no colour map of that name.</exception>
    public static Colormap Parse(string name) =>
        All.FirstOrDefault(map => map.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new ArgumentException(
            $"There is no colour map '{name}', expected one of {string.Join(", ", All.Select(map => map.Name))}.", nameof(name));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ScottPlot.Color[] CoolwarmTable() =>
        [.. CoolwarmColors.Compute().Select(color => new ScottPlot.Color(color.R, color.G, color.B))];
}
