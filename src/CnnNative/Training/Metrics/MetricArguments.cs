// What metrics check before they count anything, so that a batch counts whole or not at all.

namespace CnnNative;

internal static class MetricArguments
{
    /// <summary>Checks the batch of a metric of classes.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="classes">Its number of classes.</param>
    /// <param name="width">How many scores a row has.</param>
    /// <param name="ignoreLabel">A label that need not be a class; null for none.</param>
    /// <param name="scores">The scores of all rows.</param>
    /// <param name="labels">The label of each row.</param>
    public static void CheckClasses(
        string metric, int classes, int width, int? ignoreLabel, ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        if (scores.Length != (long)labels.Length * width)
        {
            throw new ShapeException(
                $"Metric '{metric}': {scores.Length} scores were given for {labels.Length} labels, expected {width} for each.");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes && labels[i] != ignoreLabel)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels), $"Metric '{metric}': the label of row {i} is {labels[i]}, expected 0 to {classes - 1}.");
            }
        }
    }

    /// <summary>Checks the batch of a metric of numbers.</summary>
    public static void CheckValues(string metric, int width, ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        if (predictions.Length != targets.Length || predictions.Length % width != 0)
        {
            throw new ShapeException(
                $"Metric '{metric}': {predictions.Length} predictions were given for {targets.Length} targets, expected as many"
                + (width == 1 ? "." : $", and {width} for each row."));
        }
    }

    /// <summary>Checks a number of classes, labels or outputs.</summary>
    public static int CheckCount(int count, int smallest, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, smallest, name);
        return count;
    }
}
