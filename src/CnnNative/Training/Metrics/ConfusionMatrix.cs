// Which classes are taken for which: the counts from which accuracy, precision, recall and F1 follow. Drawing them as text is in
// ConfusionMatrixText.

namespace CnnNative;

/// <summary>How the figures of classes become one.</summary>
public enum Averaging
{
    /// <summary>The mean over classes: each counts the same, however rare it is.</summary>
    Macro = 0,

    /// <summary>Over all rows: for one label a row, this is the accuracy.</summary>
    Micro = 1,

    /// <summary>The mean over classes, each by how many rows have it as their label.</summary>
    Weighted = 2,

    /// <summary>The figure of class 1 alone, of two classes.</summary>
    Binary = 3,
}

/// <summary>Counts of rows by label and predicted class; <see cref="Result"/> is the accuracy.</summary>
/// <remarks>
/// Of classes that share the highest score, the lowest counts as predicted. A row with NaN predicts no class: it counts in the
/// total of its label's row, and so against its recall and the accuracy, but in no column.
/// Definitions are those of scikit-learn: a precision, recall or F1 whose denominator is 0 is 0; <see cref="Averaging.Macro"/>
/// leaves out classes that are neither label nor prediction of any row.
/// </remarks>
public sealed class ConfusionMatrix : IClassMetric
{
    private readonly long[] _counts;
    private readonly long[] _unpredicted;
    private readonly float? _threshold;
    private readonly int? _ignoreLabel;

    /// <summary>Makes a matrix of classes.</summary>
    /// <param name="classes">The number of classes, at least 2.</param>
    /// <param name="classNames">Their names, for the tables; their numbers if null.</param>
    /// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two classes.</exception>
    /// <exception cref="ArgumentException">There are not as many names as classes.</exception>
    public ConfusionMatrix(int classes, IReadOnlyList<string>? classNames = null, int? ignoreLabel = null)
        : this(classes, classNames, ignoreLabel, threshold: null)
    {
    }

    private ConfusionMatrix(int classes, IReadOnlyList<string>? classNames, int? ignoreLabel, float? threshold)
    {
        Classes = MetricArguments.CheckCount(classes, 2, nameof(classes));
        if (classNames is not null && classNames.Count != classes)
            throw new ArgumentException($"{classNames.Count} class names were given for {classes} classes.", nameof(classNames));
        ClassNames = classNames is null
            ? [.. Enumerable.Range(0, classes).Select(i => FormattableString.Invariant($"{i}"))]
            : [.. classNames];
        _counts = new long[(long)classes * classes];
        _unpredicted = new long[classes];
        (_threshold, _ignoreLabel) = (threshold, ignoreLabel);
    }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Name => "accuracy";

