// Metrics of how well scores rank the rows of a class above all others. A rank is among all rows, so these keep every score.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>A metric of how well scores rank the rows of a class above the others: one class against the rest, then the mean over
/// the classes.</summary>
/// <remarks>Keeps all scores and labels since the last reset, four bytes each, and sorts them for each result. Rows with the same
/// score are tied, and share their places. A NaN score counts against the model: it stands behind all others if the row is of the
/// class, and before all others if it is not. Classes without a row, or without a row of another class, have no ranking and are
/// left out of the mean, which is NaN if none is left.</remarks>
public abstract class RankingMetric : IClassMetric
{
    private readonly List<float> _scores = [];
    private readonly List<int> _labels = [];
    private readonly int _classes;
    private readonly bool _fromLogits;
    private readonly int? _ignoreLabel;

    private protected RankingMetric(string name, int classes, bool fromLogits, int? ignoreLabel)
    {
        Name = name;
        _classes = MetricArguments.CheckCount(classes, 1, nameof(classes));
        _fromLogits = fromLogits && classes > 1;
        _ignoreLabel = ignoreLabel;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double Result
    {
        get
        {
            double sum = 0;
            int defined = 0;
            var keys = new long[_labels.Count];
            for (int column = 0; column < _classes; column++)
            {
                double result = ResultOf(_classes == 1 ? 1 : column, keys);
                if (double.IsNaN(result))
                    continue;
                sum += result;
                defined++;
            }

            return sum / defined;
        }
    }

    /// <summary>The value of one class against the rest.</summary>
    /// <param name="class">The class; 1 with one score a row.</param>
    /// <returns>NaN if no row, or every row, is of the class.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double ResultOf(int @class)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(@class);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(@class, Math.Max(_classes, 2));
        if (_classes == 1)
            ArgumentOutOfRangeException.ThrowIfNotEqual(@class, 1);
        return ResultOf(@class, new long[_labels.Count]);
    }

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        MetricArguments.CheckClasses(Name, Math.Max(_classes, 2), _classes, _ignoreLabel, scores, labels);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == _ignoreLabel)
                continue;
            ReadOnlySpan<float> row = scores.Slice(i * _classes, _classes);
            _labels.Add(labels[i]);
            _scores.AddRange(row);
            if (_fromLogits)
                ScoreRow.LogOdds(row, CollectionsMarshal.AsSpan(_scores)[^_classes..]);
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _scores.Clear();
        _labels.Clear();
    }

    /// <summary>The value of rows in rising order of their scores; there are some of the class and some that are not.</summary>
    private protected abstract double Rank(ReadOnlySpan<Tie> ties, long positives, long negatives);

    private double ResultOf(int @class, long[] keys)
    {
        long positives = 0;
        int column = _classes == 1 ? 0 : @class;
        for (int i = 0; i < keys.Length; i++)
        {
            bool isPositive = _labels[i] == @class;
            positives += isPositive ? 1 : 0;
            keys[i] = 2 * Order(_scores[i * _classes + column], isPositive) + (isPositive ? 1 : 0);
        }

        if (positives == 0 || positives == keys.Length)
            return double.NaN;
        Array.Sort(keys);
        return Rank(CollectionsMarshal.AsSpan(Ties(keys)), positives, keys.Length - positives);
    }

    /// <summary>A whole number that is greater for a greater score, and the same for 0 and -0.</summary>
    private static long Order(float score, bool isPositive)
    {
        if (float.IsNaN(score))
            return isPositive ? int.MinValue - 1L : int.MaxValue + 1L;
        int bits = BitConverter.SingleToInt32Bits(score);
        return bits >= 0 ? bits : -(bits & int.MaxValue);
    }

    private static List<Tie> Ties(long[] sorted)
    {
        List<Tie> ties = [];
        for (int i = 0, next; i < sorted.Length; i = next)
        {
            long positives = 0;
            for (next = i; next < sorted.Length && sorted[next] >> 1 == sorted[i] >> 1; next++)
                positives += sorted[next] & 1;
            ties.Add(new Tie(positives, next - i - positives));
        }

        return ties;
    }

    /// <summary>Rows with the same score: those of the class and the others.</summary>
    private protected readonly record struct Tie(long Positives, long Negatives);
}

/// <summary>The area under the ROC curve: the probability that a row of a class has a higher score than one that is not, ties
/// counting half. Exact, not from a grid of thresholds.</summary>
/// <param name="classes">The number of classes; 1 for one score a row and the labels 0 and 1.</param>
/// <param name="fromLogits">Whether scores are logits, of which softmax is taken first, because they are compared between rows;
/// false for probabilities. One score a row is taken as it is.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentOutOfRangeException">There is less than one class.</exception>
public sealed class RocAuc(int classes = 1, bool fromLogits = true, int? ignoreLabel = null)
    : RankingMetric("auc", classes, fromLogits, ignoreLabel)
{
    private protected override double Rank(ReadOnlySpan<Tie> ties, long positives, long negatives)
    {
        // Twice the number of pairs in order, so that ties are whole numbers.
        long inOrder = 0, below = 0;
        foreach (Tie tie in ties)
        {
            inOrder += tie.Positives * (2 * below + tie.Negatives);
            below += tie.Negatives;
        }

        return inOrder / (2.0 * positives * negatives);
    }
}

/// <summary>Average precision: the sum over thresholds of (recall - recall before) precision, which is the area under the curve
/// of precision by recall in steps, as scikit-learn defines it.</summary>
/// <param name="classes">The number of classes; 1 for one score a row and the labels 0 and 1.</param>
/// <param name="fromLogits">Whether scores are logits, of which softmax is taken first; false for probabilities. One score a row
/// is taken as it is.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentOutOfRangeException">There is less than one class.</exception>
public sealed class AveragePrecision(int classes = 1, bool fromLogits = true, int? ignoreLabel = null)
    : RankingMetric("average_precision", classes, fromLogits, ignoreLabel)
{
    private protected override double Rank(ReadOnlySpan<Tie> ties, long positives, long negatives)
    {
        double sum = 0;
        long found = 0, taken = 0;
        for (int i = ties.Length - 1; i >= 0; i--)
        {
            found += ties[i].Positives;
            taken += ties[i].Positives + ties[i].Negatives;
            sum += ties[i].Positives * ((double)found / taken);
        }

        return sum / positives;
    }
}
