// An activation is a value: which function, and its parameter. Operators fuse it into their last step, so it is described
// here, beside the kernels, rather than on the floor of the operators.

namespace CnnNative;

/// <summary>The function of an <see cref="Activation"/>.</summary>
public enum ActivationKind
{
    /// <summary>x.</summary>
    None = 0,

    /// <summary>max(0, x).</summary>
    Relu = 1,

    /// <summary>x for x &gt;= 0, else alpha x.</summary>
    LeakyRelu = 2,

    /// <summary>tanh(x).</summary>
    Tanh = 3,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid = 4,

    /// <summary>x for x &gt;= 0, else alpha (exp(x) - 1); Clevert et al. 2015.</summary>
    Elu = 5,

    /// <summary>1.0507010 x for x &gt;= 0, else 1.7580993 (exp(x) - 1); Klambauer et al. 2017.</summary>
    Selu = 6,

    /// <summary>x (1 + erf(x / sqrt 2)) / 2; Hendrycks and Gimpel 2016.</summary>
    Gelu = 7,

    /// <summary>x sigmoid(x), also called swish; Elfwing et al. 2017.</summary>
    Silu = 8,

    /// <summary>x min(max(x + 3, 0), 6) / 6; Howard et al. 2019.</summary>
    HardSwish = 9,

    /// <summary>x tanh(log(1 + exp(x))); Misra 2019.</summary>
    Mish = 10,

    /// <summary>min(max(alpha x + beta, 0), 1).</summary>
    HardSigmoid = 11,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus = 12,

    /// <summary>min(max(x, alpha), beta).</summary>
    Clip = 13,
}

/// <summary>A function that is applied to each element of a tensor, with its parameters where it has some.</summary>
/// <param name="Kind">Which function.</param>
/// <param name="Alpha">The parameter of leaky ReLU (slope of the negative side) and of ELU, the slope of the hard sigmoid and
/// the lower limit of a clip; unused by the others.</param>
/// <param name="Beta">The hard sigmoid's value at 0, and the upper limit of a clip; unused by the others.</param>
public readonly record struct Activation(ActivationKind Kind, float Alpha = 0f, float Beta = 0f)
{
    /// <summary>Leaves every element as it is.</summary>
    public static Activation None => new(ActivationKind.None);

    /// <summary>max(0, x).</summary>
    public static Activation Relu => new(ActivationKind.Relu);

    /// <summary>tanh(x).</summary>
    public static Activation Tanh => new(ActivationKind.Tanh);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Activation Sigmoid => new(ActivationKind.Sigmoid);

    /// <summary>The self-normalising SELU.</summary>
    public static Activation Selu => new(ActivationKind.Selu);

    /// <summary>The Gaussian error linear unit, in its exact form with erf.</summary>
    public static Activation Gelu => new(ActivationKind.Gelu);

    /// <summary>x sigmoid(x).</summary>
    public static Activation Silu => new(ActivationKind.Silu);

    /// <summary>The piecewise approximation of SiLU that MobileNetV3 uses.</summary>
    public static Activation HardSwish => new(ActivationKind.HardSwish);

    /// <summary>x tanh(log(1 + exp(x))).</summary>
    public static Activation Mish => new(ActivationKind.Mish);

    /// <summary>log(1 + exp(x)), a smooth ReLU.</summary>
    public static Activation Softplus => new(ActivationKind.Softplus);

    /// <summary>min(max(x, 0), 6), which MobileNet uses.</summary>
    public static Activation Relu6 => Clip(0f, 6f);

    /// <summary>Whether the derivative can be told from the result: it is the derivative at the result itself, because the function
    /// keeps every element on its side of the jumps of the derivative. Then a training run need not keep the argument.</summary>
    internal bool HasGradientFromOutput => Kind switch
    {
        ActivationKind.None or ActivationKind.Relu or ActivationKind.Clip => true,
        ActivationKind.LeakyRelu => Alpha >= 0,
        _ => false,
    };

    /// <summary>x for x &gt;= 0, else <paramref name="slope"/> x.</summary>
    /// <param name="slope">The slope of the negative side.</param>
    public static Activation LeakyRelu(float slope = 0.01f) => new(ActivationKind.LeakyRelu, slope);

    /// <summary>x for x &gt;= 0, else <paramref name="alpha"/> (exp(x) - 1).</summary>
    /// <param name="alpha">The value that large negative inputs approach, negated.</param>
    public static Activation Elu(float alpha = 1f) => new(ActivationKind.Elu, alpha);

    /// <summary>min(max(<paramref name="alpha"/> x + <paramref name="beta"/>, 0), 1). The defaults are PyTorch's; ONNX has 0.2
    /// and 0.5.</summary>
    /// <param name="alpha">The slope between 0 and 1.</param>
    /// <param name="beta">The value at 0.</param>
    public static Activation HardSigmoid(float alpha = 1f / 6f, float beta = 0.5f) => new(ActivationKind.HardSigmoid, alpha, beta);

    /// <summary>min(max(x, <paramref name="low"/>), <paramref name="high"/>).</summary>
    /// <param name="low">The smallest result.</param>
    /// <param name="high">The largest result.</param>
    public static Activation Clip(float low, float high) => new(ActivationKind.Clip, low, high);
}
