// One exception for a sample that cannot be read or is no use, raised where the batch is asked for and not on the thread that
// met it. It says which sample, because in fifty thousand of them nobody finds the broken one otherwise.

namespace CnnNative;

/// <summary>A sample of a data set could not be read, or holds values that nothing can be learnt from.</summary>
public sealed class DataException : Exception
{
    /// <summary>Makes the exception.</summary>
    public DataException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    public DataException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    /// <param name="innerException">What caused it.</param>
    public DataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal DataException(string message, int sampleIndex, string sampleName, Exception? innerException = null)
        : base(message, innerException)
    {
        SampleIndex = sampleIndex;
        SampleName = sampleName;
    }

    /// <summary>The index of the sample in the data set; -1 where it is not about one sample.</summary>
    public int SampleIndex { get; } = -1;

    /// <summary>The name of the sample, such as a file's; null where it is not about one sample.</summary>
    public string? SampleName { get; }
}