    /// <summary>The number of rows.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            for (int label = 0; label < Classes; label++)
                total += RowTotal(label);
            return total;
        }
    }

    /// <summary>The part of rows whose prediction is right; NaN without rows.</summary>
    public double Accuracy
    {
        get
        {
            long right = 0;
            for (int label = 0; label < Classes; label++)
                right += this[label, label];
            return (double)right / Total;
        }
    }

    /// <summary>The accuracy.</summary>
    public double Result => Accuracy;

    /// <summary>How many rows of a label were predicted as a class.</summary>
    /// <param name="label">The label: the matrix's row.</param>
    /// <param name="predicted">The predicted class: the matrix's column.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long this[int label, int predicted] => _counts[(long)Checked(label) * Classes + Checked(predicted)];

    /// <summary>A matrix of two classes from one score for each row, which predicts class 1 if it is above the
    /// threshold.</summary>
    /// <param name="threshold">0 for logits; 0.5 is usual for probabilities.</param>
    /// <param name="classNames">The names of the two classes; their numbers if null.</param>
    /// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN.</exception>
    /// <exception cref="ArgumentException">There are not two names.</exception>
    public static ConfusionMatrix Binary(
        float threshold = 0, IReadOnlyList<string>? classNames = null, int? ignoreLabel = null) => float.IsNaN(threshold)
        ? throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected a number.")
        : new ConfusionMatrix(2, classNames, ignoreLabel, threshold);

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        int width = _threshold is null ? Classes : 1;
        MetricArguments.CheckClasses(Name, Classes, width, _ignoreLabel, scores, labels);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == _ignoreLabel)
                continue;
            ReadOnlySpan<float> row = scores.Slice(i * width, width);
            Count(labels[i], _threshold is { } threshold ? Above(row[0], threshold) : ScoreRow.Best(row));
        }
    }

    /// <summary>Counts rows whose class is known already.</summary>
    /// <param name="predictions">The predicted class of each row; -1 for none.</param>
    /// <param name="labels">The label of each row.</param>
    /// <exception cref="ShapeException">There are not as many predictions as labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is not a class; nothing was counted.</exception>
    public void Update(ReadOnlySpan<int> predictions, ReadOnlySpan<int> labels)
    {
        if (predictions.Length != labels.Length)
            throw new ShapeException($"ConfusionMatrix: {predictions.Length} predictions were given for {labels.Length} labels.");
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] != _ignoreLabel)
                Checked(labels[i]);
            if (predictions[i] != ScoreRow.NoClass)
                Checked(predictions[i]);
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] != _ignoreLabel)
                Count(labels[i], predictions[i]);
        }
    }

    /// <summary>How many rows have a label, those that predict no class among them.</summary>
    /// <param name="label">The label.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long RowTotal(int label)
    {
        long total = _unpredicted[Checked(label)];
        for (int predicted = 0; predicted < Classes; predicted++)
            total += this[label, predicted];
        return total;
    }

    /// <summary>How many rows were predicted as a class.</summary>
    /// <param name="predicted">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long ColumnTotal(int predicted)
    {
        long total = 0;
        for (int label = 0; label < Classes; label++)
            total += this[label, predicted];
        return total;
    }

    /// <summary>How many rows of a label predict no class, because a score is NaN.</summary>
    /// <param name="label">The label.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long Unpredicted(int label) => _unpredicted[Checked(label)];

    /// <summary>The part of the rows predicted as a class that are of it.</summary>
    /// <param name="class">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Precision(int @class) => Ratio(this[@class, @class], ColumnTotal(@class));

    /// <summary>The part of the rows of a class that are predicted as it.</summary>
    /// <param name="class">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Recall(int @class) => Ratio(this[@class, @class], RowTotal(@class));

    /// <summary>The harmonic mean of precision and recall of a class.</summary>
    /// <param name="class">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double F1(int @class) => Ratio(2 * this[@class, @class], ColumnTotal(@class) + RowTotal(@class));

    /// <summary>The precision of all classes.</summary>
    /// <param name="averaging">How the classes become one figure.</param>
    /// <returns>From 0 to 1; NaN without rows.</returns>
    /// <exception cref="ArgumentException">Binary is asked of more than two classes.</exception>
    public double Precision(Averaging averaging) => Average(averaging, Figure.Precision);

    /// <summary>The recall of all classes.</summary>
    /// <param name="averaging">How the classes become one figure.</param>
    /// <returns>From 0 to 1; NaN without rows.</returns>
    /// <exception cref="ArgumentException">Binary is asked of more than two classes.</exception>
    public double Recall(Averaging averaging) => Average(averaging, Figure.Recall);

    /// <summary>F1 of all classes.</summary>
    /// <param name="averaging">How the classes become one figure; macro is the mean of their F1, not F1 of mean precision and
    /// recall.</param>
    /// <returns>From 0 to 1; NaN without rows.</returns>
    /// <exception cref="ArgumentException">Binary is asked of more than two classes.</exception>
    public double F1(Averaging averaging) => Average(averaging, Figure.F1);

    /// <inheritdoc/>
    public void Reset()
    {
        Array.Clear(_counts);
        Array.Clear(_unpredicted);
    }

    /// <summary>The matrix as text with aligned columns, with recall and precision at the edges.</summary>
    public override string ToString() => ConfusionMatrixText.Plain(this);

    /// <summary>The matrix as a Markdown table, with recall and precision at the edges.</summary>
    public string ToMarkdown() => ConfusionMatrixText.Markdown(this);

    /// <summary>Precision, recall, F1 and rows of each class, and their averages, as text with aligned columns.</summary>
    public string ToReport() => ConfusionMatrixText.Report(this);

    private static int Above(float score, float threshold) =>
        float.IsNaN(score) ? ScoreRow.NoClass : score > threshold ? 1 : 0;

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private void Count(int label, int predicted)
    {
        if (predicted == ScoreRow.NoClass)
            _unpredicted[label]++;
        else
            _counts[(long)label * Classes + predicted]++;
    }

    private double Average(Averaging averaging, Figure figure)
    {
        if (averaging == Averaging.Binary && Classes != 2)
            throw new ArgumentException($"Binary averaging was asked of {Classes} classes, expected 2.", nameof(averaging));
        long total = Total;
        if (total == 0)
            return double.NaN;
        return averaging switch
        {
            Averaging.Macro => Macro(figure),
            Averaging.Micro => Micro(figure, total),
            Averaging.Weighted => Enumerable.Range(0, Classes).Sum(i => Of(figure, i) * RowTotal(i)) / total,
            Averaging.Binary => Of(figure, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(averaging), averaging, "Expected a member of the enumeration."),
        };
    }

    private double Of(Figure figure, int i) => figure switch
    {
        Figure.Precision => Precision(i),
        Figure.Recall => Recall(i),
        _ => F1(i),
    };

    private double Macro(Figure figure)
    {
        int[] present = [.. Enumerable.Range(0, Classes).Where(i => RowTotal(i) + ColumnTotal(i) > 0)];
        return present.Sum(i => Of(figure, i)) / present.Length;
    }

    /// <summary>What is right of what is predicted, and of what there is; they differ where a row predicts no class.</summary>
    private double Micro(Figure figure, long total)
    {
        long right = 0, predicted = 0;
        for (int i = 0; i < Classes; i++)
        {
            right += this[i, i];
            predicted += ColumnTotal(i);
        }

        return figure switch
        {
            Figure.Precision => Ratio(right, predicted),
            Figure.Recall => Ratio(right, total),
            _ => Ratio(2 * right, predicted + total),
        };
    }

    private int Checked(int number)
    {
        if ((uint)number >= (uint)Classes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(number), $"ConfusionMatrix: class {number} was given, expected 0 to {Classes - 1}.");
        }

        return number;
    }

    private enum Figure
    {
        Precision,
        Recall,
        F1,
    }
}
