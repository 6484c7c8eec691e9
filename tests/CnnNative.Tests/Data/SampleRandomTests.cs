// The random numbers of a sample: the same for the same sample, others for others, and distributed as they should be.

using CnnNative.Kernels.Managed;

namespace CnnNative.Tests.Data;

public sealed class SampleRandomTests
{
    [Fact]
    public void The_same_sample_has_the_same_numbers_and_every_other_one_has_others()
    {
        HashSet<ulong> starts = [];
        for (int trial = 0; trial < 2; trial++)
        {
            foreach (ulong seed in new ulong[] { 0, 1, ulong.MaxValue })
            {
                for (int epoch = 0; epoch < 3; epoch++)
                {
                    starts.Add(Start(SampleRandom.ForOrder(seed, epoch)));
                    for (int place = 0; place < 100; place++)
                    {
                        starts.Add(Start(SampleRandom.ForSample(seed, epoch, place)));
                        starts.Add(Start(SampleRandom.ForBatch(seed, epoch, place)));
                    }
                }
            }
        }

        // Of 1809 draws of 64 bits two are equal with a probability of 1e-13.
        Assert.Equal(3 * 3 * 201, starts.Count);

        static ulong Start(SampleRandom random) => (ulong)random.NextUInt32() << 32 | random.NextUInt32();
    }

    [Fact]
    public void The_numbers_are_those_of_philox_in_order_and_spans_start_at_whole_groups()
    {
        SampleRandom single = SampleRandom.ForSample(5, 6, 7), spans = SampleRandom.ForSample(5, 6, 7);
        uint[] words = [.. Enumerable.Range(0, 3 * Philox.GroupSize).Select(_ => single.NextUInt32())];
        float[] first = new float[5], second = new float[40];

        spans.FillUniform(first, 0, 1);
        spans.FillUniform(second, 0, 1);

        Assert.Equal(words.Take(5).Select(word => (word >> 8) / 16777216f), first);
        Assert.Equal(words.Skip(Philox.GroupSize).Take(40).Select(word => (word >> 8) / 16777216f), second);
        Assert.NotEqual(words[0], spans.NextUInt32());
    }

    // A mean of n draws with deviation s lies within 5 s / sqrt(n) but for one seed in a million; the seed is fixed.
    [Fact]
    public void Draws_have_the_mean_and_the_range_that_they_are_named_for()
    {
        const int count = 20000;
        SampleRandom random = SampleRandom.ForSample(1, 2, 3);
        double bound = 5 / Math.Sqrt(count);
        double[] uniform = [.. Draw(count, () => random.Uniform(-1, 3))];
        Assert.All(uniform, value => Assert.InRange(value, -1, 3));
        Assert.Equal(1, uniform.Average(), bound * 4 / Math.Sqrt(12));

        double[] normal = [.. Draw(count, () => random.Normal())];
        Assert.Equal(0, normal.Average(), bound);
        // The variance of x^2 is 2, that of x^4 96.
        Assert.Equal(1, normal.Average(x => x * x), bound * Math.Sqrt(2));
        Assert.Equal(3, normal.Average(x => x * x * x * x), bound * Math.Sqrt(96));

        int[] whole = [.. Draw(count, () => random.NextInt(7))];
        for (int i = 0; i < 7; i++)
            Assert.Equal(1.0 / 7, whole.Count(value => value == i) / (double)count, bound * Math.Sqrt(6.0 / 49));
        Assert.Equal(0.3, Draw(count, () => random.NextBool(0.3)).Count(value => value) / (double)count, bound * Math.Sqrt(0.21));
        Assert.All(Draw(1000, () => random.NextBool(1)), Assert.True);
        Assert.All(Draw(1000, () => random.NextBool(0)), Assert.False);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(4)]
    public void Beta_variates_have_the_moments_of_the_distribution(double alpha)
    {
        const int count = 20000;
        SampleRandom random = SampleRandom.ForSample(1, 2, 3);
        double[] draws = [.. Draw(count, () => BetaDistribution.Draw(alpha, ref random))];

        Assert.All(draws, value => Assert.InRange(value, 0, 1));
        double variance = 1 / (4 * (2 * alpha + 1)), bound = 5 / Math.Sqrt(count);
        Assert.Equal(0.5, draws.Average(), bound * Math.Sqrt(variance));
        // (x - 1/2)^2 lies between 0 and 1/4, so its deviation is below 1/8.
        Assert.Equal(variance, draws.Average(x => (x - 0.5) * (x - 0.5)), bound / 8);
    }

    [Fact]
    public void Every_order_of_three_is_as_likely()
    {
        SampleRandom random = SampleRandom.ForOrder(9, 0);
        Dictionary<string, int> seen = [];
        for (int i = 0; i < 6000; i++)
        {
            int[] values = [0, 1, 2];
            random.Shuffle(values);
            string order = string.Concat(values);
            seen[order] = seen.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, seen.Count);
        // Five deviations of a count of 6000 draws of probability 1/6.
        Assert.All(seen.Values, value => Assert.Equal(1000, value, 5 * Math.Sqrt(6000 * 5 / 36.0)));
    }

    private static IEnumerable<T> Draw<T>(int count, Func<T> next) => Enumerable.Range(0, count).Select(_ => next());
}
