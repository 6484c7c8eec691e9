// One exception for everything that can be wrong inside a picture file, so that a caller can tell a bad picture apart from a
// missing file or a full disk, which keep the exceptions of System.IO.

namespace CnnNative.Imaging;

/// <summary>The content of a file is no picture, a broken or truncated one, or one that exceeds the limits of
/// <see cref="ImageDecodeOptions"/>.</summary>
public sealed class ImageFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    public ImageFormatException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which file, what was found in it, and what was expected.</param>
    public ImageFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which file, what was found in it, and what was expected.</param>
    /// <param name="innerException">What caused it.</param>
    public ImageFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
