// From a status of the library to an exception of .NET, in one place. The library's own sentence becomes the message: it knows
// the numbers.

using System.Text;

namespace CnnNative.Interop;

internal static class Status
{
    /// <summary>Throws what the status stands for; does nothing for success.</summary>
    /// <exception cref="ShapeException">Sizes do not fit together or are too large.</exception>
    /// <exception cref="ArgumentException">An argument is wrong, or a buffer is too small.</exception>
    /// <exception cref="InsufficientMemoryException">The system gave no memory.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine lacks an instruction set.</exception>
    /// <exception cref="OperationCanceledException">The context's work was cancelled.</exception>
    public static void ThrowIfFailed(CnnStatus status, in CnnError error)
    {
        if (status != CnnStatus.Ok)
        {
            throw ToException(status, in error);
        }
    }

    private static Exception ToException(CnnStatus status, in CnnError error)
    {
        ReadOnlySpan<byte> text = error.Text;
        int end = text.IndexOf((byte)0);
        string message = Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
        return status switch
        {
            CnnStatus.InvalidArgument or CnnStatus.BufferTooSmall => new ArgumentException(message),
            CnnStatus.ShapeMismatch or CnnStatus.SizeOverflow => new ShapeException(message),
            CnnStatus.OutOfMemory => new InsufficientMemoryException(message),
            CnnStatus.Unsupported => new PlatformNotSupportedException(message),
            CnnStatus.Cancelled => new OperationCanceledException(message),
            _ => new InvalidOperationException($"The native library ended with the unknown status {(int)status}: {message}"),
        };
    }
}
