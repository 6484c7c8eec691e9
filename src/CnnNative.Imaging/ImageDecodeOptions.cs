// Limits on what a picture may cost, because a file of a few bytes can announce gigabytes of pixels; and the choices that
// decoding cannot make alone: what lies behind transparent pixels, and whether EXIF data counts.

namespace CnnNative.Imaging;

/// <summary>How pictures are decoded. Immutable; the defaults suit pictures from anywhere.</summary>
public sealed record ImageDecodeOptions
{
    /// <summary>The default of <see cref="MaxPixels"/>: 128 mebipixels, such as 11585 x 11585.</summary>
    public const long DefaultMaxPixels = 128L * 1024 * 1024;

    /// <summary>The default of <see cref="MaxBytes"/>: 256 MiB.</summary>
    public const long DefaultMaxBytes = 256L * 1024 * 1024;

    /// <summary>The largest width x height. It is compared with the file's header, before memory is taken for pixels.</summary>
    public long MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>The largest encoded size in bytes.</summary>
    public long MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>The colour behind pixels that are not opaque.</summary>
    public Color Background { get; init; } = Color.White;

    /// <summary>Whether a picture is turned upright, as its EXIF data says.</summary>
    public bool ApplyOrientation { get; init; } = true;
}
