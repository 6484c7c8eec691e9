// Optimisers as values: the rule, its constants, and which parameters it treats otherwise. What they remember from step to step
// belongs to a trainer.

using CnnNative.Kernels;

namespace CnnNative;

/// <summary>How parameters follow their gradients. Immutable; the defaults are PyTorch's unless a member says
/// otherwise.</summary>
/// <remarks>Weight decay applies to weights of convolutions and fully connected layers only, and not to biases or to the scale
/// and shift of normalisations, unless <see cref="DecaysBiases"/> says so.</remarks>
public abstract record Optimizer
{
    private protected Optimizer(double learningRate) => LearningRate = learningRate;

    /// <summary>The learning rate; a schedule multiplies or replaces it.</summary>
    public double LearningRate { get; init; }

    /// <summary>Weight decay: for <see cref="AdamW"/> a part of the weights, times the learning rate, that each step takes away;
    /// for the others it is added to the gradient.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether weight decay applies to biases and normalisations too, as PyTorch has it by default.</summary>
    public bool DecaysBiases { get; init; }

    /// <summary>Parameters with a learning rate or weight decay of their own; the first group that a parameter's name matches
    /// counts.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>The name in reports, such as "adamw".</summary>
    public abstract string Name { get; }

    /// <summary>The rule that kernels run, for one weight decay.</summary>
    internal abstract OptimizerRule Rule(double weightDecay);

    /// <summary>The constants as text: two optimisers of the same text make the same steps.</summary>
    internal string Fingerprint => $"{Rule(WeightDecay)} biases {DecaysBiases} groups {string.Join(';', Groups)}";

    /// <exception cref="ArgumentException">A constant is out of its range.</exception>
    internal virtual void Check()
    {
        RequireRange(LearningRate >= 0, "the learning rate", LearningRate, "a finite number from 0 on");
        RequireRange(WeightDecay >= 0, "weight decay", WeightDecay, "a finite number from 0 on");
        foreach (ParameterGroup group in Groups)
        {
            RequireRange(
                group.RateFactor >= 0, $"the rate factor of '{group.Pattern}'", group.RateFactor, "a finite number from 0 on");
            RequireRange(
                group.WeightDecay is not < 0, $"the weight decay of '{group.Pattern}'", group.WeightDecay ?? 0,
                "a finite number from 0 on");
        }
    }

    private protected void RequireRange(bool holds, string what, double found, string expected)
    {
        if (!holds || !double.IsFinite(found))
        {
            throw new ArgumentException($"{GetType().Name}: {what} is {found}, expected {expected}.");
        }
    }

    private protected void RequireFraction(string what, double found) =>
        RequireRange(found is >= 0 and < 1, what, found, "at least 0 and less than 1");
}

/// <summary>Stochastic gradient descent: b = momentum b + g; p = p - rate b, or with Nesterov's momentum p - rate (g + momentum
/// b).
/// </summary>
/// <param name="LearningRate">The learning rate.</param>
public sealed record Sgd(double LearningRate = 0.01) : Optimizer(LearningRate)
{
    /// <summary>How much of the last direction is kept; at least 0 and less than 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether to look ahead along the momentum.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    public override string Name => "sgd";

    internal override OptimizerRule Rule(double weightDecay) => OptimizerRule.Sgd(LearningRate, Momentum, Nesterov, weightDecay);

    internal override void Check()
    {
        base.Check();
        RequireFraction("momentum", Momentum);
    }
}

/// <summary>Adam (Kingma and Ba 2015): the mean of gradients over the root of the mean of their squares.</summary>
/// <param name="LearningRate">The learning rate.</param>
public sealed record Adam(double LearningRate = 0.001) : Optimizer(LearningRate)
{
    /// <summary>Decay of the mean of gradients; at least 0 and less than 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squares; at least 0 and less than 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override string Name => "adam";

    internal override OptimizerRule Rule(double weightDecay) =>
        OptimizerRule.Adam(LearningRate, Beta1, Beta2, Epsilon, weightDecay);

    internal override void Check()
    {
        base.Check();
        RequireFraction("beta1", Beta1);
        RequireFraction("beta2", Beta2);
        RequireRange(Epsilon >= 0, "epsilon", Epsilon, "a finite number from 0 on");
    }
}

/// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019), 0.01 by default.</summary>
public sealed record AdamW : Optimizer
{
    /// <summary>Makes the optimiser.</summary>
    /// <param name="learningRate">The learning rate.</param>
    public AdamW(double learningRate = 0.001)
        : base(learningRate) => WeightDecay = 0.01;

    /// <summary>Decay of the mean of gradients; at least 0 and less than 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squares; at least 0 and less than 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    public override string Name => "adamw";

    internal override OptimizerRule Rule(double weightDecay) =>
        OptimizerRule.AdamW(LearningRate, Beta1, Beta2, Epsilon, weightDecay);

    internal override void Check()
    {
        base.Check();
        RequireFraction("beta1", Beta1);
        RequireFraction("beta2", Beta2);
        RequireRange(Epsilon >= 0, "epsilon", Epsilon, "a finite number from 0 on");
    }
}

/// <summary>RMSProp (Hinton 2012): v = beta2 v + (1 - beta2) g g; b = momentum b + g / (sqrt(v) + epsilon); p = p - rate
/// b.</summary>
/// <param name="LearningRate">The learning rate.</param>
public sealed record RmsProp(double LearningRate = 0.01) : Optimizer(LearningRate)
{
    /// <summary>Decay of the mean of squares, which PyTorch calls alpha; at least 0 and less than 1.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How much of the last direction is kept; at least 0 and less than 1.</summary>
    public double Momentum { get; init; }

    /// <inheritdoc/>
    public override string Name => "rmsprop";

    internal override OptimizerRule Rule(double weightDecay) =>
        OptimizerRule.RmsProp(LearningRate, Beta2, Epsilon, Momentum, weightDecay);

    internal override void Check()
    {
        base.Check();
        RequireFraction("beta2", Beta2);
        RequireFraction("momentum", Momentum);
        RequireRange(Epsilon >= 0, "epsilon", Epsilon, "a finite number from 0 on");
    }
}
