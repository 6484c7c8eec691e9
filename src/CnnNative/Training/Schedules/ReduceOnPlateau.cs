// A learning rate that falls when a metric no longer gets better. The only schedule with a memory; the memory is a value of its
// own, so that a checkpoint can hold it and nothing changes behind anybody's back.

namespace CnnNative;

/// <summary>What <see cref="ReduceOnPlateau"/> remembers between epochs. Begins as <c>new PlateauState()</c>.</summary>
public sealed record PlateauState
{
    /// <summary>What the learning rate is multiplied with.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>The best metric so far; null before the first that is a number.</summary>
    public double? Best { get; init; }

    /// <summary>Epochs since the metric was last better, or since the rate last fell.</summary>
    public int BadEpochs { get; init; }

    /// <summary>Epochs that are still not counted as bad, because the rate fell lately.</summary>
    public int CooldownLeft { get; init; }
}

/// <summary>Multiplies the learning rate when a metric was not better for more than <see cref="Patience"/> epochs, as PyTorch's
/// ReduceLROnPlateau. Immutable; <see cref="Next"/> gives the state after an epoch.</summary>
public sealed record ReduceOnPlateau
{
    /// <summary>Which way the metric gets better.</summary>
    public MetricGoal Goal { get; init; }

    /// <summary>What the rate is multiplied with, at least 0 and below 1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>How many epochs in a row may be no better, at least 0; the rate falls after one more.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>By how much a metric has to be better than the best to count, at least 0.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Whether the threshold is a part of the best metric and not a difference.</summary>
    public bool IsThresholdRelative { get; init; } = true;

    /// <summary>How many epochs are not counted after the rate fell, at least 0.</summary>
    public int Cooldown { get; init; }

    /// <summary>The lowest factor, at least 0.</summary>
    public double MinimumFactor { get; init; }

    /// <summary>The state after an epoch.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="metric">The epoch's metric; NaN is no better than anything.</param>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range.</exception>
    public PlateauState Next(PlateauState state, double metric)
    {
        ArgumentNullException.ThrowIfNull(state);
        Check();
        bool isBetter = IsBetter(metric, state.Best);
        int badEpochs = isBetter || state.CooldownLeft > 0 ? 0 : state.BadEpochs + 1;
        PlateauState next = state with
        {
            Best = isBetter ? metric : state.Best,
            BadEpochs = badEpochs,
            CooldownLeft = Math.Max(state.CooldownLeft - 1, 0),
        };
        return badEpochs <= Patience ? next : next with
        {
            Factor = Math.Min(next.Factor, Math.Max(next.Factor * Factor, MinimumFactor)),
            BadEpochs = 0,
            CooldownLeft = Cooldown,
        };
    }

    private bool IsBetter(double metric, double? best)
    {
        if (best is not { } known)
            return !double.IsNaN(metric);
        double margin = IsThresholdRelative ? known * Threshold : Threshold;
        return Goal == MetricGoal.Minimize ? metric < known - margin : metric > known + margin;
    }

    private void Check()
    {
        LearningRateSchedule.CheckFactor(Factor, nameof(Factor));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Factor, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(Cooldown);
        LearningRateSchedule.CheckFactor(Threshold, nameof(Threshold));
        LearningRateSchedule.CheckFactor(MinimumFactor, nameof(MinimumFactor));
    }
}
