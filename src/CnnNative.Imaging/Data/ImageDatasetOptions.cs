// How picture files become samples of one shape.

namespace CnnNative.Imaging;

/// <summary>How the pictures of an <see cref="ImageDataset"/> are read.</summary>
public sealed record ImageDatasetOptions
{
    /// <summary>The size that pictures are brought to; if null, they all have to have the same one.</summary>
    public Size2d? Size { get; init; }

    /// <summary>With a <see cref="Size"/>: whether a picture keeps its proportions and what stands out is cut off evenly.
    /// Otherwise it is stretched.</summary>
    public bool Crop { get; init; }

    /// <summary>The filter of the resizing.</summary>
    public Resampling Resampling { get; init; } = Resampling.Bilinear;

    /// <summary>1 for gray, 3 for RGB; if null, gray if all pictures are gray.</summary>
    public int? Channels { get; init; }

    /// <summary>Decoded pictures are kept in memory if all of them together need at most so many bytes; 0 to decode them in every
    /// epoch.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Limits and background of decoding; the defaults if null.</summary>
    public ImageDecodeOptions? Decoding { get; init; }

    /// <summary>Without a folder of its own: the part of the pictures of each class that is set aside for validation, from 0,
    /// none, to below 1.</summary>
    public double ValidationFraction { get; init; }

    /// <summary>Decides which pictures those are.</summary>
    public ulong Seed { get; init; }
}
