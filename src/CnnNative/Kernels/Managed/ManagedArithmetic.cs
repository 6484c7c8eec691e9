// Arithmetic on one and on two tensors, with broadcasting: row by row along the innermost dimension, or as one row where nothing
// is repeated. Every result is rounded once; functions without an instruction of their own come from double precision.

using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedArithmetic
{
    /// <summary>output = left (operation) right; see <see cref="IKernels.Binary"/>.</summary>
    public static void Binary(
        BinaryOperation operation, in BroadcastOperand left, in BroadcastOperand right, Shape shape, Span<float> output)
    {
        switch (operation)
        {
            case BinaryOperation.Add:
                Run<Sum>(in left, in right, shape, output);
                break;
            case BinaryOperation.Subtract:
                Run<Difference>(in left, in right, shape, output);
                break;
            case BinaryOperation.Multiply:
                Run<Product>(in left, in right, shape, output);
                break;
            case BinaryOperation.Divide:
                Run<Quotient>(in left, in right, shape, output);
                break;
            case BinaryOperation.Minimum:
                Run<Minimum>(in left, in right, shape, output);
                break;
            case BinaryOperation.Maximum:
                Run<Maximum>(in left, in right, shape, output);
                break;
            case BinaryOperation.Less:
                Run<IsLess>(in left, in right, shape, output);
                break;
            case BinaryOperation.Equal:
                Run<IsEqual>(in left, in right, shape, output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation is unknown.");
        }
    }

    /// <summary>output[i] = operation(input[i]). Output may be the input.</summary>
    public static void Unary(UnaryOperation operation, float parameter, ReadOnlySpan<float> input, Span<float> output)
    {
        switch (operation)
        {
            case UnaryOperation.SquareRoot:
                ElementLoop.Run(default(SquareRoot), input, output);
                break;
            case UnaryOperation.Negate:
                ElementLoop.Run(default(Negative), input, output);
                break;
            case UnaryOperation.Absolute:
                ElementLoop.Run(default(Absolute), input, output);
                break;
            case UnaryOperation.Reciprocal:
                ElementLoop.Run(default(Reciprocal), input, output);
                break;
            case UnaryOperation.Exponential:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Math.Exp(input[i]);
                break;
            case UnaryOperation.Logarithm:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Math.Log(input[i]);
                break;
            case UnaryOperation.Power:
                for (int i = 0; i < input.Length; i++)
                    output[i] = (float)Math.Pow(input[i], parameter);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation is unknown.");
        }
    }

    private static void Run<TFunction>(in BroadcastOperand left, in BroadcastOperand right, Shape shape, Span<float> output)
        where TFunction : struct, IBinaryFunction
    {
        if (left.Values.Length == output.Length && right.Values.Length == output.Length)
        {
            ElementLoop.Run<TFunction>(left.Values, right.Values, output);
            return;
        }

        int rank = shape.Rank, columns = shape[^1];
        Span<long> leftStrides = stackalloc long[rank], rightStrides = stackalloc long[rank];
        Span<int> index = stackalloc int[rank];
        index.Clear();
        left.FindStrides(shape, leftStrides);
        right.FindStrides(shape, rightStrides);
        for (int start = 0; start < output.Length; start += columns)
        {
            long first = 0, second = 0;
            for (int axis = 0; axis < rank - 1; axis++)
            {
                first += index[axis] * leftStrides[axis];
                second += index[axis] * rightStrides[axis];
            }

            Row<TFunction>(
                left.Values.Slice((int)first, leftStrides[^1] == 0 ? 1 : columns),
                right.Values.Slice((int)second, rightStrides[^1] == 0 ? 1 : columns), output.Slice(start, columns));
            for (int axis = rank - 2; axis >= 0 && ++index[axis] == shape[axis]; axis--)
                index[axis] = 0;
        }
    }

    /// <summary>A row whose operands have as many elements as it has, or one that is repeated.</summary>
    private static void Row<TFunction>(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> output)
        where TFunction : struct, IBinaryFunction
    {
        if (left.Length == right.Length && left.Length == output.Length)
            ElementLoop.Run<TFunction>(left, right, output);
        else if (right.Length == output.Length)
            ElementLoop.Run(new AfterConstant<TFunction>(left[0]), right, output);
        else if (left.Length == output.Length)
            ElementLoop.Run(new BeforeConstant<TFunction>(right[0]), left, output);
        else
            output.Fill(TFunction.Apply(new Vector<float>(left[0]), new Vector<float>(right[0]))[0]);
    }

    private readonly struct AfterConstant<TFunction>(float left) : IUnaryFunction
        where TFunction : struct, IBinaryFunction
    {
        private readonly Vector<float> _left = new(left);

        public Vector<float> Apply(Vector<float> x) => TFunction.Apply(_left, x);
    }

    private readonly struct BeforeConstant<TFunction>(float right) : IUnaryFunction
        where TFunction : struct, IBinaryFunction
    {
        private readonly Vector<float> _right = new(right);

        public Vector<float> Apply(Vector<float> x) => TFunction.Apply(x, _right);
    }

    private readonly struct Difference : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left - right;
    }

    private readonly struct Product : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left * right;
    }

    private readonly struct Quotient : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left / right;
    }

    private readonly struct Minimum : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) => Vector.Min(left, right);
    }

    private readonly struct IsLess : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) =>
            Vector.ConditionalSelect(Vector.LessThan(left, right), Vector<float>.One, Vector<float>.Zero);
    }

    private readonly struct IsEqual : IBinaryFunction
    {
        public static Vector<float> Apply(Vector<float> left, Vector<float> right) =>
            Vector.ConditionalSelect(Vector.Equals(left, right), Vector<float>.One, Vector<float>.Zero);
    }

    private readonly struct SquareRoot : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) => Vector.SquareRoot(x);
    }

    private readonly struct Negative : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) => -x;
    }

    private readonly struct Absolute : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) => Vector.Abs(x);
    }

    private readonly struct Reciprocal : IUnaryFunction
    {
        public Vector<float> Apply(Vector<float> x) => Vector<float>.One / x;
    }
}

/// <summary>An operand with its own shape, which is repeated where the shape of the result is larger.</summary>
internal readonly ref struct BroadcastOperand(Shape shape, ReadOnlySpan<float> values)
{
    private readonly Shape _shape = shape;

    public readonly ReadOnlySpan<float> Values = values;

    /// <summary>Elements from one index of each dimension of the result to the next.</summary>
    public void FindStrides(Shape result, Span<long> strides)
    {
        long dense = 1;
        for (int axis = result.Rank - 1; axis >= 0; axis--)
            strides[axis] = Broadcasting.Stride(_shape, result.Rank, axis, result[axis], ref dense);
    }
}
