// Local response normalisation: native against managed kernels over windows and exponents, by hand, and its gradient against
// differences of the managed function.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class LocalResponseKernelTests
{
    // Even and odd windows, larger than the channels and as large as there are, over channels beyond a block of the native
    // kernels, and exponents with a way of their own or none.
    private static readonly LocalResponseGeometry[] All =
    [
        new(1, 1, 1, 1e-4f, 0.75f, 1f), new(7, 3, 5, 1e-4f, 0.75f, 1f), new(9, 16, 5, 1f, 0.75f, 2f),
        new(4, 17, 4, 0.5f, 0.5f, 1f), new(33, 40, 2, 1f, 1f, 1f), new(5, 600, 255, 3f, 0.75f, 1f),
        new(3, 513, 7, 1f, 0.6f, 0.5f), new(500, 64, 5, 1e-4f, 0.75f, 1f),
    ];

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Local_response_normalisation_and_its_gradient_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (LocalResponseGeometry geometry in All)
        {
            Shape shape = (geometry.Rows, geometry.Channels);
            using Tensor input = KernelPair.Values(shape, 1), upstream = KernelPair.Values(shape, 2);
            using Tensor expected = KernelPair.Unwritten(shape), actual = KernelPair.Unwritten(shape);
            using Tensor expectedGradient = KernelPair.Unwritten(shape), gradient = KernelPair.Unwritten(shape);
            managed.Kernels.LocalResponseNorm(in geometry, input, expected);
            native.Kernels.LocalResponseNorm(in geometry, input, actual);
            managed.Kernels.LocalResponseNormBackward(in geometry, input, upstream, expectedGradient);
            native.Kernels.LocalResponseNormBackward(in geometry, input, upstream, gradient);

            // A float32 sum of squares, half an ulp for each term; then some eight roundings of roots, a quotient and a product.
            double sum = (geometry.Size / 2 + 8) * KernelPair.Epsilon;
            KernelPair.AreClose(expected, actual, 0, sum, $"{geometry}");

            // Two terms: one is at most power = bias^-beta, the other 2 alpha beta power / bias, whose sum loses as much again.
            double power = Math.Pow(geometry.Bias, -geometry.Beta);
            double bound = power + 2 * geometry.Alpha * geometry.Beta * power / geometry.Bias;
            KernelPair.AreClose(expectedGradient, gradient, 2 * sum * bound, 0, $"{geometry}, gradient");

            native.Kernels.LocalResponseNorm(in geometry, input, input);
            KernelPair.AreClose(actual, input, 0, 0, $"{geometry}, in place");
        }
    }

    [Theory]
    [InlineData(Backend.Managed)]
    [InlineData(Backend.Native)]
    public void An_even_window_reaches_further_ahead(Backend backend)
    {
        using ComputeContext context = new(backend, threads: 1);
        using Tensor values = Tensor.FromSpan([1, 2, 3], (1, 3));
        context.Kernels.LocalResponseNorm(new LocalResponseGeometry(1, 3, Size: 2, Alpha: 2, Beta: 1, Bias: 1), values, values);

        // Sums of 1 + 1 + 4, 1 + 4 + 9 and 1 + 9; a quotient that is rounded twice.
        using Tensor expected = Tensor.FromSpan([1f / 6, 2f / 14, 3f / 10], (1, 3));
        KernelPair.AreClose(expected, values, 0, 2 * KernelPair.Epsilon, $"{backend}");
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_result()
    {
        using ComputeContext managed = new(Backend.Managed);
        const float step = 1f / 128;
        foreach (int size in (int[])[1, 2, 3, 6, 9])
        {
            LocalResponseGeometry geometry = new(2, 7, size, Alpha: 1, Beta: 0.75f, Bias: 1);
            Shape shape = (2, 7);
            using Tensor input = KernelPair.Values(shape, 1), upstream = KernelPair.Values(shape, 2);
            using Tensor result = KernelPair.Unwritten(shape), gradient = KernelPair.Unwritten(shape);
            managed.Kernels.LocalResponseNormBackward(in geometry, input, upstream, gradient);

            // Third derivatives of seven results, each below 12 (that of x / (1 + x x)^0.75 is below 5), over 6; and seven
            // roundings of half an ulp of 1 over two steps.
            double tolerance = 14 * step * step + 7 * KernelPair.Epsilon / (4 * step);
            CentralDifferences.AreClose(
                input, gradient,
                () =>
                {
                    managed.Kernels.LocalResponseNorm(in geometry, input, result);
                    return CentralDifferences.WeightedSum(result, upstream);
                },
                step, tolerance, $"{geometry}");
        }
    }

    [Fact]
    public void Local_response_normalisation_and_its_gradient_allocate_nothing()
    {
        LocalResponseGeometry geometry = new(50, 20, 5, 1e-4f, 0.75f, 1f);
        using Tensor input = KernelPair.Values((50, 20), 1), upstream = KernelPair.Values((50, 20), 2);
        using Tensor output = KernelPair.Unwritten((50, 20));
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.LocalResponseNorm(in geometry, input, output);
            kernels.LocalResponseNormBackward(in geometry, input, upstream, output);
        });
    }
}
