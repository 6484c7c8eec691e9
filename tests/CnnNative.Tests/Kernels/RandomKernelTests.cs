// Tensors that are made of nothing, and dropout: the same bits from native and managed kernels, which are compared with the
// published words of the generator, with the moments of their distributions, and with each other's definition.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class RandomKernelTests
{
    /// <summary>2^24, the steps of a uniform number.</summary>
    private const float Steps = 16777216;

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    /// <summary>Sequences and lengths: parts of a group of 32, whole ones, several work items, and positions that wrap.</summary>
    private static (RandomSequence Sequence, int Count)[] Sequences =>
    [
        (new(0), 1), (new(0), 32), (new(1, 5), 20), (new(2, 31), 34), (new(0x123456789abcdef0, 64), 9000),
        (new(ulong.MaxValue, ulong.MaxValue - 40), 100), (new(7, 0xfffffffff0), 1000), (new(3, 17), 20_011),
    ];

    [Fact]
    public void The_first_words_are_the_published_ones()
    {
        // From the file kat_vectors of Random123: the block with counter 0 and key 0. Its words lie eight positions apart.
        uint[] published = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            using Tensor output = KernelPair.Unwritten(32);
            context.Kernels.RandomUniform(new RandomSequence(0), 0, Steps, output);
            Assert.Equal(published.Select(word => (float)(word >> 8)), [output[0], output[8], output[16], output[24]]);
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Random_numbers_have_the_same_bits(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((RandomSequence sequence, int count) in Sequences)
        {
            foreach ((float first, float second) in ((float, float)[])[(0, 1), (-3.7f, 11.1f), (2, 2), (1e-20f, 1e20f)])
            {
                Places.HaveTheSameBits(
                    count, native, managed, (kernels, output) => kernels.RandomUniform(in sequence, first, second, output));
                Places.HaveTheSameBits(
                    count, native, managed,
                    (kernels, output) => kernels.RandomNormal(in sequence, first, Math.Abs(second), output));
            }
        }
    }

    [Fact]
    public void A_sequence_goes_on_where_a_part_of_it_ended()
    {
        using ComputeContext managed = new(Backend.Managed);
        RandomSequence sequence = new(5, ulong.MaxValue - 50);
        using Tensor whole = KernelPair.Unwritten(100), first = KernelPair.Unwritten(37), second = KernelPair.Unwritten(63);
        managed.Kernels.RandomNormal(in sequence, 0, 1, whole);
        managed.Kernels.RandomNormal(in sequence, 0, 1, first);
        managed.Kernels.RandomNormal(sequence.After(37), 0, 1, second);
        Assert.Equal(whole.ToArray(), first.ToArray().Concat(second.ToArray()));
    }

    [Fact]
    public void Random_numbers_have_the_moments_of_their_distributions()
    {
        const int count = 1 << 18;
        using ComputeContext managed = new(Backend.Managed);
        using Tensor output = KernelPair.Unwritten(count);
        managed.Kernels.RandomUniform(new RandomSequence(11), -1, 3, output);
        HasMoments(output, mean: 1, variance: 16.0 / 12, kurtosis: 1.8);
        Assert.All(output.ToArray(), value => Assert.InRange(value, -1f, 3f));
        managed.Kernels.RandomNormal(new RandomSequence(12), 2, 0.5f, output);
        HasMoments(output, mean: 2, variance: 0.25, kurtosis: 3);

        // Five standard errors: of a mean, sqrt(variance / n); of a variance, variance sqrt((kurtosis - 1) / n).
        static void HasMoments(Tensor tensor, double mean, double variance, double kurtosis)
        {
            float[] values = tensor.ToArray();
            Assert.Equal(mean, values.Average(value => (double)value), 5 * Math.Sqrt(variance / count));
            Assert.Equal(
                variance, values.Average(value => (value - mean) * (value - mean)),
                5 * variance * Math.Sqrt((kurtosis - 1) / count));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Constants_and_ranges_have_the_bits_of_their_definition(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (int count in (int[])[1, 17, 4096, 9001])
        {
            foreach ((double start, double step) in ((double, double)[])[(0, 1), (-0.3, 0.1), (1e9, -1234.5678), (2.5, 0)])
            {
                Places.HaveTheBits(
                    [.. Enumerable.Range(0, count).Select(i => (float)(start + i * step))], count, native, managed,
                    (kernels, output) => kernels.Range(start, step, output));
            }

            foreach (float value in (float[])[0, -0f, 3.25f, float.NegativeInfinity])
            {
                Places.HaveTheBits(
                    [.. Enumerable.Repeat(value, count)], count, native, managed,
                    (kernels, output) => kernels.Fill(value, output));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Dropout_drops_what_its_words_say(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((RandomSequence sequence, int count) in Sequences)
        {
            // Multiples of 2^-24, so that the 24 bits of a uniform number decide.
            foreach (float probability in (float[])[0, 0.5f, 0.125f, 0.9375f])
            {
                using Tensor uniform = KernelPair.Unwritten(count), input = KernelPair.Values(count, 1);
                managed.Kernels.RandomUniform(in sequence, 0, 1, uniform);
                input[0] = float.NaN;
                float[] numbers = uniform.ToArray(), values = input.ToArray();
                float[] expected = [.. values.Select((x, i) => numbers[i] < probability ? 0 : 1 / (1 - probability) * x)];
                DropoutMask mask = new(probability, sequence);
                AllHaveTheBits(
                    expected, count, native, managed, (kernels, output) => kernels.Dropout(in mask, input, output),
                    (kernels, output) => kernels.DropoutBackward(in mask, input, output));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Dropout_of_any_probability_has_the_same_bits(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        using Tensor input = KernelPair.Values(10_007, 1);
        foreach (float probability in (float[])[0.1f, 0.3f, 1e-9f, 1 - 1 / Steps])
        {
            DropoutMask mask = new(probability, new RandomSequence(9, 3));
            Places.HaveTheSameBits(
                input.Shape, native, managed, (kernels, output) => kernels.Dropout(in mask, input, output));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Spatial_dropout_drops_whole_channels(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (Shape Shape, int Pixels)[] cases =
        [
            ((3, 5), 1), ((2, 7, 1), 7), ((3, 4, 5, 3), 20), ((2, 9, 9, 64), 81), ((2, 3, 2, 1500), 6), ((1, 90, 90, 5), 8100),
        ];
        foreach ((Shape shape, int pixels) in cases)
        {
            int batch = shape[0], channels = shape[^1];
            RandomSequence sequence = new(21, 13);
            using Tensor input = KernelPair.Values(shape, 1), uniform = KernelPair.Unwritten(batch * channels);
            managed.Kernels.RandomUniform(in sequence, 0, 1, uniform);
            float[] numbers = uniform.ToArray(), values = input.ToArray();
            DropoutMask mask = new(0.25f, sequence);
            const float scale = 1 / 0.75f;
            AllHaveTheBits(
                [.. values.Select((x, i) => Number(i) < 0.25f ? 0 : scale * x)], shape, native, managed,
                (kernels, output) => kernels.SpatialDropout(in mask, input, output),
                (kernels, output) => kernels.SpatialDropoutBackward(in mask, input, output));

            float Number(int i) => numbers[i / channels / pixels * channels + i % channels];
        }
    }

    [Fact]
    public void Gradients_of_dropout_are_its_differences()
    {
        using ComputeContext managed = new(Backend.Managed);
        IKernels kernels = managed.Kernels;
        DropoutMask mask = new(0.3f, new RandomSequence(4));
        Shape shape = (2, 3, 4, 5);
        LinearGradient.IsDifference(
            shape, shape, (x, y) => kernels.Dropout(in mask, x, y), (dy, dx) => kernels.DropoutBackward(in mask, dy, dx),
            "Dropout");
        LinearGradient.IsDifference(
            shape, shape, (x, y) => kernels.SpatialDropout(in mask, x, y),
            (dy, dx) => kernels.SpatialDropoutBackward(in mask, dy, dx), "SpatialDropout");
    }

    [Fact]
    public void Dropout_may_run_in_place()
    {
        DropoutMask mask = new(0.3f, new RandomSequence(4));
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            using Tensor input = KernelPair.Values((3, 7, 11), 1), output = KernelPair.Unwritten((3, 7, 11));
            context.Kernels.Dropout(in mask, input, output);
            context.Kernels.SpatialDropout(in mask, output, output);
            context.Kernels.Dropout(in mask, input, input);
            using Tensor apart = KernelPair.Unwritten((3, 7, 11));
            context.Kernels.SpatialDropout(in mask, input, apart);
            Assert.Equal(apart.ToArray(), output.ToArray());
        }
    }

    [Fact]
    public void Random_numbers_and_dropout_allocate_nothing()
    {
        using Tensor input = KernelPair.Values((2, 30, 17), 1), output = KernelPair.Unwritten((2, 30, 17));
        KernelPair.AllocatesNothing(kernels =>
        {
            DropoutMask mask = new(0.3f, new RandomSequence(4));
            kernels.Fill(1, output);
            kernels.Range(1, 0.5, output);
            kernels.RandomUniform(mask.Sequence, 0, 1, output);
            kernels.RandomNormal(mask.Sequence, 0, 1, output);
            kernels.Dropout(in mask, input, output);
            kernels.DropoutBackward(in mask, input, output);
            kernels.SpatialDropout(in mask, input, output);
            kernels.SpatialDropoutBackward(in mask, input, output);
        });
    }

    private static void AllHaveTheBits(
        float[] expected, Shape shape, ComputeContext native, ComputeContext managed, params Action<IKernels, Tensor>[] calls)
    {
        foreach (Action<IKernels, Tensor> call in calls)
            Places.HaveTheBits(expected, shape, native, managed, call);
    }
}
