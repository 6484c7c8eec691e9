// A training that computes NaN cannot be helped by going on. It stops at the weights that were still good, and says where the
// first bad number came from, because in a network of a hundred layers nobody finds it otherwise.

namespace CnnNative;

/// <summary>A loss or a gradient is NaN or infinite. Weights and running statistics are those after the last good step.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public TrainingDivergedException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, and where.</param>
    public TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was found, and where.</param>
    /// <param name="innerException">What caused it.</param>
    public TrainingDivergedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal TrainingDivergedException(string message, string? source, long step)
        : base(message)
    {
        Origin = source;
        Step = step;
    }

    /// <summary>The first layer, input, target or gradient that is not finite, by its name; null if it was not found.</summary>
    public string? Origin { get; }

    /// <summary>Steps that were made before.</summary>
    public long Step { get; }
}
