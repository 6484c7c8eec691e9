// Pictures with words below them: what a model was given and what it said.

namespace CnnNative.Imaging;

/// <summary>What the frame of a picture says of it.</summary>
public enum PictureMark
{
    /// <summary>Nothing: a quiet frame.</summary>
    None = 0,

    /// <summary>Right: a green frame.</summary>
    Right = 1,

    /// <summary>Wrong: a red frame.</summary>
    Wrong = 2,
}

/// <summary>What stands below a picture.</summary>
/// <param name="Text">The first line, in the colour of the mark.</param>
/// <param name="Second">A second line, or null.</param>
/// <param name="Mark">What the frame says.</param>
public readonly record struct PictureCaption(string Text, string? Second = null, PictureMark Mark = PictureMark.None);

/// <summary>A grid of pictures with captions, made by <see cref="Figure.Pictures"/>.</summary>
/// <remarks>All pictures have fields of one size: small ones are enlarged by a whole factor into square blocks, large ones are
/// reduced; proportions stay.</remarks>
public sealed class PictureFigure : Figure
{
    internal PictureFigure(IReadOnlyList<Image> pictures, int columns) => (Items, Columns, Captions) = (pictures, columns, []);

    private PictureFigure(PictureFigure other) =>
        (Items, Columns, Captions, Title) = (other.Items, other.Columns, other.Captions, other.Title);

    /// <summary>The pictures, from left to right and from the top down.</summary>
    public IReadOnlyList<Image> Items { get; }

    /// <summary>How many stand in a row.</summary>
    public int Columns { get; }

    /// <summary>The captions; empty if there are none.</summary>
    public IReadOnlyList<PictureCaption> Captions { get; private init; }

    /// <summary>The title above all pictures, or null.</summary>
    public string? Title { get; private init; }

    /// <summary>The figure with a title.</summary>
    /// <param name="title">One line of text.</param>
    public PictureFigure WithTitle(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return new PictureFigure(this) { Title = title };
    }

    /// <summary>The figure with a caption below each picture.</summary>
    /// <param name="captions">One for each picture.</param>
    /// <exception cref="ArgumentException">There are not as many captions as pictures.</exception>
    public PictureFigure WithCaptions(params IReadOnlyList<PictureCaption> captions)
    {
        ArgumentNullException.ThrowIfNull(captions);
        return captions.Count == Items.Count
            ? new PictureFigure(this) { Captions = [.. captions] }
            : throw new ArgumentException(
                $"{captions.Count} captions were given, the figure has {Items.Count} pictures.", nameof(captions));
    }

    private protected override byte[] Draw(int? width, int? height) => PictureDrawing.Draw(this, width, height);
}
