// Arithmetic on one and on two tensors, with broadcasting. Results are rounded once from double precision, in which a sum,
// product, quotient or root of two single-precision numbers loses nothing that shows.

namespace CnnNative.Kernels.Managed;

internal static class ManagedArithmetic
{
    /// <summary>output = left (operation) right; see <see cref="IKernels.Binary"/>.</summary>
    public static void Binary(
        BinaryOperation operation,
        Shape leftShape,
        ReadOnlySpan<float> left,
        Shape rightShape,
        ReadOnlySpan<float> right,
        Shape outputShape,
        Span<float> output)
    {
        int rank = outputShape.Rank;
        Span<long> leftStrides = stackalloc long[rank], rightStrides = stackalloc long[rank];
        Span<int> index = stackalloc int[rank];
        index.Clear();
        long leftDense = 1, rightDense = 1;
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            leftStrides[axis] = Broadcasting.Stride(leftShape, rank, axis, outputShape[axis], ref leftDense);
            rightStrides[axis] = Broadcasting.Stride(rightShape, rank, axis, outputShape[axis], ref rightDense);
        }

        for (int i = 0; i < output.Length; i++)
        {
            long first = 0, second = 0;
            for (int axis = 0; axis < rank; axis++)
            {
                first += index[axis] * leftStrides[axis];
                second += index[axis] * rightStrides[axis];
            }

            output[i] = Apply(operation, left[(int)first], right[(int)second]);
            for (int axis = rank - 1; axis >= 0 && ++index[axis] == outputShape[axis]; axis--)
                index[axis] = 0;
        }
    }

    /// <summary>output[i] = operation(input[i]). Output may be the input.</summary>
    public static void Unary(UnaryOperation operation, float parameter, ReadOnlySpan<float> input, Span<float> output)
    {
        for (int i = 0; i < input.Length; i++)
            output[i] = Apply(operation, parameter, input[i]);
    }

    private static float Apply(BinaryOperation operation, float x, float y) => operation switch
    {
        BinaryOperation.Add => x + y,
        BinaryOperation.Subtract => x - y,
        BinaryOperation.Multiply => x * y,
        BinaryOperation.Divide => x / y,
        BinaryOperation.Minimum => Math.Min(x, y),
        BinaryOperation.Maximum => Math.Max(x, y),
        BinaryOperation.Less => x < y ? 1 : 0,
        BinaryOperation.Equal => x == y ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation is unknown."),
    };

    private static float Apply(UnaryOperation operation, float parameter, float x) => operation switch
    {
        UnaryOperation.Exponential => (float)Math.Exp(x),
        UnaryOperation.Logarithm => (float)Math.Log(x),
        UnaryOperation.SquareRoot => MathF.Sqrt(x),
        UnaryOperation.Negate => -x,
        UnaryOperation.Absolute => Math.Abs(x),
        UnaryOperation.Reciprocal => 1 / x,
        UnaryOperation.Power => (float)Math.Pow(x, parameter),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation is unknown."),
    };
}
