// How a row of scores is read: which class it says, and where its label stands. Ties and NaN are decided here, once for all
// metrics.

namespace CnnNative;

internal static class ScoreRow
{
    /// <summary>What a row with NaN says.</summary>
    public const int NoClass = -1;

    /// <summary>The class with the highest score, the lowest of those that share it; <see cref="NoClass"/> if a score is
    /// NaN.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return NoClass;
            if (scores[i] > scores[best])
                best = i;
        }

        return best;
    }

    /// <summary>How many classes stand before the label: those with a higher score, and those with the same one and a lower
    /// number. <see cref="int.MaxValue"/> if a score is NaN.</summary>
    public static int Rank(ReadOnlySpan<float> scores, int label)
    {
        float own = scores[label];
        int rank = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return int.MaxValue;
            if (scores[i] > own || (scores[i] == own && i < label))
                rank++;
        }

        return rank;
    }

    /// <summary>The logarithm of p / (1 - p), where p is the softmax of the row: ranks like p, but tells those apart that are
    /// nearly 1. A row with NaN or positive infinity becomes NaN.</summary>
    public static void LogOdds(ReadOnlySpan<float> scores, Span<float> logOdds)
    {
        int best = Best(scores);
        if (best == NoClass || float.IsPositiveInfinity(scores[best]))
        {
            logOdds.Fill(float.NaN);
            return;
        }

        // The sums of all, by the highest, and of all but the highest, by the second one: so nothing cancels.
        double highest = scores[best], second = double.NegativeInfinity, sum = 0, others = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (i != best)
                second = Math.Max(second, scores[i]);
            sum += Math.Exp(scores[i] - highest);
        }

        for (int i = 0; i < scores.Length; i++)
        {
            if (i != best && !double.IsNegativeInfinity(second))
                others += Math.Exp(scores[i] - second);
            logOdds[i] = (float)(scores[i] - highest - Math.Log(sum - Math.Exp(scores[i] - highest)));
        }

        logOdds[best] = others == 0 ? float.PositiveInfinity : (float)(highest - second - Math.Log(others));
    }
}
