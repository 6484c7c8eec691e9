// Ending a training that no longer gets better. What it remembers is a value of its own, so that a checkpoint can hold it.

namespace CnnNative;

/// <summary>What <see cref="EarlyStopping"/> remembers between epochs. Begins as <c>new EarlyStoppingState()</c>.</summary>
public sealed record EarlyStoppingState
{
    /// <summary>The best metric so far; null before the first that is a number.</summary>
    public double? Best { get; init; }

    /// <summary>The epoch of the best metric; 0 while there is none.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Epochs since the best one.</summary>
    public int BadEpochs { get; init; }

    /// <summary>Whether the last epoch was the best so far, so that its weights are the ones to keep.</summary>
    public bool IsBest { get; init; }

    /// <summary>Whether training should stop.</summary>
    public bool ShouldStop { get; init; }
}

/// <summary>Stops a training when a metric was not better for <see cref="Patience"/> epochs in a row. Immutable;
/// <see cref="Next"/> gives the state after an epoch.</summary>
public sealed record EarlyStopping
{
    /// <summary>Which way the metric gets better.</summary>
    public MetricGoal Goal { get; init; }

    /// <summary>How many epochs in a row may be no better before training stops, at least 1.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>By how much a metric has to be better than the best to count, at least 0.</summary>
    public double MinimumDelta { get; init; }

    /// <summary>Whether the model gets the weights of the best epoch back at the end, however training ends.</summary>
    public bool RestoreBest { get; init; } = true;

    /// <summary>The state after an epoch.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="metric">The epoch's metric; NaN is no better than anything.</param>
    /// <param name="epoch">The epoch, from 1 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range.</exception>
    public EarlyStoppingState Next(EarlyStoppingState state, double metric, int epoch)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Patience);
        LearningRateSchedule.CheckFactor(MinimumDelta, nameof(MinimumDelta));
        if (IsBetter(metric, state.Best))
            return new EarlyStoppingState { Best = metric, BestEpoch = epoch, IsBest = true };
        int badEpochs = state.BadEpochs + 1;
        return state with { BadEpochs = badEpochs, IsBest = false, ShouldStop = badEpochs >= Patience };
    }

    private bool IsBetter(double metric, double? best)
    {
        if (best is not { } known)
            return !double.IsNaN(metric);
        return Goal == MetricGoal.Minimize ? metric < known - MinimumDelta : metric > known + MinimumDelta;
    }
}
