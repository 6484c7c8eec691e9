// Loss and accuracy of an epoch so far, from the predictions that training makes anyway. Two sums each, which a checkpoint holds,
// so that a resumed epoch ends with the figures that it would have had.

namespace CnnNative.Training;

/// <summary>Figures of the samples of an epoch, with the weights as they were when each was seen.</summary>
internal sealed class RunningFigures : IPredictionObserver
{
    private readonly int _classifier;
    private readonly int _ignored;

    /// <summary>Prepares for outputs; accuracy is that of the first one with cross-entropy.</summary>
    public RunningFigures(ReadOnlySpan<TrainedOutput> outputs)
    {
        _classifier = -1;
        for (int i = outputs.Length - 1; i >= 0; i--)
        {
            if (outputs[i].Loss is CrossEntropyLoss loss)
            {
                (_classifier, _ignored) = (i, loss.IgnoreIndex);
            }
        }
    }

    /// <summary>The sums.</summary>
    public FigureSums Sums { get; set; }

    /// <summary>The names of the values of an epoch.</summary>
    public IEnumerable<string> Names => _classifier < 0 ? ["loss"] : ["loss", "accuracy"];

    /// <summary>The mean loss.</summary>
    public double Loss => Sums.LossSum / Sums.Samples;

    /// <summary>The part of rows whose class is right; null without classes.</summary>
    public double? Accuracy => _classifier < 0 || Sums.Rows == 0 ? null : (double)Sums.Right / Sums.Rows;

    /// <summary>Forgets everything.</summary>
    public void Reset() => Sums = default;

    /// <summary>Takes the loss of a batch.</summary>
    public void Add(double loss, int samples) =>
        Sums = Sums with { LossSum = Sums.LossSum + loss * samples, Samples = Sums.Samples + samples };

    public void Observe(int output, Tensor prediction, Tensor target)
    {
        if (output != _classifier)
        {
            return;
        }

        using TensorAccess scores = prediction.Access();
        using TensorAccess targets = target.Access();
        int classes = prediction.Shape[^1], rows = scores.Values.Length / classes;
        bool isSoft = target.Shape == prediction.Shape;
        long counted = 0, right = 0;
        for (int i = 0; i < rows; i++)
        {
            int label = isSoft ? ScoreRow.Best(targets.Values.Slice(i * classes, classes)) : (int)targets.Values[i];
            if (isSoft || label != _ignored)
            {
                counted++;
                right += ScoreRow.Best(scores.Values.Slice(i * classes, classes)) == label ? 1 : 0;
            }
        }

        Sums = Sums with { Right = Sums.Right + right, Rows = Sums.Rows + counted };
    }
}
