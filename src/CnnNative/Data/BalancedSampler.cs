// Epochs in which classes are as frequent as asked for, whatever the data set holds. A class's samples are dealt out like cards:
// none comes twice before all of them came once, which a draw with replacement would not give.

namespace CnnNative;

/// <summary>Draws each class equally often, or by weights.</summary>
public sealed class BalancedSampler : ISampler
{
    private readonly int[][] _members;
    private readonly int[] _quotas;

    /// <summary>Prepares to draw from a data set.</summary>
    /// <param name="dataset">A data set with class labels.</param>
    /// <param name="weights">How often to draw each class, in proportion; all the same if null. A class without samples has to
    /// have weight 0.</param>
    /// <param name="count">Samples in an epoch; as many as the data set has if null.</param>
    /// <exception cref="ArgumentException">There are no labels, weights are missing, negative or all 0, or a class with a weight
    /// has no samples.</exception>
    public BalancedSampler(IDataset dataset, IReadOnlyList<double>? weights = null, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        Count = count ?? dataset.Count;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Count, nameof(count));
        _members = ClassMembers.Of(dataset);
        IReadOnlyList<string> names = dataset.Schema.ClassNames!;
        weights ??= [.. Enumerable.Repeat(1.0, names.Count)];
        double sum = weights.Sum();
        if (weights.Count != names.Count || weights.Any(weight => !(weight >= 0)) || !(sum > 0) || double.IsInfinity(sum))
        {
            throw new ArgumentException(
                $"BalancedSampler: there are {weights.Count} weights with the sum {sum} for {names.Count} classes;"
                + " expected one each, none below 0 and one above.", nameof(weights));
        }

        for (int i = 0; i < names.Count; i++)
        {
            if (weights[i] > 0 && _members[i].Length == 0)
            {
                throw new ArgumentException(
                    $"BalancedSampler: the class '{names[i]}' has no samples to draw from; give it the weight 0.");
            }
        }

        _quotas = Quotas(weights, sum, Count);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public void Draw(Span<int> order, ulong seed, int epoch)
    {
        var random = SampleRandom.ForOrder(seed, epoch);
        Span<int> rest = order;
        for (int i = 0; i < _members.Length; i++)
        {
            Span<int> drawn = rest[.._quotas[i]];
            rest = rest[_quotas[i]..];
            for (int start = 0; start < drawn.Length;)
            {
                // A round of the whole class; the last one is cut off, so that its part has to be a random one.
                ReadOnlySpan<int> members = _members[i];
                int round = Math.Min(members.Length, drawn.Length - start);
                FillRound(members, drawn.Slice(start, round), ref random);
                start += round;
            }
        }

        random.Shuffle(order);
    }

    /// <summary>So many members, without repetition, each as likely (Knuth's algorithm S: one pass, no memory).</summary>
    private static void FillRound(ReadOnlySpan<int> members, Span<int> drawn, ref SampleRandom random)
    {
        int taken = 0;
        for (int i = 0; taken < drawn.Length; i++)
        {
            if (random.NextInt(members.Length - i) < drawn.Length - taken)
            {
                drawn[taken++] = members[i];
            }
        }
    }

    /// <summary>Whole numbers in proportion to the weights that sum to the count, by the largest remainders.</summary>
    private static int[] Quotas(IReadOnlyList<double> weights, double sum, int count)
    {
        double[] exact = [.. weights.Select(weight => weight / sum * count)];
        int[] quotas = Array.ConvertAll(exact, value => (int)value);
        int[] byRemainder = [.. Enumerable.Range(0, exact.Length).OrderByDescending(i => exact[i] - quotas[i]).ThenBy(i => i)];
        int missing = count - quotas.Sum();
        for (int i = 0; i < missing; i++)
        {
            quotas[byRemainder[i % byRemainder.Length]]++;
        }

        return quotas;
    }
}
