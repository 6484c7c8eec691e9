// The mistakes that cost most, kept while a test runs: what to look at first, because it shows either what the model does not
// understand or what is labelled wrong.

namespace CnnNative.Cli;

/// <summary>Keeps the samples of the highest loss among those that are predicted wrong; its value is their number.</summary>
/// <param name="count">How many to keep.</param>
/// <param name="areProbabilities">Whether scores are probabilities already, and not logits.</param>
internal sealed class WorstMistakes(int count, bool areProbabilities) : IClassMetric
{
    private readonly PriorityQueue<Mistake, float> _kept = new();
    private int _next;
    private long _wrong;

    public string Name => "mistakes";

    public double Result => _wrong;

    /// <summary>The mistakes, the worst first.</summary>
    public IReadOnlyList<Mistake> Worst =>
    [
        .. _kept.UnorderedItems.Select(item => item.Element)
            .OrderByDescending(mistake => mistake.Loss)
            .ThenBy(mistake => mistake.Index),
    ];

    public void Update(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        int classes = labels.Length == 0 ? 0 : scores.Length / labels.Length;
        for (int i = 0; i < labels.Length; i++)
        {
            Look(_next++, scores.Slice(i * classes, classes), labels[i]);
        }
    }

    public void Reset()
    {
        _kept.Clear();
        (_next, _wrong) = (0, 0);
    }

    private void Look(int index, ReadOnlySpan<float> row, int label)
    {
        int best = ScoreRow.Best(row);
        _wrong += best == label ? 0 : 1;
        if (best == label || best == ScoreRow.NoClass)
        {
            return;
        }

        float total = areProbabilities ? 1 : SumOfExponentials(row, row[best]);
        float ofBest = areProbabilities ? row[best] : 1 / total;
        float loss = areProbabilities
            ? -MathF.Log(Math.Max(row[label], float.Epsilon))
            : MathF.Log(total) + row[best] - row[label];
        _kept.Enqueue(new Mistake(index, label, best, ofBest, loss), loss);
        if (_kept.Count > count)
        {
            _kept.Dequeue();
        }
    }

    private static float SumOfExponentials(ReadOnlySpan<float> row, float largest)
    {
        float sum = 0;
        foreach (float score in row)
        {
            sum += MathF.Exp(score - largest);
        }

        return sum;
    }
}
