// Every operator through the public functions, on native kernels of each instruction set against the managed kernels: two
// implementations that share no line of arithmetic.

namespace CnnNative.Tests.Operators;

public sealed class OperatorAgreementTests
{
    /// <summary>Sums of n products in float32 differ from the exact sum by at most about n eps times the sum of magnitudes;
    /// with magnitudes below 1 and the n of these cases (up to 7 * 7 * 40) that is 2.4e-4, and 4 eps where nothing is summed.</summary>
    private const float SumTolerance = 2.4e-4f;
    private const float ElementTolerance = 1e-6f;

    public static TheoryData<InstructionSet, int> Contexts => new()
    {
        { InstructionSet.Scalar, 1 },
        { InstructionSet.Avx2, 1 },
        { InstructionSet.Avx2, 3 },
        { InstructionSet.Avx512, 1 },
        { InstructionSet.Avx512, 3 },
    };

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Convolutions_agree_for_every_combination_of_options(InstructionSet isa, int threads)
    {
        (int Height, int Width, int Inputs, int Outputs, Size2d Kernel, Size2d Stride, Size2d Dilation, int Groups, Padding Padding)[] cases =
        [
            (1, 1, 1, 1, 1, 1, 1, 1, Padding.Valid),
            (9, 11, 1, 1, 3, 1, 1, 1, Padding.Same),
            (9, 11, 3, 5, 3, 2, 1, 1, Padding.Same),
            (17, 13, 4, 17, 5, 1, 2, 1, Padding.SameLower),
            (8, 8, 16, 33, 1, 1, 1, 1, Padding.Valid),
            (7, 5, 40, 16, (7, 7), 1, 1, 1, 3),
            (12, 10, 6, 6, 3, 1, 1, 6, Padding.Explicit(0, 1, 2, 3)),
            (12, 10, 6, 12, 3, 2, 1, 6, 1),
            (12, 10, 8, 20, (3, 1), (1, 2), 1, 4, Padding.Same),
            (33, 65, 3, 3, 3, 1, 1, 3, Padding.Same),
            (20, 20, 72, 72, 3, 1, 2, 72, Padding.Same),
            (2, 3, 5, 4, 5, 1, 1, 1, 4),
            (64, 64, 8, 24, 3, 1, 1, 1, Padding.Same),
        ];
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        Random random = new(1);
        foreach (var c in cases)
        {
            using Tensor input = Uniform(random, (2, c.Height, c.Width, c.Inputs));
            using Tensor weights = Uniform(random, (c.Outputs, c.Kernel.Height, c.Kernel.Width, c.Inputs / c.Groups));
            using Tensor bias = Uniform(random, c.Outputs);
            using Tensor actual = Cnn.Conv2d(input, weights, bias, c.Stride, c.Padding, c.Dilation, c.Groups, Activation.Silu, native);
            using Tensor expected = Cnn.Conv2d(input, weights, bias, c.Stride, c.Padding, c.Dilation, c.Groups, Activation.Silu, managed);

            Assert.True(actual.IsClose(expected, SumTolerance, 1e-5f), $"{c}: {actual} is not {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Pooling_agrees_for_every_combination_of_options(InstructionSet isa, int threads)
    {
        (int Height, int Width, int Channels, Size2d Window, Size2d Stride, Size2d Dilation, Padding Padding, bool Ceil, bool CountPad)[] cases =
        [
            (300, 300, 1, 2, 2, 1, Padding.Same, false, false),
            (7, 9, 3, 3, 2, 1, 1, false, true),
            (7, 9, 3, 3, 2, 1, 1, true, true),
            (7, 9, 20, 3, 2, 1, 1, true, false),
            (10, 10, 9, (2, 3), (3, 1), (2, 1), Padding.Explicit(1, 0, 0, 2), true, true),
            (5, 2000, 2, (5, 1501), (1, 100), 1, Padding.Valid, false, false),
            (30, 40, 33, 15, 15, 1, Padding.SameLower, false, true),
            (4, 4, 8, 4, 1, 1, Padding.Same, false, false),
        ];
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        Random random = new(2);
        foreach (var c in cases)
        {
            using Tensor input = Uniform(random, (2, c.Height, c.Width, c.Channels));
            using Tensor max = Cnn.MaxPool2d(input, c.Window, c.Stride, c.Padding, c.Dilation, c.Ceil, native);
            using Tensor maxExpected = Cnn.MaxPool2d(input, c.Window, c.Stride, c.Padding, c.Dilation, c.Ceil, managed);
            using Tensor mean = Cnn.AveragePool2d(input, c.Window, c.Stride, c.Padding, c.Dilation, c.Ceil, c.CountPad, native);
            using Tensor meanExpected = Cnn.AveragePool2d(input, c.Window, c.Stride, c.Padding, c.Dilation, c.Ceil, c.CountPad, managed);
            using Tensor all = Cnn.GlobalAveragePool(input, native);
            using Tensor allExpected = Cnn.GlobalAveragePool(input, managed);

            Assert.Equal(maxExpected.ToArray(), max.ToArray());
            Assert.True(mean.IsClose(meanExpected, ElementTolerance * 10), $"{c}: {mean} is not {meanExpected}");
            Assert.True(all.IsClose(allExpected, ElementTolerance * 10), $"{c}: {all} is not {allExpected}");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_activation_agrees(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        float[] values = [.. Enumerable.Range(-2000, 40_001).Select(i => i / 100f), -0f, 1e30f, -1e30f, 1e-30f];
        using Tensor input = Tensor.FromSpan(values, values.Length);
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            Activation activation = new(kind, Alpha: 0.3f);
            using Tensor actual = Cnn.Activate(input, activation, native);
            using Tensor expected = Cnn.Activate(input, activation, managed);

            Assert.True(actual.IsClose(expected, 1e-12f, ElementTolerance), $"{kind}: {actual} is not {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Fully_connected_layers_sums_softmax_and_concatenation_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        Random random = new(3);
        using Tensor input = Uniform(random, (5, 3, 3, 7));
        using Tensor other = Uniform(random, (5, 3, 3, 2));
        using Tensor weights = Uniform(random, (19, 63));
        using Tensor bias = Uniform(random, 19);
        Func<ComputeContext, Tensor>[] operators =
        [
            context => Cnn.Linear(input, weights, bias, Activation.Gelu, context),
            context => Cnn.Linear(input, weights, context: context),
            context => Cnn.Add(input, input, Activation.Tanh, context),
            context => Cnn.Softmax(input, context),
            context => Cnn.Concat([input, other, input], axis: -1, context),
            context => Cnn.Concat([input, input], axis: 0, context),
            context => Cnn.Concat([input, input], axis: 2, context),
        ];
        foreach (Func<ComputeContext, Tensor> run in operators)
        {
            using Tensor actual = run(native);
            using Tensor expected = run(managed);

            Assert.True(actual.IsClose(expected, 1e-5f), $"{actual} is not {expected}");
        }
    }

    [Fact]
    public void Concatenation_lays_channels_side_by_side()
    {
        using Tensor left = Tensor.FromSpan([1, 2, 3, 4], (1, 1, 2, 2));
        using Tensor right = Tensor.FromSpan([5, 6], (1, 1, 2, 1));

        using Tensor both = Cnn.Concat(left, right);

        Assert.Equal((1, 1, 2, 3), both.Shape);
        Assert.Equal([1, 2, 5, 3, 4, 6], both.ToArray());
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        Random random = new(4);
        using Tensor input = Uniform(random, (2, 41, 37, 24));
        using Tensor weights = Uniform(random, (48, 3, 3, 24));
        using ComputeContext one = new(threads: 1);
        using Tensor expected = Cnn.Conv2d(input, weights, padding: Padding.Same, activation: Activation.Silu, context: one);
        foreach (int threads in (int[])[2, 3, 7])
        {
            using ComputeContext several = new(threads: threads);
            using Tensor actual = Cnn.Conv2d(input, weights, padding: Padding.Same, activation: Activation.Silu, context: several);

            Assert.Equal(expected.ToArray(), actual.ToArray());
        }
    }

    private static Tensor Uniform(Random random, Shape shape)
    {
        Tensor tensor = Tensor.Zeros(shape);
        using TensorAccess access = tensor.Access();
        foreach (ref float value in access.Values)
        {
            value = random.NextSingle() * 2 - 1;
        }

        return tensor;
    }
}
