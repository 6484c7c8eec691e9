// What is wrong with the command line, a model or a child process, in one line; the program prints the message and nothing else.

namespace CnnNative.Benchmarks.Comparing;

internal sealed class CompareException : Exception
{
    public CompareException()
    {
    }

    public CompareException(string message)
        : base(message)
    {
    }

    public CompareException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
