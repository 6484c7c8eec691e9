// What all metrics share: they take one batch after the other, keep sums, and give a value whenever they are asked.

namespace CnnNative;

/// <summary>A figure that tells how good predictions are, gathered over batches.</summary>
/// <remarks>Metrics allocate nothing for a batch, except those that rank all predictions and so have to keep them, which say so.
/// One thread at a time may use a metric; different metrics share nothing. A prediction that is NaN is never right: every metric
/// says what that means for it.</remarks>
public interface IMetric
{
    /// <summary>A short name in lower case with underscores, such as "accuracy" or "top_5_accuracy".</summary>
    string Name { get; }

    /// <summary>The value for all batches since the last reset; NaN where it is not defined, as it is before the first
    /// batch.</summary>
    double Result { get; }

    /// <summary>Forgets all batches.</summary>
    void Reset();
}

/// <summary>A metric of classes: a row of scores, one for each class, against a class number.</summary>
public interface IClassMetric : IMetric
{
    /// <summary>Takes a batch.</summary>
    /// <param name="scores">Rows x classes, row-major: logits or probabilities, higher is likelier.</param>
    /// <param name="labels">The class of each row, from 0 on. Rows with the label that the metric was told to ignore count for
    /// nothing.</param>
    /// <exception cref="ShapeException">The numbers of scores and labels do not fit together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class; nothing of the batch was counted.</exception>
    void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels);
}

/// <summary>A metric of numbers: a prediction for each target.</summary>
public interface IValueMetric : IMetric
{
    /// <summary>Takes a batch.</summary>
    /// <param name="predictions">The predictions.</param>
    /// <param name="targets">The targets, in the same order.</param>
    /// <exception cref="ShapeException">There are not as many predictions as targets.</exception>
    void Update(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets);
}
