// Learning rates as functions of the step: values without state, so that a resumed training goes on with the rates it would have
// had, and a curve can be drawn before anything is trained. The formulas are those of PyTorch's torch.optim.lr_scheduler.

namespace CnnNative;

/// <summary>How long a training lasts, in steps of the optimiser.</summary>
/// <param name="TotalSteps">All steps, at least 1.</param>
/// <param name="StepsPerEpoch">Steps in an epoch, at least 1.</param>
public readonly record struct TrainingLength(long TotalSteps, long StepsPerEpoch);

/// <summary>What the learning rate is multiplied with at each step. Multiplying, rather than setting it, lets parameter groups
/// keep rates of their own.</summary>
/// <remarks>Immutable, compared by value, safe to use from several threads. Steps count from 0; after the last step the rate
/// stays what it was there. Epochs are whole ones: the rate of a schedule in epochs is the same for all steps of an
/// epoch.</remarks>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The same rate always.</summary>
    public static LearningRateSchedule Constant { get; } = new ConstantSchedule();

    /// <summary>Times <paramref name="factor"/> after every so many epochs (StepLR).</summary>
    /// <param name="epochs">After how many epochs, at least 1.</param>
    /// <param name="factor">What the rate is multiplied with.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static LearningRateSchedule Step(int epochs, double factor = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        return new StepSchedule(epochs, CheckFactor(factor, nameof(factor)));
    }

    /// <summary>Times <paramref name="factor"/> at the beginning of certain epochs (MultiStepLR).</summary>
    /// <param name="epochs">The epochs, from 0 on, in rising order.</param>
    /// <param name="factor">What the rate is multiplied with.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not a finite number from 0 on.</exception>
    /// <exception cref="ArgumentException">The epochs do not rise or are negative.</exception>
    public static LearningRateSchedule MultiStep(ReadOnlySpan<int> epochs, double factor = 0.1)
    {
        for (int i = 0; i < epochs.Length; i++)
        {
            if (epochs[i] < (i == 0 ? 0 : epochs[i - 1]))
            {
                throw new ArgumentException(
                    $"Epoch {epochs[i]} at position {i} is below the one before it, or below 0.", nameof(epochs));
            }
        }

        return new MultiStepSchedule(epochs.ToArray(), CheckFactor(factor, nameof(factor)));
    }

    /// <summary>Times <paramref name="factor"/> after every epoch (ExponentialLR).</summary>
    /// <param name="factor">What the rate is multiplied with.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not a finite number from 0 on.</exception>
    public static LearningRateSchedule Exponential(double factor) =>
        new StepSchedule(1, CheckFactor(factor, nameof(factor)));

    /// <summary>From 1 down to <paramref name="minimum"/> along half a cosine, over the whole training (CosineAnnealingLR;
    /// Loshchilov and Hutter 2017).</summary>
    /// <param name="minimum">The factor at the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is not a finite number from 0 on.</exception>
    public static LearningRateSchedule Cosine(double minimum = 0) =>
        new CosineSchedule(CheckFactor(minimum, nameof(minimum)));

    /// <summary>Half a cosine again and again, each from 1 (CosineAnnealingWarmRestarts; Loshchilov and Hutter 2017). Within an
    /// epoch the rate falls from step to step.</summary>
    /// <param name="epochs">How many epochs the first one lasts, at least 1.</param>
    /// <param name="growth">How many times as long each one is as the one before, at least 1.</param>
    /// <param name="minimum">The factor that each ends at.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static LearningRateSchedule CosineRestarts(int epochs, int growth = 1, double minimum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epochs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(growth);
        return new CosineRestartsSchedule(epochs, growth, CheckFactor(minimum, nameof(minimum)));
    }

    /// <summary>From <paramref name="start"/> to <paramref name="end"/> in a straight line over the whole training
    /// (LinearLR).</summary>
    /// <param name="start">The factor of step 0.</param>
    /// <param name="end">The factor after the last step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A factor is not a finite number from 0 on.</exception>
    public static LearningRateSchedule Linear(double start = 1, double end = 0) =>
        new LinearSchedule(CheckFactor(start, nameof(start)), CheckFactor(end, nameof(end)));

    /// <summary>(1 - step / total steps)^power (PolynomialLR).</summary>
    /// <param name="power">The exponent, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The power is not a finite number from 0 on.</exception>
    public static LearningRateSchedule Polynomial(double power = 1) =>
        new PolynomialSchedule(CheckFactor(power, nameof(power)));

    /// <summary>Up to 1 and down again, in one cycle over the whole training (OneCycleLR; Smith and Topin 2018); the learning
    /// rate of the optimiser is the highest one.</summary>
    /// <param name="options">The parts of the cycle; PyTorch's defaults if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static LearningRateSchedule OneCycle(OneCycleOptions? options = null) =>
        new OneCycleSchedule((options ?? new OneCycleOptions()).Checked());

    /// <summary>This schedule after some epochs in which the rate rises in a straight line. This schedule then begins at its step
    /// 0 and has the rest of the training, as in SequentialLR.</summary>
    /// <param name="epochs">How many epochs, at least 0; they need not be whole.</param>
    /// <param name="start">The factor of step 0; that after the last of these steps is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is not a finite number from 0 on.</exception>
    public LearningRateSchedule WithWarmUpEpochs(double epochs, double start = 0) =>
        new WarmUpSchedule(this, 0, CheckFactor(epochs, nameof(epochs)), CheckFactor(start, nameof(start)));

    /// <summary>This schedule after some steps in which the rate rises in a straight line; see <see
    /// cref="WithWarmUpEpochs"/>.</summary>
    /// <param name="steps">How many steps, at least 0.</param>
    /// <param name="start">The factor of step 0; that after the last of these steps is 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public LearningRateSchedule WithWarmUpSteps(long steps, double start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return new WarmUpSchedule(this, steps, 0, CheckFactor(start, nameof(start)));
    }

    /// <summary>What the learning rate is multiplied with at a step.</summary>
    /// <param name="step">The step, from 0 on; one after the last counts as the last.</param>
    /// <param name="length">How long the training lasts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative, or a length is below 1.</exception>
    public double FactorAt(long step, TrainingLength length) => Factor(Clamped(step, length), length);

    /// <summary>The learning rate of a step.</summary>
    /// <param name="learningRate">The learning rate of the optimiser or of a group of parameters.</param>
    /// <param name="step">The step, from 0 on; one after the last counts as the last.</param>
    /// <param name="length">How long the training lasts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative, or a length is below 1.</exception>
    public double RateAt(double learningRate, long step, TrainingLength length) => learningRate * FactorAt(step, length);

    /// <summary>The momentum of a step, which replaces that of the optimiser (beta1 of Adam); null for schedules that leave it
    /// alone.</summary>
    /// <param name="step">The step, from 0 on; one after the last counts as the last.</param>
    /// <param name="length">How long the training lasts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative, or a length is below 1.</exception>
    public double? MomentumAt(long step, TrainingLength length) => Momentum(Clamped(step, length), length);

    internal abstract double Factor(long step, TrainingLength length);

    internal virtual double? Momentum(long step, TrainingLength length) => null;

    internal static double CheckFactor(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected a finite number from 0 on.");

    private static long Clamped(long step, TrainingLength length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (length.TotalSteps < 1 || length.StepsPerEpoch < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length),
                $"The training has {length.TotalSteps} steps, {length.StepsPerEpoch} an epoch; expected at least 1.");
        }

        return Math.Min(step, length.TotalSteps - 1);
    }
}
