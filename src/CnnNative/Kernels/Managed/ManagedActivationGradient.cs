// Derivatives of the activations, and PReLU in both directions. One element at a time in double precision: they are what the
// vectorised native kernels are measured against.

namespace CnnNative.Kernels.Managed;

internal static class ManagedActivationGradient
{
    // Klambauer et al. 2017, "Self-Normalizing Neural Networks", appendix A.
    private const double SeluScale = 1.0507009873554804934;
    private const double SeluAlpha = 1.6732632423543772848;

    /// <summary>gradient[i] = upstream[i] activation'(input[i]), or is increased by it. It may be upstream.</summary>
    public static void Run(
        Activation activation, ReadOnlySpan<float> input, ReadOnlySpan<float> upstream, bool accumulate, Span<float> gradient)
    {
        for (int i = 0; i < input.Length; i++)
        {
            double product = upstream[i] * Slope(activation, input[i]);
            gradient[i] = (float)(accumulate ? gradient[i] + product : product);
        }
    }

    /// <summary>output = input where it is not negative, else times the slope of its channel. Output may be the input.</summary>
    public static void PRelu(ReadOnlySpan<float> input, ReadOnlySpan<float> slopes, Span<float> output)
    {
        for (int start = 0; start < input.Length; start += slopes.Length)
        {
            for (int c = 0; c < slopes.Length; c++)
            {
                float x = input[start + c];
                output[start + c] = x < 0 ? slopes[c] * x : x;
            }
        }
    }

    /// <summary>The gradients of input and slopes, written or added. <paramref name="gradient"/> may be upstream.</summary>
    public static void PReluBackward(
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> slopes,
        ReadOnlySpan<float> upstream,
        bool accumulate,
        Span<float> gradient,
        Span<float> slopeGradient)
    {
        for (int c = 0; c < slopes.Length; c++)
        {
            double sum = accumulate ? slopeGradient[c] : 0;
            for (int i = c; i < input.Length; i += slopes.Length)
            {
                double x = input[i], dy = upstream[i];
                sum += x < 0 ? x * dy : 0;
                double product = x <= 0 ? slopes[c] * dy : dy;
                gradient[i] = (float)(accumulate ? gradient[i] + product : product);
            }

            slopeGradient[c] = (float)sum;
        }
    }

    /// <summary>The derivative at x; where it jumps, PyTorch's value.</summary>
    private static double Slope(Activation activation, double x)
    {
        double alpha = activation.Alpha, beta = activation.Beta;
        switch (activation.Kind)
        {
            case ActivationKind.None:
                return 1;
            case ActivationKind.Relu:
                return x <= 0 ? 0 : 1;
            case ActivationKind.LeakyRelu:
                return x <= 0 ? alpha : 1;
            case ActivationKind.Tanh:
                double cosine = Math.Cosh(x);
                return 1 / (cosine * cosine);
            case ActivationKind.Sigmoid:
                return SpecialFunctions.Sigmoid(x) * SpecialFunctions.Sigmoid(-x);
            case ActivationKind.Elu:
                return x <= 0 ? alpha * Math.Exp(x) : 1;
            case ActivationKind.Selu:
                return x <= 0 ? SeluScale * SeluAlpha * Math.Exp(x) : SeluScale;
            case ActivationKind.Gelu:
                return Gelu(x);
            case ActivationKind.Silu:
                return SpecialFunctions.Sigmoid(x) * (double.IsInfinity(x) ? 1 : 1 + x * SpecialFunctions.Sigmoid(-x));
            case ActivationKind.HardSwish:
                return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5;
            case ActivationKind.Mish:
                return Mish(x);
            case ActivationKind.HardSigmoid:
                double z = alpha * x + beta;
                return z <= 0 || z >= 1 ? 0 : alpha;
            case ActivationKind.Softplus:
                return SpecialFunctions.Sigmoid(x);
            case ActivationKind.Clip:
                return x <= alpha || x >= beta ? 0 : 1;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(activation), activation.Kind, "The activation is none of the kinds of ActivationKind.");
        }
    }

    /// <summary>Phi(x) + x phi(x), the normal distribution and its density, with the limits at infinity.</summary>
    private static double Gelu(double x)
    {
        double density = double.IsInfinity(x) ? 0 : x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
        return 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2)) + density;
    }

    /// <summary>t + x (1 - t t) sigmoid(x) with t = tanh(softplus(x)); 1 - t t = 4 (n + 1) / (n + 2)^2, n = e e + 2 e.</summary>
    private static double Mish(double x)
    {
        if (x > 40)
            return 1;
        double e = Math.Exp(x), n = e * (e + 2);
        double change = double.IsInfinity(x) ? 0 : x * 4 * (n + 1) / ((n + 2) * (n + 2)) * SpecialFunctions.Sigmoid(x);
        return n / (n + 2) + change;
    }
}
