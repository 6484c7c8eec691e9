// The native library is the one thing that can be missing although the program compiled, so its absence has a type of its own
// and a message that says where it was looked for.

namespace CnnNative;

/// <summary>The native library is missing, or belongs to another version of CnnNative.</summary>
public sealed class NativeLibraryException : Exception
{
    /// <summary>Makes the exception.</summary>
    public NativeLibraryException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where it was looked for, and what was expected.</param>
    public NativeLibraryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where it was looked for, and what was expected.</param>
    /// <param name="innerException">What caused it.</param>
    public NativeLibraryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
