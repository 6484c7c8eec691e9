// A mistake in what the user typed, worded for them; the program prints the message and nothing else.

namespace CnnNative.Cli;

internal sealed class UserException : Exception
{
    public UserException()
    {
    }

    public UserException(string message)
        : base(message)
    {
    }

    public UserException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
