// Which classes are taken for which, as a picture. What is right has one colour and what is wrong another, because a matrix in
// one scale hides a few mistakes beside thousands of right answers.

namespace CnnNative.Imaging;

/// <summary>A confusion matrix in colours with its counts, made by <see cref="Figure.Confusion"/>.</summary>
/// <remarks>A row is a label and a column a prediction. The colour is the part of the row: as it is for what is right, and for
/// what is wrong the root of it, against the largest part that is wrong or 5 %, so that a few mistakes can be seen. At the edges
/// stand the recall of each label and the precision of each prediction. Counts and names are left out where there are too many
/// classes to read them.</remarks>
public sealed class ConfusionMatrixFigure : Figure
{
    private readonly long[] _counts;

    internal ConfusionMatrixFigure(ConfusionMatrix matrix)
    {
        Classes = matrix.Classes;
        ClassNames = [.. matrix.ClassNames];
        _counts = new long[(long)Classes * Classes];
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] = matrix[i / Classes, i % Classes];
        }

        RowTotals = [.. Enumerable.Range(0, Classes).Select(matrix.RowTotal)];
        Recall = [.. Enumerable.Range(0, Classes).Select(i => matrix.RowTotal(i) == 0 ? double.NaN : matrix.Recall(i))];
        Precision = [.. Enumerable.Range(0, Classes).Select(i => matrix.ColumnTotal(i) == 0 ? double.NaN : matrix.Precision(i))];
    }

    private ConfusionMatrixFigure(ConfusionMatrixFigure other)
    {
        _counts = other._counts;
        (Classes, ClassNames, RowTotals) = (other.Classes, other.ClassNames, other.RowTotals);
        (Recall, Precision, Title) = (other.Recall, other.Precision, other.Title);
    }

    /// <summary>The title, or null.</summary>
    public string? Title { get; private init; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The rows of each label.</summary>
    internal IReadOnlyList<long> RowTotals { get; }

    /// <summary>The recall of each label; NaN where it has no rows.</summary>
    internal IReadOnlyList<double> Recall { get; }

    /// <summary>The precision of each prediction; NaN where there is none.</summary>
    internal IReadOnlyList<double> Precision { get; }

    /// <summary>The figure with a title.</summary>
    /// <param name="title">One line of text.</param>
    public ConfusionMatrixFigure WithTitle(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        return new ConfusionMatrixFigure(this) { Title = title };
    }

    internal long Count(int label, int predicted) => _counts[(long)label * Classes + predicted];

    private protected override byte[] Draw(int? width, int? height) => ConfusionMatrixDrawing.Draw(this, width, height);
}
