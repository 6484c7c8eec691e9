// The worst mistakes: which ones are kept, in which order, and with which probabilities.

using CnnNative.Cli;

namespace CnnNative.Tests.Cli;

public sealed class WorstMistakesTests
{
    // Rows of three classes. Logits are logarithms of probabilities, so that both kinds of scores say the same.
    private static readonly float[] Rows = [0.1f, 0.2f, 0.7f, 0.5f, 0.4f, 0.1f, 0.9f, 0.05f, 0.05f, 0.2f, 0.3f, 0.5f];
    private static readonly int[] Labels = [2, 1, 2, 0];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_highest_losses_of_wrong_rows_come_first(bool areProbabilities)
    {
        WorstMistakes worst = new(count: 5, areProbabilities);
        Feed(worst, areProbabilities, batch: 1);

        Assert.Equal(3, worst.Result);
        Assert.Equal([2, 3, 1], worst.Worst.Select(mistake => mistake.Index));
        Assert.Equal([(2, 0), (0, 2), (1, 0)], worst.Worst.Select(mistake => (mistake.Label, mistake.Predicted)));

        // float32 of numbers near 1, through a logarithm and an exponential: some 1e-7 each.
        Assert.Equal(-Math.Log(0.05), worst.Worst[0].Loss, 1e-5);
        Assert.Equal(0.9, worst.Worst[0].Probability, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Only_so_many_are_kept_however_the_rows_come(int batch)
    {
        WorstMistakes worst = new(count: 2, areProbabilities: true);
        Feed(worst, areProbabilities: true, batch);

        Assert.Equal([2, 3], worst.Worst.Select(mistake => mistake.Index));
        worst.Reset();
        Assert.Empty(worst.Worst);
        Assert.Equal(0, worst.Result);
    }

    [Fact]
    public void Scores_of_any_size_have_finite_losses_and_those_that_are_not_numbers_are_left_out()
    {
        WorstMistakes worst = new(count: 5, areProbabilities: false);
        worst.Update([1e30f, -1e30f, float.NaN, float.NaN, 3, 500], [1, 0, 0]);

        Assert.All(worst.Worst, mistake => Assert.True(mistake.Loss > 0 && mistake.Probability is > 0 and <= 1));
        Assert.Equal([0, 2], worst.Worst.Select(mistake => mistake.Index));
        Assert.Equal(3, worst.Result);
        Assert.Equal(497, worst.Worst[1].Loss, 1e-3);
    }

    private static void Feed(WorstMistakes worst, bool areProbabilities, int batch)
    {
        float[] scores = areProbabilities ? Rows : Array.ConvertAll(Rows, MathF.Log);
        for (int i = 0; i < Labels.Length; i += batch)
        {
            worst.Update(scores.AsSpan(3 * i, 3 * batch), Labels.AsSpan(i, batch));
        }
    }
}
