// Arithmetic with broadcasting and reductions: native against managed kernels, and the gradients that are made of them against
// differences.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class ElementwiseKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_operation_on_two_tensors_agrees_for_every_broadcast(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (Shape Left, Shape Right, Shape Output)[] cases =
        [
            (1, 1, 1), (37, 37, 37), (37, 1, 37), (1, 37, 37), ((5, 1), 7, (5, 7)), ((3, 4, 5, 17), 17, (3, 4, 5, 17)),
            ((3, 1, 5, 17), (4, 1, 17), (3, 4, 5, 17)), (17, (3, 4, 5, 17), (3, 4, 5, 17)),
            ((3, 4, 5, 1), (3, 4, 5, 6), (3, 4, 5, 6)), ((3, 4, 5, 6), (3, 1, 1, 6), (3, 4, 5, 6)),
            ([2, 3, 1, 2, 1, 9], [1, 3, 4, 1, 5, 9], [2, 3, 4, 2, 5, 9]), ((300, 40), 40, (300, 40)),
        ];
        foreach (BinaryOperation operation in Enum.GetValues<BinaryOperation>())
        {
            foreach ((Shape left, Shape right, Shape output) in cases)
            {
                using Tensor x = KernelPair.Values(left, 1), y = KernelPair.Values(right, 2);
                using Tensor expected = KernelPair.Unwritten(output), actual = KernelPair.Unwritten(output);
                managed.Kernels.Binary(operation, x, y, expected);
                native.Kernels.Binary(operation, x, y, actual);

                // Each operation is rounded once, by both.
                Assert.Equal(expected.ToArray(), actual.ToArray());
                if (left == output)
                {
                    native.Kernels.Binary(operation, x, y, x);
                    Assert.Equal(expected.ToArray(), x.ToArray());
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_function_of_one_element_agrees(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        float[] points =
        [
            .. Enumerable.Range(1, 20_000).Select(i => i / 250f), .. Enumerable.Range(1, 2_000).Select(i => i / -250f), 0f, 1f,
            float.PositiveInfinity, float.NaN,
        ];
        using Tensor input = Tensor.FromSpan(points, points.Length);
        foreach (UnaryOperation operation in Enum.GetValues<UnaryOperation>())
        {
            foreach (float parameter in operation == UnaryOperation.Power ? (float[])[2, 3, -1, 0.5f, -0.5f, 1.7f, 0, 7] : [0])
            {
                using Tensor expected = KernelPair.Unwritten(points.Length), actual = KernelPair.Unwritten(points.Length);
                managed.Kernels.Unary(operation, parameter, input, expected);
                native.Kernels.Unary(operation, parameter, input, actual);

                // 4 ulp for exp and log, as many as the exponent for powers.
                KernelPair.AreClose(expected, actual, 1e-30, 8 * KernelPair.Epsilon, $"{operation} {parameter}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Powers_of_zeros_and_infinities_are_those_of_the_standard(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        const float infinity = float.PositiveInfinity;

        // IEEE 754, 9.2.1: pow is no square root at -0 and minus infinity, and odd powers keep the sign.
        (float Exponent, float[] Values)[] cases =
        [
            (0.5f, [0f, 0f, infinity, infinity]), (-0.5f, [infinity, infinity, 0f, 0f]),
            (3, [0f, -0f, infinity, -infinity]), (-3, [infinity, -infinity, 0f, -0f]),
            (2, [0f, 0f, infinity, infinity]), (-2, [infinity, infinity, 0f, 0f]),
            (2.5f, [0f, 0f, infinity, infinity]), (-2.5f, [infinity, infinity, 0f, 0f]),
            (0, [1, 1, 1, 1]),
        ];
        float[] points = [.. Enumerable.Repeat((float[])[0f, -0f, infinity, -infinity], 9).SelectMany(four => four)];
        using Tensor input = Tensor.FromSpan(points, points.Length);
        foreach ((float exponent, float[] values) in cases)
        {
            using Tensor theirs = KernelPair.Unwritten(points.Length), ours = KernelPair.Unwritten(points.Length);
            managed.Kernels.Unary(UnaryOperation.Power, exponent, input, theirs);
            native.Kernels.Unary(UnaryOperation.Power, exponent, input, ours);
            int[] expected = [.. points.Select((_, i) => BitConverter.SingleToInt32Bits(values[i % 4]))];
            Assert.Equal(expected, theirs.ToArray().Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(expected, ours.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Sums_over_any_axes_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (Shape Input, Shape Output)[] cases =
        [
            (1, 1), (1000, 1), ((7, 5), (7, 1)), ((7, 5), (1, 5)), ((7, 5), 5), ((7, 5), (7, 5)), ((3, 4, 5, 17), 17),
            ((3, 4, 5, 17), (3, 1, 1, 17)), ((3, 4, 5, 17), (1, 4, 5, 1)), ((3, 4, 5, 17), (4, 1, 17)), ((3, 4, 5, 17), 1),
            ([2, 3, 4, 2, 5, 9], [1, 3, 1, 2, 1, 9]), ((2000, 33), 33), ((33, 2000), (33, 1)),
        ];
        foreach ((Shape inputShape, Shape outputShape) in cases)
        {
            using Tensor input = KernelPair.Values(inputShape, 1);
            foreach (bool accumulate in (bool[])[false, true])
            {
                using Tensor expected = KernelPair.Values(outputShape, 2), actual = expected.Clone();
                managed.Kernels.ReduceSum(input, 0.25f, accumulate, expected);
                native.Kernels.ReduceSum(input, 0.25f, accumulate, actual);

                // Values below 1 are added in groups of at most 64 in float32, whose partial sums stay below 64; the rest is exact.
                double terms = inputShape.ElementCount / outputShape.ElementCount;
                KernelPair.AreClose(
                    expected, actual, (0.25 * Math.Min(terms, 64) * terms + 2) * KernelPair.Epsilon, KernelPair.Epsilon,
                    $"{inputShape} to {outputShape}");
            }
        }
    }

    [Theory]
    [InlineData(nameof(BinaryOperation.Add))]
    [InlineData(nameof(BinaryOperation.Subtract))]
    [InlineData(nameof(BinaryOperation.Multiply))]
    [InlineData(nameof(BinaryOperation.Divide))]
    public void Gradients_of_a_broadcast_operand_are_sums_of_the_operations(string name)
    {
        BinaryOperation operation = Enum.Parse<BinaryOperation>(name);
        using ComputeContext managed = new(Backend.Managed);
        IKernels kernels = managed.Kernels;
        using Tensor x = KernelPair.Values((6, 5), 1), y = Tensor.FromSpan([1.5f, -2, 0.75f, 1, -1.25f], 5);
        using Tensor dz = KernelPair.Values((6, 5), 2), z = KernelPair.Unwritten((6, 5)), full = KernelPair.Unwritten((6, 5));
        using Tensor dy = KernelPair.Unwritten(5);
        kernels.Binary(operation, x, y, z);
        switch (operation)
        {
            case BinaryOperation.Multiply:
                kernels.Binary(BinaryOperation.Multiply, dz, x, full);
                break;
            case BinaryOperation.Divide:
                kernels.Binary(BinaryOperation.Divide, dz, y, full);
                kernels.Binary(BinaryOperation.Multiply, full, z, full);
                break;
            default:
                full.CopyFrom(dz.ToArray());
                break;
        }

        bool negative = operation is BinaryOperation.Divide or BinaryOperation.Subtract;
        kernels.ReduceSum(full, negative ? -1 : 1, accumulate: false, dy);
        for (int c = 0; c < 5; c++)
        {
            const float step = 1f / 512;
            double difference = (Objective(y[c] + step) - Objective(y[c] - step)) / (2 * step);

            // Six results of up to 1.4 are rounded, over two steps; the third derivative of x / y is below 20 for |y| >= 0.75.
            Assert.Equal(difference, dy[c], 6 * 1.4 * KernelPair.Epsilon / (2 * step) + 6 * 20 * step * step / 6);

            double Objective(float value)
            {
                using Tensor moved = y.Clone(), result = KernelPair.Unwritten((6, 5));
                moved[c] = value;
                kernels.Binary(operation, x, moved, result);
                return result.ToArray().Zip(dz.ToArray(), (a, b) => (double)a * b).Sum();
            }
        }
    }

    [Fact]
    public void Arithmetic_allocates_nothing()
    {
        using Tensor a = KernelPair.Values((64, 32), 1), b = KernelPair.Values(32, 2), c = KernelPair.Unwritten((64, 32));
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.Add(a, a, Activation.Relu, c);
            kernels.Binary(BinaryOperation.Multiply, a, b, c);
            kernels.Unary(UnaryOperation.Exponential, 0, a, c);
            kernels.ReduceSum(a, 1, false, b);
        });
    }
}
