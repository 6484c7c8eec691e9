// Shape errors are by far the most common mistake with a CNN, so they have a type of their own: an ArgumentException whose
// message names the operation, the sizes that were found and the sizes that would fit.

namespace CnnNative;

/// <summary>Sizes that cannot be, or that do not fit together.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>Makes the exception.</summary>
    public ShapeException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    public ShapeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    /// <param name="innerException">What caused it.</param>
    public ShapeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
