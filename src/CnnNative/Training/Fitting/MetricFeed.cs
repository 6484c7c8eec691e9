// Brings predictions and targets into the form that metrics take: scores with class numbers, or values with values.

namespace CnnNative.Training;

/// <summary>Feeds the metrics of one output. Not safe to use from several threads at once.</summary>
internal sealed class MetricFeed(string output, IMetric[] metrics, int ignoredLabel)
{
    private int[] _labels = [];

    /// <summary>Takes a batch.</summary>
    /// <exception cref="ShapeException">Predictions and targets do not fit a metric.</exception>
    public void Update(Tensor prediction, Tensor target)
    {
        using TensorAccess scores = prediction.Access();
        using TensorAccess targets = target.Access();
        bool hasLabels = false;
        foreach (IMetric metric in metrics)
        {
            if (metric is IValueMetric values)
            {
                values.Update(scores.Values, targets.Values);
            }
            else if (metric is IClassMetric classes)
            {
                hasLabels = hasLabels || ReadLabels(prediction.Shape, target.Shape, targets.Values);
                Update(classes, scores.Values);
            }
        }
    }

    /// <summary>One label for each row of scores; of a row of probabilities, the likeliest class.</summary>
    private bool ReadLabels(Shape prediction, Shape target, ReadOnlySpan<float> values)
    {
        int classes = prediction[^1], rows = checked((int)(prediction.ElementCount / classes));
        bool isSoft = target == prediction && classes > 1;
        if (!isSoft && values.Length != rows)
        {
            throw new ShapeException(
                $"Output '{output}': the predictions are {prediction} and the targets {target}; expected {rows} labels for " +
                "metrics of classes.");
        }

        if (_labels.Length != rows)
        {
            _labels = new int[rows];
        }

        for (int i = 0; i < rows; i++)
        {
            _labels[i] = isSoft ? ScoreRow.Best(values.Slice(i * classes, classes)) : (int)values[i];
        }

        return true;
    }

    private void Update(IClassMetric metric, ReadOnlySpan<float> scores)
    {
        int width = scores.Length / _labels.Length;
        int start = 0;
        for (int i = 0; i <= _labels.Length; i++)
        {
            // Rows between those that are ignored go together.
            if (i == _labels.Length || _labels[i] == ignoredLabel)
            {
                if (i > start)
                {
                    metric.Update(scores[(start * width)..(i * width)], _labels.AsSpan(start, i - start));
                }

                start = i + 1;
            }
        }
    }
}
