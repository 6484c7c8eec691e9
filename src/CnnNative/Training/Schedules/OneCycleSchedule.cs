// The one-cycle policy, whose parts are those of PyTorch's OneCycleLR, to the step: up, down, and in three phases further down.

namespace CnnNative;

/// <summary>The parts of a cycle; the defaults are PyTorch's.</summary>
public sealed record OneCycleOptions
{
    /// <summary>The part of the training in which the rate rises, from 0 to 1; in three phases at most 0.5.</summary>
    public double RisingShare { get; init; } = 0.3;

    /// <summary>The highest rate by the first, above 0.</summary>
    public double StartDivisor { get; init; } = 25;

    /// <summary>The first rate by the last, above 0.</summary>
    public double EndDivisor { get; init; } = 10_000;

    /// <summary>Whether the rate goes along straight lines and not along half cosines.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Whether the rate first falls as long as it rose, back to the first rate, and then to the last.</summary>
    public bool HasThreePhases { get; init; }

    /// <summary>Whether momentum goes the other way: from the highest to the lowest while the rate rises, and back.</summary>
    public bool CyclesMomentum { get; init; } = true;

    /// <summary>The momentum at the highest rate.</summary>
    public double LowestMomentum { get; init; } = 0.85;

    /// <summary>The momentum at the lowest rate.</summary>
    public double HighestMomentum { get; init; } = 0.95;

    internal OneCycleOptions Checked()
    {
        Check(RisingShare, nameof(RisingShare), value => value >= 0 && value <= (HasThreePhases ? 0.5 : 1));
        Check(StartDivisor, nameof(StartDivisor), value => value > 0);
        Check(EndDivisor, nameof(EndDivisor), value => value > 0);
        Check(LowestMomentum, nameof(LowestMomentum), value => value is >= 0 and < 1);
        Check(HighestMomentum, nameof(HighestMomentum), value => value is >= 0 and < 1);
        return this;
    }

    private static void Check(double value, string name, Func<double, bool> isValid)
    {
        if (!double.IsFinite(value) || !isValid(value))
            throw new ArgumentOutOfRangeException(name, value, $"OneCycle: {name} is out of its range.");
    }
}

internal sealed record OneCycleSchedule(OneCycleOptions Options) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length)
    {
        double start = 1 / Options.StartDivisor, end = start / Options.EndDivisor;
        (int phase, double part) = At(step, length.TotalSteps);
        return (phase, Options.HasThreePhases) switch
        {
            (0, _) => Between(start, 1, part),
            (1, true) => Between(1, start, part),
            (2, _) => Between(start, end, part),
            _ => Between(1, end, part),
        };
    }

    internal override double? Momentum(long step, TrainingLength length)
    {
        (int phase, double part) = At(step, length.TotalSteps);
        return !Options.CyclesMomentum ? null : phase switch
        {
            0 => Between(Options.HighestMomentum, Options.LowestMomentum, part),
            1 => Between(Options.LowestMomentum, Options.HighestMomentum, part),
            _ => Options.HighestMomentum,
        };
    }

    /// <summary>The phase of a step, and how far into it the step is. Phases end at steps that need not be whole.</summary>
    private (int Phase, double Part) At(long step, long total)
    {
        double rising = Options.RisingShare * total;
        ReadOnlySpan<double> ends = Options.HasThreePhases ? [rising - 1, 2 * rising - 2, total - 1] : [rising - 1, total - 1];
        double start = 0;
        for (int phase = 0; ; phase++)
        {
            bool isLast = phase == ends.Length - 1;
            if (step <= ends[phase] || isLast)
                return (phase, ends[phase] > start ? (step - start) / (ends[phase] - start) : 1);
            start = ends[phase];
        }
    }

    private double Between(double start, double end, double part) =>
        Options.IsLinear ? start + (end - start) * part : end + (start - end) / 2 * (1 + Math.Cos(Math.PI * part));
}
