// What passes look for behind a value: constants, and arithmetic in the several forms that exporters write it in.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class ValuePattern
{
    /// <summary>Products of more nested factors than this are not taken apart; no exporter writes them.</summary>
    private const int MaxDepth = 6;

    /// <summary>Whether a value is a constant with one element.</summary>
    public static bool IsNumber(GraphValue? value, out float number)
    {
        number = 0;
        if (value?.Parameter is not { Type: ElementType.Float32, Shape.ElementCount: 1 } parameter)
        {
            return false;
        }

        using TensorAccess elements = parameter.Value.Access();
        number = elements.Values[0];
        return true;
    }

    /// <summary>Whether a value is about a number: what is written down in float32 has lost its last bits.</summary>
    public static bool IsAbout(double value, double number) => Math.Abs(value - number) <= 1e-5 * Math.Abs(number);

    /// <summary>Whether a value is a constant with an element for each channel: the innermost dimension alone is not 1.</summary>
    public static bool IsPerChannel(GraphValue? value, int channels, out Parameter constant)
    {
        constant = value?.Parameter!;
        return value?.Parameter is { Type: ElementType.Float32, Shape: { Rank: > 0 } shape } && shape[^1] == channels &&
            shape.ElementCount == channels;
    }

    /// <summary>Whether a value is what an operation makes of two others.</summary>
    public static bool IsBinary(GraphValue? value, BinaryOperation operation, out GraphValue left, out GraphValue right)
    {
        left = right = null!;
        bool matches = value?.Producer?.Operator switch
        {
            BinaryOperator binary => binary.Operation == operation,
            AddOperator { Activation.Kind: ActivationKind.None } => operation == BinaryOperation.Add,
            _ => false,
        };
        if (matches)
        {
            (left, right) = (value!.Producer!.Inputs[0]!, value.Producer.Inputs[1]!);
        }

        return matches;
    }

    /// <summary>Whether a value is another one plus a number.</summary>
    public static bool IsShifted(GraphValue? value, out GraphValue shifted, out float offset)
    {
        shifted = null!;
        if (IsBinary(value, BinaryOperation.Add, out GraphValue left, out GraphValue right))
        {
            shifted = IsNumber(left, out offset) ? right : left;
            return shifted == right || IsNumber(right, out offset);
        }

        offset = 0;
        if (!IsBinary(value, BinaryOperation.Subtract, out left, out right) || !IsNumber(right, out offset))
        {
            return false;
        }

        (shifted, offset) = (left, -offset);
        return true;
    }

    /// <summary>The input of a node of one operator, if the value comes from such a node.</summary>
    public static bool Is<TOperator>(GraphValue? value, Func<TOperator, bool> condition, out GraphValue input)
        where TOperator : Operator
    {
        input = value?.Producer is { Operator: TOperator operation } node && condition(operation) ? node.Inputs[0]! : null!;
        return input is not null;
    }

    /// <summary>The value before changes of shape.</summary>
    public static GraphValue BehindReshapes(GraphValue value)
    {
        while (value.Producer is { Operator: ReshapeOperator } reshape)
        {
            value = reshape.Inputs[0]!;
        }

        return value;
    }

    /// <summary>Takes a product apart.</summary>
    /// <param name="value">The product.</param>
    /// <param name="whole">A value that is left whole, though it may be a product itself.</param>
    /// <param name="factors">Receives the factors that are no numbers.</param>
    /// <returns>The product of the numbers.</returns>
    public static double Factors(GraphValue value, GraphValue? whole, List<GraphValue> factors) =>
        Factors(value, whole, factors, MaxDepth);

    private static double Factors(GraphValue value, GraphValue? whole, List<GraphValue> factors, int depth)
    {
        if (IsNumber(value, out float number))
        {
            return number;
        }

        if (value != whole && depth > 0)
        {
            if (IsBinary(value, BinaryOperation.Multiply, out GraphValue left, out GraphValue right))
            {
                return Factors(left, whole, factors, depth - 1) * Factors(right, whole, factors, depth - 1);
            }

            if (IsBinary(value, BinaryOperation.Divide, out left, out right) && IsNumber(right, out number))
            {
                return Factors(left, whole, factors, depth - 1) / number;
            }
        }

        factors.Add(value);
        return 1;
    }
}
