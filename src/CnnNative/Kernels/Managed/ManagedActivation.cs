// The activations. Those without a transcendental function run on vectors; the others are computed in double precision, one
// element at a time, because here being right to the last bit is worth more than speed.

using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedActivation
{
    // Klambauer et al. 2017, "Self-Normalizing Neural Networks", appendix A.
    private const double SeluScale = 1.0507009873554804934;
    private const double SeluAlpha = 1.6732632423543772848;

    /// <summary>output[i] = activation(input[i]). Output may be the input. NaN stays NaN.</summary>
    public static void Run(Activation activation, ReadOnlySpan<float> input, Span<float> output)
    {
        switch (activation.Kind)
        {
            case ActivationKind.None:
                input.CopyTo(output);
                break;
            case ActivationKind.Relu:
                ElementLoop.Run(default(Relu), input, output);
                break;
            case ActivationKind.LeakyRelu:
                ElementLoop.Run(new LeakyRelu(new Vector<float>(activation.Alpha)), input, output);
                break;
            case ActivationKind.Tanh:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Math.Tanh(input[i]);
                break;
            case ActivationKind.Sigmoid:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)(1 / (1 + Math.Exp(-(double)input[i])));
                break;
            case ActivationKind.Elu:
                Exponential(1, activation.Alpha, input, output);
                break;
            case ActivationKind.Selu:
                Exponential(SeluScale, SeluScale * SeluAlpha, input, output);
                break;
            case ActivationKind.Gelu:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Gelu(input[i]);
                break;
            case ActivationKind.Silu:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)(input[i] / (1 + Math.Exp(-(double)input[i])));
                break;
            case ActivationKind.HardSwish:
                ElementLoop.Run(default(HardSwish), input, output);
                break;
            case ActivationKind.Mish:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)(input[i] * Math.Tanh(SpecialFunctions.Softplus(input[i])));
                break;
            case ActivationKind.HardSigmoid:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Math.Min(Math.Max(activation.Alpha * (double)input[i] + activation.Beta, 0), 1);
                break;
            case ActivationKind.Softplus:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)SpecialFunctions.Softplus(input[i]);
                break;
            case ActivationKind.Clip:
                for (int i = 0; i < input.Length; i++)
                    output[i] = Math.Min(Math.Max(input[i], activation.Alpha), activation.Beta);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(activation), activation.Kind, "The activation is none of the kinds of ActivationKind.");
        }
    }

    /// <summary>ELU and SELU: positiveScale x for x >= 0, else negativeScale (exp(x) - 1).</summary>
    private static void Exponential(double positiveScale, double negativeScale, ReadOnlySpan<float> input, Span<float> output)
    {
        for (int i = 0; i < input.Length; i++)
        {
            double x = input[i];
            output[i] = (float)(x >= 0 ? positiveScale * x : negativeScale * SpecialFunctions.ExpMinus1(x));
        }
    }

    /// <summary>x (1 + erf(x / sqrt 2)) / 2. The complementary function keeps the negative tail accurate, where 1 + erf
    /// would cancel.</summary>
    private static double Gelu(double x) => 0.5 * x * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    private readonly struct Relu : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) => Vector.Max(x, Vector<float>.Zero);
    }

    private readonly struct LeakyRelu(Vector<float> slope) : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) =>
            Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), x, slope * x);
    }

    private readonly struct HardSwish : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x)
        {
            Vector<float> gate = Vector.Max(x + new Vector<float>(3f), Vector<float>.Zero);
            return x * Vector.Min(gate, new Vector<float>(6f)) / new Vector<float>(6f);
        }
    }
}
