// What a loss computes, as values: which formula, with which parameters, and how the losses of the elements become one number.
// Both kernel sets read them; nothing here is checked again by a kernel.

namespace CnnNative.Kernels;

/// <summary>How the losses of the elements become one number.</summary>
internal enum LossReduction
{
    /// <summary>Their mean.</summary>
    Mean = 0,

    /// <summary>Their sum.</summary>
    Sum = 1,
}

/// <summary>The options of softmax and cross-entropy in one.</summary>
/// <param name="Reduction">Mean or sum. With labels the mean divides by the sum of the weights of the labels that count, with
/// soft labels by the rows; where nothing counts, loss and gradient are 0.</param>
/// <param name="LabelSmoothing">The share e of a target that is spread evenly over all classes, 0 to 1.</param>
/// <param name="IgnoreIndex">Rows with this label count for nothing.</param>
internal readonly record struct CrossEntropyOptions(
    LossReduction Reduction, float LabelSmoothing = 0f, int IgnoreIndex = -100)
{
    /// <summary>The mean, without smoothing; the label -100 is ignored.</summary>
    public CrossEntropyOptions()
        : this(LossReduction.Mean)
    {
    }
}

/// <summary>A loss of single elements: x is the prediction, t the target, d = x - t and p = sigmoid(x).</summary>
internal enum LossKind
{
    /// <summary>-w t log(p) - (1 - t) log(1 - p), with w the weight of the positive class.</summary>
    BinaryCrossEntropyWithLogits = 0,

    /// <summary>d squared.</summary>
    MeanSquaredError = 1,

    /// <summary>|d|; the gradient is 0 at 0.</summary>
    AbsoluteError = 2,

    /// <summary>d squared / 2 for |d| up to delta, else delta (|d| - delta / 2); Huber 1964.</summary>
    Huber = 3,

    /// <summary>a m^gamma b, with b the binary cross-entropy, m = p (1 - t) + (1 - p) t, and a = alpha t + (1 - alpha) (1 - t),
    /// or 1 for a negative alpha; Lin et al. 2017.</summary>
    Focal = 4,
}

/// <summary>A loss of single elements with its parameters.</summary>
/// <param name="Kind">Which loss.</param>
/// <param name="Reduction">Mean over all elements, or sum.</param>
/// <param name="Delta">Where Huber's loss turns linear; above 0.</param>
/// <param name="Gamma">The exponent of the focal loss; at least 0.</param>
/// <param name="Alpha">The weight of positive targets in the focal loss; negative for no weights.</param>
internal readonly record struct LossFunction(
    LossKind Kind, LossReduction Reduction = LossReduction.Mean, float Delta = 1f, float Gamma = 2f, float Alpha = 0.25f);
