// What a trainer needs to know: everything that concerns single steps. What concerns epochs and data stands in FitOptions.

namespace CnnNative;

/// <summary>How a <see cref="Trainer"/> makes steps.</summary>
public sealed record TrainerOptions
{
    /// <summary>How parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; init; } = new AdamW();

    /// <summary>What is made small.</summary>
    public LossSet Loss { get; init; } = new CrossEntropyLoss();

    /// <summary>The most that the Euclidean norm of all gradients together may be; longer ones are scaled down. Null for no
    /// limit.
    /// </summary>
    public double? ClipNorm { get; init; }

    /// <summary>Batches whose gradients are summed before the weights change: a larger batch in less memory. The mean is over the
    /// samples of all of them.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>An average of the weights over time; null for none.</summary>
    public ExponentialMovingAverage? Average { get; init; }

    /// <summary>Where the random numbers of layers such as dropout come from.</summary>
    public ulong Seed { get; init; }

    /// <summary>The most bytes that a training may plan for; null for no limit. Results of layers are computed again in the
    /// backward pass where that is needed to stay below it.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>Where to compute; <see cref="ComputeContext.Default"/> if null. It outlives the trainer.</summary>
    public ComputeContext? Context { get; init; }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        ArgumentNullException.ThrowIfNull(Loss);
        Optimizer.Check();
        Average?.Check();
        if (ClipNorm is { } limit && !(limit > 0))
        {
            throw new ArgumentException($"Trainer: ClipNorm is {limit}, expected a number above 0.");
        }

        if (AccumulationSteps < 1)
        {
            throw new ArgumentException($"Trainer: AccumulationSteps is {AccumulationSteps}, expected at least 1.");
        }
    }
}

/// <summary>What a step found.</summary>
/// <param name="Loss">The weighted sum of the losses of the batch, before the step.</param>
/// <param name="GradientNorm">The Euclidean norm of all gradients together before clipping; NaN where the weights did not change
/// yet, because gradients are accumulated.</param>
/// <param name="Updated">Whether the weights changed.</param>
public readonly record struct TrainingStep(double Loss, double GradientNorm, bool Updated);
