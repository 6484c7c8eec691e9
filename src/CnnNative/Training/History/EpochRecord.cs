// What one epoch of a training was like.

using System.Collections.ObjectModel;

namespace CnnNative;

/// <summary>An epoch of a training: how far it was, how fast, and how good.</summary>
public sealed record EpochRecord
{
    /// <summary>The number of the epoch, from 1 on.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps of the optimiser until its end.</summary>
    public long Step { get; init; }

    /// <summary>The learning rate of its last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>How long it took, validation included.</summary>
    public double Seconds { get; init; }

    /// <summary>Images trained on a second.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Loss and metrics of the training data by name, such as "loss", in the order of the columns.</summary>
    public IReadOnlyDictionary<string, double> Training { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>Loss and metrics of the validation data by name; empty where there was none.</summary>
    public IReadOnlyDictionary<string, double> Validation { get; init; } = ReadOnlyDictionary<string, double>.Empty;
}
