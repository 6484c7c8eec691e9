// One step of an optimiser as a value: the rule and its constants. A training loop keeps one and changes the number of the step,
// the learning rate of a schedule, and the factor that clips the gradient.

namespace CnnNative.Kernels;

/// <summary>A rule by which parameters p follow their gradient g, as PyTorch's torch.optim defines them. With weight decay w, g
/// becomes g + w p first, except for AdamW.</summary>
internal enum OptimizerKind
{
    /// <summary>b = momentum b + g; p = p - rate b, or with Nesterov's momentum p - rate (g + momentum b).</summary>
    Sgd = 0,

    /// <summary>m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g g; p = p - rate m' / (sqrt(v') + epsilon), where m' is
    /// m / (1 - beta1^step) and v' is v / (1 - beta2^step); Kingma and Ba 2015.</summary>
    Adam = 1,

    /// <summary>p = p - rate w p, then as Adam without w; Loshchilov and Hutter 2019.</summary>
    AdamW = 2,

    /// <summary>v = beta2 v + (1 - beta2) g g; b = momentum b + g / (sqrt(v) + epsilon); p = p - rate b; Hinton 2012.</summary>
    RmsProp = 3,
}

/// <summary>One step of an optimiser. Made by its static methods; <c>with</c> sets the step and the gradient's scale.</summary>
internal readonly record struct OptimizerRule
{
    private OptimizerRule(OptimizerKind kind, double learningRate, double weightDecay)
    {
        Kind = kind;
        LearningRate = learningRate;
        WeightDecay = weightDecay;
    }

    /// <summary>The rule.</summary>
    public OptimizerKind Kind { get; }

    /// <summary>The number of this step, from 1 on: corrects the bias of Adam and AdamW.</summary>
    public long Step { get; init; } = 1;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init; }

    /// <summary>Multiplies the gradient before anything else: the factor that clips its norm.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>Momentum of SGD and RMSProp.</summary>
    public double Momentum { get; private init; }

    /// <summary>Whether SGD looks ahead along its momentum.</summary>
    public bool Nesterov { get; private init; }

    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; private init; }

    /// <summary>Decay of the mean of squares.</summary>
    public double Beta2 { get; private init; }

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; private init; }

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>Whether the rule keeps b or m beside the parameters; zeros before the first step.</summary>
    public bool HasFirst => IsAdam || Momentum != 0;

    /// <summary>Whether the rule keeps v beside the parameters; zeros before the first step.</summary>
    public bool HasSecond => Kind != OptimizerKind.Sgd;

    /// <summary>Whether the mean of gradients is divided, rather than each gradient.</summary>
    public bool IsAdam => Kind is OptimizerKind.Adam or OptimizerKind.AdamW;

    /// <summary>The rule with another momentum, which for Adam is beta1: what a one-cycle schedule changes. A rule without momentum
    /// has no state for one and stays as it is.</summary>
    public OptimizerRule WithMomentum(double momentum) =>
        IsAdam ? this with { Beta1 = momentum } : Momentum != 0 ? this with { Momentum = momentum } : this;

    /// <summary>Stochastic gradient descent.</summary>
    public static OptimizerRule Sgd(
        double learningRate, double momentum = 0, bool nesterov = false, double weightDecay = 0) =>
        new(OptimizerKind.Sgd, learningRate, weightDecay) { Momentum = momentum, Nesterov = nesterov };

    /// <summary>Adam.</summary>
    public static OptimizerRule Adam(
        double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0) =>
        new(OptimizerKind.Adam, learningRate, weightDecay) { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };

    /// <summary>Adam with weight decay apart from the gradient.</summary>
    public static OptimizerRule AdamW(
        double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8,
        double weightDecay = 0.01) =>
        new(OptimizerKind.AdamW, learningRate, weightDecay) { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon };

    /// <summary>RMSProp; PyTorch calls <paramref name="beta2"/> alpha.</summary>
    public static OptimizerRule RmsProp(
        double learningRate = 0.01, double beta2 = 0.99, double epsilon = 1e-8, double momentum = 0, double weightDecay = 0) =>
        new(OptimizerKind.RmsProp, learningRate, weightDecay) { Beta2 = beta2, Epsilon = epsilon, Momentum = momentum };
}
