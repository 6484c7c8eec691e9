// The formulas of the schedules, each as a factor of the learning rate. Steps are not negative and lie within the training.

namespace CnnNative;

internal sealed record ConstantSchedule : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length) => 1;
}

internal sealed record StepSchedule(int Epochs, double Times) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length) => Math.Pow(Times, step / length.StepsPerEpoch / Epochs);
}

internal sealed record MultiStepSchedule(int[] Epochs, double Times) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length)
    {
        long epoch = step / length.StepsPerEpoch;
        return Math.Pow(Times, Epochs.Count(start => start <= epoch));
    }

    public bool Equals(MultiStepSchedule? other) =>
        other is not null && Times.Equals(other.Times) && Epochs.AsSpan().SequenceEqual(other.Epochs);

    public override int GetHashCode() => Epochs.Aggregate(Times.GetHashCode(), HashCode.Combine);

    public override string ToString() =>
        FormattableString.Invariant($"MultiStepSchedule {{ Epochs = {string.Join(", ", Epochs)}, Times = {Times} }}");
}

internal sealed record CosineSchedule(double Minimum) : LearningRateSchedule
{
    /// <summary>From 1 to the minimum as the part goes from 0 to 1.</summary>
    public static double At(double part, double minimum) => minimum + (1 - minimum) * (1 + Math.Cos(Math.PI * part)) / 2;

    internal override double Factor(long step, TrainingLength length) => At((double)step / length.TotalSteps, Minimum);
}

internal sealed record CosineRestartsSchedule(int Epochs, int Growth, double Minimum) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length)
    {
        // In 128 bits, in which no period that is compared with a step can overflow.
        Int128 period = (Int128)Epochs * length.StepsPerEpoch, rest = step;
        if (Growth == 1)
            rest %= period;
        for (; rest >= period; period *= Growth)
            rest -= period;
        return CosineSchedule.At((double)rest / (double)period, Minimum);
    }
}

internal sealed record LinearSchedule(double Start, double End) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length) => Start + (End - Start) * step / length.TotalSteps;
}

internal sealed record PolynomialSchedule(double Power) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length) =>
        Math.Pow(1 - (double)step / length.TotalSteps, Power);
}

internal sealed record WarmUpSchedule(LearningRateSchedule Then, long Steps, double Epochs, double Start) : LearningRateSchedule
{
    internal override double Factor(long step, TrainingLength length)
    {
        long steps = StepsOf(length);
        return step < steps ? Start + (1 - Start) * step / steps : Then.Factor(step - steps, Rest(length, steps));
    }

    /// <summary>While the rate rises, the momentum is that of the step after it.</summary>
    internal override double? Momentum(long step, TrainingLength length)
    {
        long steps = StepsOf(length);
        return Then.Momentum(Math.Max(step - steps, 0), Rest(length, steps));
    }

    private static TrainingLength Rest(TrainingLength length, long steps) =>
        length with { TotalSteps = Math.Max(length.TotalSteps - steps, 1) };

    private long StepsOf(TrainingLength length) => Steps + (long)Math.Round(Math.Min(Epochs * length.StepsPerEpoch, 1e18));
}
