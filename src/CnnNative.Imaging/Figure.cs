// The entrance to figures: one class to find them all, and what every figure can do. Figures copy the data they are given and
// never change, so they can be kept, shared and rendered again after the tensors are gone.

namespace CnnNative.Imaging;

/// <summary>A picture of data: feature maps side by side, a grid of channels, lines, a confusion matrix, or pictures with
/// captions. Immutable; the <c>With</c> methods give changed copies. Safe to use from several threads.</summary>
public abstract class Figure
{
    private protected Figure()
    {
    }

    /// <summary>Maps side by side, each with a colour bar of its own; tensors with three channels are shown as RGB
    /// pictures.</summary>
    /// <param name="maps">One or more maps: 1 x height x width x channels, height x width x channels, or height x width, with 1
    /// or 3 channels. Their values are copied.</param>
    /// <exception cref="ArgumentException">There is no map.</exception>
    /// <exception cref="ShapeException">A tensor has another shape.</exception>
    public static HeatMapFigure Row(params ReadOnlySpan<Tensor> maps)
    {
        if (maps.IsEmpty)
        {
            throw new ArgumentException("No tensor was given, expected at least one.", nameof(maps));
        }

        var copies = new HeatMap[maps.Length];
        for (int i = 0; i < maps.Length; i++)
        {
            copies[i] = HeatMap.FromTensor(maps[i]);
        }

        return HeatMapFigure.Row(copies);
    }

    /// <summary>A grid with one map for each channel. All share one colour bar, so that they can be compared.</summary>
    /// <param name="maps">Feature maps: 1 x height x width x channels, height x width x channels, or height x width. Their values
    /// are copied. The maps are numbered from 0.</param>
    /// <param name="columns">How many maps stand in a row; about the square root of their number if null.</param>
    /// <exception cref="ShapeException">The tensor has another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one column.</exception>
    public static HeatMapFigure Grid(Tensor maps, int? columns = null)
    {
        HeatMap[] copies = HeatMap.FromChannels(maps);
        int chosen = columns ?? (int)Math.Ceiling(Math.Sqrt(copies.Length));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen, nameof(columns));
        return HeatMapFigure.Grid(copies, Math.Min(chosen, copies.Length));
    }

    /// <summary>Lines, such as the loss over the epochs.</summary>
    /// <param name="series">One or more lines.</param>
    /// <exception cref="ArgumentException">There is no line.</exception>
    public static LineFigure Lines(params ReadOnlySpan<Series> series) => series.IsEmpty
        ? throw new ArgumentException("No series was given, expected at least one.", nameof(series))
        : new LineFigure(series.ToArray());

    /// <summary>Several figures of lines in a grid, each as large as the others.</summary>
    /// <param name="panels">One or more figures, from left to right and from the top down.</param>
    /// <param name="columns">How many stand in a row; about the square root of their number if null.</param>
    /// <exception cref="ArgumentException">There is no figure.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one column.</exception>
    public static PanelFigure Panels(IReadOnlyList<LineFigure> panels, int? columns = null)
    {
        ArgumentNullException.ThrowIfNull(panels);
        if (panels.Count == 0)
        {
            throw new ArgumentException("No figure was given, expected at least one.", nameof(panels));
        }

        int chosen = columns ?? (int)Math.Ceiling(Math.Sqrt(panels.Count));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen, nameof(columns));
        return new PanelFigure([.. panels], Math.Min(chosen, panels.Count));
    }

    /// <summary>Which classes are taken for which.</summary>
    /// <param name="matrix">The counts, which are copied.</param>
    public static ConfusionMatrixFigure Confusion(ConfusionMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new ConfusionMatrixFigure(matrix);
    }

    /// <summary>Pictures in a grid, with captions if wanted.</summary>
    /// <param name="pictures">One or more pictures, from left to right and from the top down.</param>
    /// <param name="columns">How many stand in a row; about the square root of twice their number if null.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one column.</exception>
    public static PictureFigure Pictures(IReadOnlyList<Image> pictures, int? columns = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
        {
            throw new ArgumentException("No picture was given, expected at least one.", nameof(pictures));
        }

        int chosen = columns ?? (int)Math.Ceiling(Math.Sqrt(2.0 * pictures.Count));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen, nameof(columns));
        return new PictureFigure([.. pictures], Math.Min(chosen, pictures.Count));
    }

    /// <summary>Draws the figure.</summary>
    /// <param name="width">The width in pixels; chosen to suit the data if null.</param>
    /// <param name="height">The height in pixels; chosen to suit the data if null.</param>
    /// <returns>The bytes of a PNG file.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is too small for what is to be drawn, or impossible.</exception>
    public byte[] Render(int? width = null, int? height = null)
    {
        CheckSide(width, nameof(width));
        CheckSide(height, nameof(height));
        return Draw(width, height);
    }

    /// <summary>Draws the figure into a PNG file, which appears whole or not at all; an existing one is replaced.</summary>
    /// <param name="path">The file; its extension is .png.</param>
    /// <param name="width">The width in pixels; chosen to suit the data if null.</param>
    /// <param name="height">The height in pixels; chosen to suit the data if null.</param>
    /// <exception cref="ArgumentException">The extension is not .png, or the size is not possible.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, int? width = null, int? height = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (ImageFileWriter.EncodingOf(path) != ImageEncoding.Png)
        {
            throw new ArgumentException($"Cannot write '{path}': figures are PNG files, expected the extension .png.", nameof(path));
        }

        ImageFileWriter.Write(path, Render(width, height));
    }

    private protected abstract byte[] Draw(int? width, int? height);

    private static void CheckSide(int? side, string name)
    {
        const int Largest = 32767;
        if (side is < 1 or > Largest)
        {
            throw new ArgumentOutOfRangeException(name, side, $"Expected 1 to {Largest} pixels.");
        }
    }
}
