// Older operator sets have no GELU, SiLU, hard swish or Mish, so exporters write them as products of the argument with a gate:
// x sigmoid(x), x (1 + erf(x / sqrt 2)) / 2 and so on, in any order and with the numbers anywhere. One pass over memory does the
// work of five, and most often none is left, because the activation is fused further.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class RecognizeActivations
{
    private static readonly double InverseSqrt2 = Math.Sqrt(0.5);

    /// <summary>Replaces products with gates by activations.</summary>
    public static Graph Apply(PassContext context) => GraphRewriter.Apply(context.Graph, Recognize, context.Changed);

    private static GraphValue[]? Recognize(GraphNode node, GraphRewriter rewriter)
    {
        if (node.Operator is not BinaryOperator { Operation: BinaryOperation.Multiply or BinaryOperation.Divide })
        {
            return null;
        }

        List<GraphValue> factors = [];
        ValuePattern.Factors(node.Output, whole: null, factors);
        foreach (GraphValue gate in factors)
        {
            if (Match(gate) is { } match && IsProduct(node.Output, gate, match.Argument, match.Scale))
            {
                return [.. new GraphNode(
                    node.Name, new ActivationOperator(match.Activation), rewriter.Map(match.Argument)).Outputs];
            }
        }

        return null;
    }

    /// <summary>The activation whose gate a value is: activation(x) = scale x gate(x).</summary>
    private static (Activation Activation, GraphValue Argument, double Scale)? Match(GraphValue gate)
    {
        if (IsActivation(gate, ActivationKind.Sigmoid, out GraphValue x))
        {
            return (Activation.Silu, x, 1);
        }

        if (ValuePattern.Is<ActivationOperator>(
            gate, operation => operation.Activation is { Kind: ActivationKind.HardSigmoid } sigmoid &&
            ValuePattern.IsAbout(sigmoid.Alpha, 1.0 / 6) && sigmoid.Beta == 0.5f, out x))
        {
            return (Activation.HardSwish, x, 1);
        }

        if (ValuePattern.Is<ActivationOperator>(
                gate, operation => operation.Activation == Activation.Relu6, out GraphValue shifted) &&
            ValuePattern.IsShifted(shifted, out x, out float offset) && offset == 3)
        {
            return (Activation.HardSwish, x, 1.0 / 6);
        }

        if (IsActivation(gate, ActivationKind.Tanh, out GraphValue soft) && IsActivation(soft, ActivationKind.Softplus, out x))
        {
            return (Activation.Mish, x, 1);
        }

        if (ValuePattern.IsShifted(gate, out GraphValue erf, out offset) && offset == 1 &&
            ValuePattern.Is<TypedOperator>(erf, operation => operation.Kind == "Typed.Erf", out GraphValue scaled))
        {
            return MatchGelu(scaled);
        }

        return null;
    }

    /// <summary>The argument of the error function is x / sqrt 2.</summary>
    private static (Activation, GraphValue, double)? MatchGelu(GraphValue scaled)
    {
        bool isQuotient = ValuePattern.IsBinary(scaled, BinaryOperation.Divide, out GraphValue left, out GraphValue right);
        if (!isQuotient && !ValuePattern.IsBinary(scaled, BinaryOperation.Multiply, out left, out right))
        {
            return null;
        }

        GraphValue x = left;
        if (!ValuePattern.IsNumber(right, out float number))
        {
            x = right;
            if (isQuotient || !ValuePattern.IsNumber(left, out number))
            {
                return null;
            }
        }

        return ValuePattern.IsAbout(isQuotient ? 1 / number : number, InverseSqrt2) ? (Activation.Gelu, x, 0.5) : null;
    }

    private static bool IsActivation(GraphValue value, ActivationKind kind, out GraphValue input) =>
        ValuePattern.Is<ActivationOperator>(value, operation => operation.Activation.Kind == kind, out input);

    private static bool IsProduct(GraphValue product, GraphValue gate, GraphValue argument, double scale)
    {
        List<GraphValue> factors = [];
        double number = ValuePattern.Factors(product, whole: argument, factors);
        return factors.Count == 2 && factors.Contains(gate) && factors.Contains(argument) && gate != argument &&
            ValuePattern.IsAbout(number, scale);
    }
}
