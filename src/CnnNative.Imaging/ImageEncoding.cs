// The formats in which pictures are written; more formats are read than written.

namespace CnnNative.Imaging;

/// <summary>A file format for writing pictures.</summary>
public enum ImageEncoding
{
    /// <summary>PNG: exact.</summary>
    Png,

    /// <summary>JPEG: small, not exact.</summary>
    Jpeg,

    /// <summary>WebP, lossy: smaller than JPEG, not exact.</summary>
    Webp,
}
