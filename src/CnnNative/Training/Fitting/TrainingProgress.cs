// What a training tells while it runs, how it can be listened to, and what it gives at the end.

namespace CnnNative;

/// <summary>How far a training is.</summary>
public readonly record struct TrainingProgress
{
    /// <summary>The epoch, from 1 on.</summary>
    public int Epoch { get; init; }

    /// <summary>How many epochs there are.</summary>
    public int Epochs { get; init; }

    /// <summary>Batches of this epoch that were trained on.</summary>
    public int Batch { get; init; }

    /// <summary>Batches in an epoch.</summary>
    public int Batches { get; init; }

    /// <summary>Steps of the optimiser since the training began.</summary>
    public long Step { get; init; }

    /// <summary>The mean loss of this epoch so far.</summary>
    public double Loss { get; init; }

    /// <summary>The accuracy on the training data of this epoch so far; null without classes.</summary>
    public double? Accuracy { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>The norm of the gradients of the last step, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Samples trained on a second, since this epoch or run began.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>Time since this run began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>An estimate of the time until the last epoch ends.</summary>
    public TimeSpan Remaining { get; init; }

    /// <summary>The epoch's record, in the report that ends it; null in all others.</summary>
    public EpochRecord? Finished { get; init; }
}

/// <summary>Is called while a training runs, on its thread.</summary>
public interface ITrainingCallback
{
    /// <summary>An epoch ended, validation included. Parameters may be frozen or set free here.</summary>
    /// <param name="epoch">What it was like.</param>
    /// <param name="model">The model, with the weights as they are now; with averaged weights only after the training.</param>
    /// <returns>False to end the training after this epoch.</returns>
    bool OnEpochEnd(EpochRecord epoch, Model model);
}

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs are done.</summary>
    Finished = 0,

    /// <summary>What was monitored no longer got better.</summary>
    StoppedEarly = 1,

    /// <summary>A callback asked for it.</summary>
    StoppedByCallback = 2,

    /// <summary>It was cancelled.</summary>
    Cancelled = 3,
}

/// <summary>What a training gave, besides the weights in the model.</summary>
public sealed record TrainingResult
{
    /// <summary>The epochs, those before a resumption included.</summary>
    public required TrainingHistory History { get; init; }

    /// <summary>Why it ended.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>Steps of the optimiser.</summary>
    public required long Steps { get; init; }

    /// <summary>The epoch whose weights the model has, from 1 on; the best one where early stopping restores it.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>How long this run took, without what was before a resumption.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Samples that this run trained on.</summary>
    public required long Samples { get; init; }

    /// <summary>The memory that was planned for.</summary>
    public required MemoryReport Memory { get; init; }

    /// <summary>Samples trained on a second, validation included.</summary>
    public double SamplesPerSecond => Samples / Math.Max(Duration.TotalSeconds, 1e-9);

    /// <summary>The values of the last epoch; null if none was finished.</summary>
    public EpochRecord? Last => History.Count == 0 ? null : History[^1];
}

/// <summary>A training was cancelled. The model has the weights after the last step that was completed.</summary>
public sealed class TrainingCanceledException : OperationCanceledException
{
    /// <summary>Makes the exception.</summary>
    public TrainingCanceledException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was cancelled.</param>
    public TrainingCanceledException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was cancelled.</param>
    /// <param name="innerException">What caused it.</param>
    public TrainingCanceledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal TrainingCanceledException(TrainingResult result, CancellationToken token)
        : base($"The training was cancelled after {result.Steps} steps; the model has the weights of then.", token) =>
            Result = result;

    /// <summary>What the training gave until then; null if it had not begun.</summary>
    public TrainingResult? Result { get; }
}
