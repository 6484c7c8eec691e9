// Which operator does a job: one with a kernel and a gradient where it fits the type and the shape, else the plain function for
// any type. Kernels that move elements take any type of four bytes.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class Choice
{
    /// <summary>The most dimensions that kernels take.</summary>
    private const int MaxKernelRank = 6;

    /// <summary>Whether a kernel that moves elements can move these.</summary>
    public static bool CanMove(ElementType type, Shape shape) => Transposes.HasKernel(type, shape);

    /// <summary>Whether a kernel that computes can take these.</summary>
    public static bool CanCompute(ElementType type, params ReadOnlySpan<Shape> shapes)
    {
        bool can = type == ElementType.Float32;
        foreach (Shape shape in shapes)
        {
            can &= shape.ElementCount > 0 && shape.Rank is >= 1 and <= MaxKernelRank;
        }

        return can;
    }

    /// <summary>A transpose.</summary>
    public static Operator Transpose(ElementType type, Shape shape, int[] axes) => Transposes.Of(type, shape, axes);

    /// <summary>An operation on two operands.</summary>
    public static Operator Binary(string kind, ElementType type, Shape left, Shape right)
    {
        if (CanCompute(type, left, right))
        {
            switch (kind)
            {
                case "Add": return left == right ? new AddOperator() : new BinaryOperator(BinaryOperation.Add);
                case "Sub": return new BinaryOperator(BinaryOperation.Subtract);
                case "Mul": return new BinaryOperator(BinaryOperation.Multiply);
                case "Div": return new BinaryOperator(BinaryOperation.Divide);
                case "Max": return new BinaryOperator(BinaryOperation.Maximum);
                case "Min": return new BinaryOperator(BinaryOperation.Minimum);
            }
        }

        return TypedFunctions.Operator($"Typed.{kind}");
    }

    /// <summary>A function of one operand.</summary>
    public static Operator Unary(string kind, ElementType type, Shape shape)
    {
        if (type == ElementType.Float32 && shape.ElementCount > 0)
        {
            switch (kind)
            {
                case "Exp": return new UnaryOperator(UnaryOperation.Exponential);
                case "Log": return new UnaryOperator(UnaryOperation.Logarithm);
                case "Sqrt": return new UnaryOperator(UnaryOperation.SquareRoot);
                case "Neg": return new UnaryOperator(UnaryOperation.Negate);
                case "Abs": return new UnaryOperator(UnaryOperation.Absolute);
                case "Reciprocal": return new UnaryOperator(UnaryOperation.Reciprocal);
            }
        }

        return TypedFunctions.Operator($"Typed.{kind}");
    }
}
