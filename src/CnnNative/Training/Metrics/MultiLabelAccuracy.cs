// Accuracy where a row may have several labels at once: each has a score of its own, and a threshold says whether it is there.

namespace CnnNative;

/// <summary>The accuracy of rows with several labels: <see cref="Result"/> is the part of all labels that are right,
/// <see cref="SubsetAccuracy"/> the part of rows in which all of them are.</summary>
/// <remarks>A label is predicted if its score is above the threshold; at the threshold it is not. It is there if its target is
/// above 0.5. A NaN score is wrong.</remarks>
public sealed class MultiLabelAccuracy : IValueMetric
{
    private readonly long[] _right;
    private readonly float _threshold;
    private long _rightRows, _rows;

    /// <summary>Makes the metric.</summary>
    /// <param name="labels">How many labels a row has a score for.</param>
    /// <param name="threshold">Which scores predict a label: those above 0 for logits; 0.5 is usual for probabilities.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one label, or the threshold is NaN.</exception>
    public MultiLabelAccuracy(int labels, float threshold = 0)
    {
        if (float.IsNaN(threshold))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected a number.");
        _right = new long[MetricArguments.CheckCount(labels, 1, nameof(labels))];
        _threshold = threshold;
    }

    /// <inheritdoc/>
    public string Name => "label_accuracy";

    /// <inheritdoc/>
    public double Result
    {
        get
        {
            long right = 0;
            foreach (long count in _right)
                right += count;
            return (double)right / _rows / _right.Length;
        }
    }

    /// <summary>The part of rows in which every label is right.</summary>
    public double SubsetAccuracy => (double)_rightRows / _rows;

    /// <summary>The part of rows in which one label is right.</summary>
    /// <param name="label">Which label.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public double AccuracyOf(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, _right.Length);
        return (double)_right[label] / _rows;
    }

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        MetricArguments.CheckValues(Name, _right.Length, predictions, targets);
        for (int i = 0; i < targets.Length;)
        {
            bool all = true;
            for (int label = 0; label < _right.Length; label++, i++)
            {
                bool isRight = !float.IsNaN(predictions[i]) && predictions[i] > _threshold == targets[i] > 0.5f;
                _right[label] += isRight ? 1 : 0;
                all &= isRight;
            }

            _rightRows += all ? 1 : 0;
            _rows++;
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        Array.Clear(_right);
        _rightRows = _rows = 0;
    }
}
