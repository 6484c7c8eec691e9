// Early stopping, epoch by epoch, with a checkpoint between any two.

using System.Text.Json;

namespace CnnNative.Tests.Training;

public sealed class EarlyStoppingTests
{
    /// <summary>Metrics, the epochs after which a state is the best, and the epoch that training stops after; 0 for
    /// never.</summary>
    public static TheoryData<string, double[], int[], int> Cases => new()
    {
        { "lower", [3, 2, 2, 2.5, 1, 4, 4, 4, 4], [1, 2, 5], 8 },
        { "lower", [3, 2, 1, 0, -1], [1, 2, 3, 4, 5], 0 },
        { "lower", [double.NaN, double.NaN, double.NaN, 1], [4], 3 },
        { "lower", [double.NaN, 5, double.NaN, 4, double.PositiveInfinity], [2, 4], 0 },
        { "lower by 0.5", [3, 2.6, 2.5, 2.4, 2.1, 1.8], [1, 4, 6], 0 },
        { "higher", [0.5, 0.7, 0.6, 0.7, 0.65], [1, 2], 5 },
        { "one epoch", [1, 0.5, 0.5, 0.1], [1, 2, 4], 3 },
    };

    private static EarlyStopping Find(string name) => name switch
    {
        "lower" => new EarlyStopping { Patience = 3 },
        "lower by 0.5" => new EarlyStopping { Patience = 3, MinimumDelta = 0.5 },
        "higher" => new EarlyStopping { Patience = 3, Goal = MetricGoal.Maximize },
        _ => new EarlyStopping { Patience = 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_stops_when_the_metric_is_no_better_for_long_enough(
        string name, double[] metrics, int[] bestEpochs, int stopEpoch)
    {
        EarlyStopping stopping = Find(name);
        EarlyStoppingState state = new();
        List<int> best = [];
        int stopped = 0;
        for (int epoch = 1; epoch <= metrics.Length; epoch++)
        {
            state = JsonSerializer.Deserialize<EarlyStoppingState>(JsonSerializer.Serialize(state))!;
            state = stopping.Next(state, metrics[epoch - 1], epoch);
            if (state.IsBest)
                best.Add(epoch);
            if (state.ShouldStop && stopped == 0)
                stopped = epoch;
            Assert.Equal(best.Count == 0 ? 0 : best[^1], state.BestEpoch);
            Assert.Equal(best.Count == 0 ? null : metrics[best[^1] - 1], state.Best);
        }

        Assert.Equal(bestEpochs, best);
        Assert.Equal(stopEpoch, stopped);
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping { Patience = 0 }.Next(new(), 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping { MinimumDelta = double.NaN }.Next(new(), 1, 1));
    }
}
