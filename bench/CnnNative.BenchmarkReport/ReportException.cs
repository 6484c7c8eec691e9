// What is wrong with the measurements or the command line, in one line; the program prints the message and nothing else.

namespace CnnNative.BenchmarkReport;

internal sealed class ReportException : Exception
{
    public ReportException()
    {
    }

    public ReportException(string message)
        : base(message)
    {
    }

    public ReportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
