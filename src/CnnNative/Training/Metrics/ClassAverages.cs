// Precision, recall and F1 as metrics of their own, for a list of metrics; the counts are those of a confusion matrix.

namespace CnnNative;

/// <summary>The part of predictions of a class that are right, over all classes; see <see cref="ConfusionMatrix"/>.</summary>
/// <param name="classes">The number of classes; 1 for one logit a row, which predicts class 1 of two above 0.</param>
/// <param name="averaging">How the classes become one figure; <see cref="Averaging.Binary"/> needs two classes.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentException">The averaging does not suit the number of classes.</exception>
public sealed class Precision(int classes, Averaging averaging = Averaging.Macro, int? ignoreLabel = null)
    : ClassAverage("precision", classes, averaging, ignoreLabel)
{
    /// <inheritdoc/>
    public override double Result => Matrix.Precision(Averaging);
}

/// <summary>The part of the rows of a class that are found, over all classes; see <see cref="ConfusionMatrix"/>.</summary>
/// <param name="classes">The number of classes; 1 for one logit a row, which predicts class 1 of two above 0.</param>
/// <param name="averaging">How the classes become one figure; <see cref="Averaging.Binary"/> needs two classes.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentException">The averaging does not suit the number of classes.</exception>
public sealed class Recall(int classes, Averaging averaging = Averaging.Macro, int? ignoreLabel = null)
    : ClassAverage("recall", classes, averaging, ignoreLabel)
{
    /// <inheritdoc/>
    public override double Result => Matrix.Recall(Averaging);
}

/// <summary>The harmonic mean of precision and recall, over all classes; see <see cref="ConfusionMatrix"/>.</summary>
/// <param name="classes">The number of classes; 1 for one logit a row, which predicts class 1 of two above 0.</param>
/// <param name="averaging">How the classes become one figure; <see cref="Averaging.Binary"/> needs two classes.</param>
/// <param name="ignoreLabel">Rows with this label count for nothing; null for none.</param>
/// <exception cref="ArgumentException">The averaging does not suit the number of classes.</exception>
public sealed class F1Score(int classes, Averaging averaging = Averaging.Macro, int? ignoreLabel = null)
    : ClassAverage("f1", classes, averaging, ignoreLabel)
{
    /// <inheritdoc/>
    public override double Result => Matrix.F1(Averaging);
}

/// <summary>A figure of a confusion matrix as a metric.</summary>
public abstract class ClassAverage : IClassMetric
{
    private protected ClassAverage(string name, int classes, Averaging averaging, int? ignoreLabel)
    {
        if (!Enum.IsDefined(averaging))
            throw new ArgumentOutOfRangeException(nameof(averaging), averaging, "Expected a member of the enumeration.");
        if (averaging == Averaging.Binary && classes > 2)
            throw new ArgumentException($"Binary averaging was asked of {classes} classes, expected 1 or 2.", nameof(averaging));
        Name = name;
        Averaging = averaging;
        Matrix = classes == 1
            ? ConfusionMatrix.Binary(ignoreLabel: ignoreLabel)
            : new ConfusionMatrix(classes, classNames: null, ignoreLabel);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How the classes become one figure.</summary>
    public Averaging Averaging { get; }

    /// <summary>The counts.</summary>
    public ConfusionMatrix Matrix { get; }

    /// <inheritdoc/>
    public abstract double Result { get; }

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels) => Matrix.Update(scores, labels);

    /// <inheritdoc/>
    public void Reset() => Matrix.Reset();
}
