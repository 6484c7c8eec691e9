// A header that cannot be bound, or a tool that is missing; the program prints the message and ends with status 2.

namespace CnnNative.BindingGenerator;

internal sealed class GeneratorException : Exception
{
    public GeneratorException()
    {
    }

    public GeneratorException(string message)
        : base(message)
    {
    }

    public GeneratorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
