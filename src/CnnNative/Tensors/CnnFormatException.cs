// What is wrong with a file that should hold a network has a type of its own, so that programs can tell it from a failing disk, and
// tell the user what was found, where, and what was expected.

namespace CnnNative;

/// <summary>A file is not what it should be: cut short, damaged, contradictory, or of a kind that is not known.</summary>
public sealed class CnnFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    public CnnFormatException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    public CnnFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    /// <param name="innerException">What caused it.</param>
    public CnnFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
