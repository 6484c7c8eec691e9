// Prepared matrix products: native plans against managed ones, whose sums are exact but for their last rounding, the managed ones
// against the definition, and the gradients that a product has by being one of transposed matrices.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class MatrixProductTests
{
    private const double Roundoff = ConvolutionCases.Roundoff;

    // Rows, columns, depth: single numbers, vectors, tails, and more than one block.
    private static readonly (int Rows, int Columns, int Depth)[] Sizes =
    [
        (1, 1, 1), (1, 17, 40), (19, 1, 33), (3, 5, 7), (6, 16, 64), (13, 33, 9), (1, 300, 257), (40, 70, 300), (130, 24, 2),
    ];

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Products_agree_for_every_size_and_option(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((int rows, int columns, int depth) in Sizes)
        {
            for (int bits = 0; bits < 64; bits++)
            {
                bool gaps = (bits & 4) != 0;
                bool left = (bits & 1) != 0, right = (bits & 2) != 0;
                MatrixProductGeometry geometry = new(
                    rows, columns, depth, left, right,
                    gaps ? (left ? rows : depth) + 1 : 0,
                    gaps ? (right ? depth : columns) + 3 : 0,
                    gaps ? columns + 2 : 0,
                    gaps ? columns + 5 : 0);
                Compare(
                    native, managed, in geometry, new MatrixProductOptions((bits & 8) != 0, (bits & 16) != 0),
                    addends: (bits & 32) != 0);
            }
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void The_managed_product_equals_its_definition(bool transposeLeft, bool transposeRight)
    {
        using ComputeContext managed = new(Backend.Managed);
        foreach ((int rows, int columns, int depth) in Sizes)
        {
            MatrixProductGeometry geometry = new(rows, columns, depth, transposeLeft, transposeRight);
            using Tensor left = KernelPair.Values(rows * depth, 1), right = KernelPair.Values(depth * columns, 2);
            using Tensor output = KernelPair.Unwritten((rows, columns));
            using IMatrixProductPlan plan = managed.Kernels.PrepareMatrixProduct(in geometry);
            plan.Run(left, right, null, null, output);
            float[] a = left.ToArray(), b = right.ToArray();
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double sum = 0;
                    for (int k = 0; k < depth; k++)
                        sum += (double)a[transposeLeft ? k * rows + i : i * depth + k] * b[transposeRight ? j * depth + k : k * columns + j];

                    // The rounding of the result; double sums in another order differ by far less than 1e-12.
                    Assert.Equal(sum, output[i, j], Roundoff * Math.Abs(sum) + 1e-12);
                }
            }
        }
    }

    [Theory]
    [InlineData(Backend.Native)]
    [InlineData(Backend.Managed)]
    public void Gradients_of_a_product_are_the_limit_of_differences(Backend backend)
    {
        const int rows = 4, columns = 5, depth = 6;
        using ComputeContext context = new(backend, threads: 1);
        using ComputeContext managed = new(Backend.Managed);
        MatrixProductGeometry geometry = new(rows, columns, depth, TransposeRight: true);
        MatrixProductGeometry byLeft = new(rows, depth, columns), byRight = new(columns, depth, rows, TransposeLeft: true);
        using Tensor left = KernelPair.Values((rows, depth), 1), right = KernelPair.Values((columns, depth), 2);
        using Tensor upstream = KernelPair.Values((rows, columns), 3);
        using Tensor leftGradient = KernelPair.Unwritten((rows, depth)), rightGradient = KernelPair.Unwritten((columns, depth));
        using IMatrixProductPlan forward = managed.Kernels.PrepareMatrixProduct(in geometry);
        using IMatrixProductPlan first = context.Kernels.PrepareMatrixProduct(in byLeft);
        using IMatrixProductPlan second = context.Kernels.PrepareMatrixProduct(in byRight);
        first.Run(upstream, right, null, null, leftGradient);
        second.Run(upstream, left, null, null, rightGradient);

        foreach ((Tensor argument, Tensor gradient) in ((Tensor, Tensor)[])[(left, leftGradient), (right, rightGradient)])
        {
            float[] values = argument.ToArray(), slopes = gradient.ToArray();
            for (int i = 0; i < values.Length; i++)
            {
                // Linear in each element, so a step of 1 is as good as any; at most 20 outputs of at most 8, rounded to float32 and
                // then divided by 2 steps, and the roundings of a sum of 5 products below 1.
                float above = values[i] + 1, below = values[i] - 1;
                double difference = Objective(argument, values, i, above) - Objective(argument, values, i, below);
                double tolerance = (rows * columns * 8 + 7 * columns) * Roundoff;
                Assert.Equal(difference / ((double)above - below), slopes[i], tolerance);
            }

            argument.CopyFrom(values);
        }

        double Objective(Tensor argument, float[] values, int index, float value)
        {
            float[] changed = [.. values];
            changed[index] = value;
            argument.CopyFrom(changed);
            using Tensor output = KernelPair.Unwritten((rows, columns));
            forward.Run(left, right, null, null, output);
            return output.ToArray().Zip(upstream.ToArray(), (y, dy) => (double)y * dy).Sum();
        }
    }

    [Theory]
    [InlineData(Backend.Native)]
    [InlineData(Backend.Managed)]
    public void A_packed_matrix_is_that_of_the_last_call_of_Pack(Backend backend)
    {
        using ComputeContext context = new(backend);
        MatrixProductGeometry geometry = new(Rows: 1, Columns: 1, Depth: 2);
        using IMatrixProductPlan plan = context.Kernels.PrepareMatrixProduct(in geometry, options: new(PackedRight: true));
        using Tensor left = Tensor.FromSpan([2f, 3f], (1, 2)), right = Tensor.FromSpan([10f, 100f], (2, 1));
        using Tensor output = KernelPair.Unwritten((1, 1));

        Assert.Throws<InvalidOperationException>(() => plan.Run(left, null, null, null, output));
        plan.Pack(right);
        right.Fill(7f);
        plan.Run(left, null, null, null, output);
        Assert.Equal(320f, output[0, 0]);
        plan.Pack(right);
        plan.Run(left, null, null, null, output);
        Assert.Equal(35f, output[0, 0]);
    }

    [Fact]
    public void Matrix_products_allocate_nothing()
    {
        MatrixProductGeometry geometry = new(33, 40, 50, TransposeRight: true);
        using Tensor left = KernelPair.Values((33, 50), 1), right = KernelPair.Values((40, 50), 2);
        using Tensor bias = KernelPair.Values(40, 3), residual = KernelPair.Values((33, 40), 4);
        using Tensor output = KernelPair.Unwritten((33, 40));
        KernelPair.AllocatesNothing(kernels =>
        {
            IMatrixProductPlan plain = kernels.PrepareMatrixProduct(in geometry, Activation.Silu);
            IMatrixProductPlan packed = kernels.PrepareMatrixProduct(in geometry, options: new(Accumulate: true, PackedRight: true));
            return new PreparedCalls(
                () =>
                {
                    plain.Run(left, right, bias, residual, output);
                    packed.Pack(right);
                    packed.Run(left, null, null, null, output);
                },
                plain, packed);
        });
    }

    private static void Compare(
        ComputeContext native,
        ComputeContext managed,
        in MatrixProductGeometry geometry,
        in MatrixProductOptions options,
        bool addends)
    {
        // Depths differ in their rest by 3, so that each function meets every other option.
        Activation activation = (geometry.Depth % 3) switch { 0 => Activation.None, 1 => Activation.Silu, _ => Activation.Clip(-1, 2) };
        MatrixProductGeometry g = geometry;
        using Tensor left = Matrix(g.TransposeLeft ? (g.Depth, g.Rows) : (g.Rows, g.Depth), g.LeftStride, 1);
        using Tensor right = Matrix(g.TransposeRight ? (g.Columns, g.Depth) : (g.Depth, g.Columns), g.RightStride, 2);
        using Tensor bias = KernelPair.Values(g.Columns, 3), residual = Matrix((g.Rows, g.Columns), g.ResidualStride, 4);
        using Tensor start = Matrix((g.Rows, g.Columns), g.OutputStride, 5);
        Tensor?[] addend = addends ? [bias, residual] : [null, null];
        using Tensor actual = Run(native, in g, in options, activation, left, right, addend, start, out string name);
        using Tensor expected = Run(managed, in g, in options, activation, left, right, addend, start, out _);

        using Tensor leftSizes = ConvolutionCases.Magnitudes(left), rightSizes = ConvolutionCases.Magnitudes(right);
        using Tensor biasSizes = ConvolutionCases.Magnitudes(bias), residualSizes = ConvolutionCases.Magnitudes(residual);
        using Tensor startSizes = ConvolutionCases.Magnitudes(start);
        addend = addends ? [biasSizes, residualSizes] : [null, null];
        using Tensor terms = Run(managed, in g, in options, Activation.None, leftSizes, rightSizes, addend, startSizes, out _);

        // A rounding for each product, bias, residual and what was there, and for the result of either side, times the slope of an
        // activation, which adds some 8 ulp of its own to a result that no term exceeds.
        double relative = 1.1 * (g.Depth + 5) * Roundoff + (activation.Kind == ActivationKind.Silu ? 8 * KernelPair.Epsilon : 0);
        ConvolutionCases.AreClose(expected, actual, terms, relative, 0, $"{g}, {options}, {addends}, {activation}, {name}");
    }

    private static Tensor Run(
        ComputeContext context,
        in MatrixProductGeometry geometry,
        in MatrixProductOptions options,
        Activation activation,
        Tensor left,
        Tensor right,
        Tensor?[] addends,
        Tensor start,
        out string name)
    {
        using IMatrixProductPlan plan = context.Kernels.PrepareMatrixProduct(in geometry, activation, in options);
        name = plan.Describe().Algorithm;
        Assert.Equal((long)geometry.Rows * geometry.Columns * geometry.Depth, plan.Describe().MultiplyAccumulates);
        Tensor output = start.Clone();
        if (options.PackedRight)
            plan.Pack(right);
        plan.Run(left, options.PackedRight ? null : right, addends[0], addends[1], output);
        return output;
    }

    /// <summary>A matrix whose rows lie a stride apart, without a gap after the last.</summary>
    private static Tensor Matrix((int Rows, int Columns) size, int stride, uint seed) =>
        KernelPair.Values((size.Rows - 1) * (stride == 0 ? size.Columns : stride) + size.Columns, seed);
}
