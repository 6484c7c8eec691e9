// The part of rows whose class is right: at the first place, and among the first few.

namespace CnnNative;

/// <summary>The part of rows whose highest score is that of the label; 0 to 1.</summary>
/// <remarks>Of classes that share the highest score, the lowest counts as predicted, as with argmax elsewhere. A row with NaN is
/// wrong.</remarks>
/// <param name="classes">The number of classes.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentOutOfRangeException">There is less than one class.</exception>
public sealed class Accuracy(int classes, int? ignoreLabel = null) : IClassMetric
{
    private readonly int _classes = MetricArguments.CheckCount(classes, 1, nameof(classes));
    private long _right, _rows;

    /// <inheritdoc/>
    public string Name => "accuracy";

    /// <inheritdoc/>
    public double Result => (double)_right / _rows;

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        MetricArguments.CheckClasses(Name, _classes, _classes, ignoreLabel, scores, labels);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreLabel)
                continue;
            _rows++;
            if (ScoreRow.Best(scores.Slice(i * _classes, _classes)) == labels[i])
                _right++;
        }
    }

    /// <inheritdoc/>
    public void Reset() => _right = _rows = 0;
}

/// <summary>The part of rows whose label is among the k highest scores; 0 to 1.</summary>
/// <remarks>Classes with the same score stand in the order of their numbers, so that with k = 1 this is <see cref="Accuracy"/>. A
/// row with NaN is wrong.</remarks>
public sealed class TopKAccuracy : IClassMetric
{
    private readonly int _classes;
    private readonly int? _ignoreLabel;
    private long _right, _rows;

    /// <summary>Makes the metric.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="k">How many places count.</param>
    /// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not from 1 to the number of classes.</exception>
    public TopKAccuracy(int classes, int k = 5, int? ignoreLabel = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, classes);
        (_classes, K, _ignoreLabel) = (classes, k, ignoreLabel);
        Name = FormattableString.Invariant($"top_{k}_accuracy");
    }

    /// <summary>How many places count.</summary>
    public int K { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double Result => (double)_right / _rows;

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        MetricArguments.CheckClasses(Name, _classes, _classes, _ignoreLabel, scores, labels);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == _ignoreLabel)
                continue;
            _rows++;
            if (ScoreRow.Rank(scores.Slice(i * _classes, _classes), labels[i]) < K)
                _right++;
        }
    }

    /// <inheritdoc/>
    public void Reset() => _right = _rows = 0;
}
