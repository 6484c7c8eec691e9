// First weights: the same bits everywhere, the moments and limits that their formulas promise, and orthogonality.

using CnnNative.Tests.Kernels;

namespace CnnNative.Tests.Models;

public sealed class InitializerTests
{
    /// <summary>A convolution of 64 filters of 5 x 5 x 32: fans of 800 and 1600, 51,200 weights.</summary>
    private static readonly Shape _shape = (64, 5, 5, 32);

    private static readonly Fan _fan = Fan.OfConv2d(_shape);

    public static TheoryData<string> Names => new(Initializers.Keys);

    private static Dictionary<string, Initializer> Initializers => new()
    {
        ["zeros"] = Initializer.Zeros,
        ["ones"] = Initializer.Ones,
        ["constant"] = Initializer.Constant(0.3f),
        ["uniform"] = Initializer.Uniform(-1, 3),
        ["normal"] = Initializer.Normal(2, 0.5f),
        ["truncated normal"] = Initializer.TruncatedNormal(1, 0.25f),
        ["He normal"] = Initializer.HeNormal(),
        ["He uniform"] = Initializer.HeUniform(FanMode.Output, negativeSlope: 0.5),
        ["Glorot normal"] = Initializer.GlorotNormal(gain: 2),
        ["Glorot uniform"] = Initializer.GlorotUniform(),
        ["orthogonal"] = Initializer.Orthogonal(gain: 1.5),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_seed_gives_the_same_bits_from_all_kernels_and_thread_counts(string name)
    {
        Initializer initializer = Initializers[name];
        using ComputeContext managed = new(Backend.Managed);
        float[] expected = Apply(initializer, _shape, seed: 7, stream: 3, managed);
        foreach (ITheoryDataRow row in KernelPair.Contexts)
        {
            object?[] data = row.GetData();
            using ComputeContext native = new(Backend.Native, (int)data[1]!, (InstructionSet)data[0]!);
            Assert.Equal(Bits(expected), Bits(Apply(initializer, _shape, seed: 7, stream: 3, native)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Other_seeds_and_streams_give_other_weights_but_for_constants(string name)
    {
        Initializer initializer = Initializers[name];
        float[] weights = Apply(initializer, 64, seed: 7, stream: 3);
        bool isConstant = weights.Distinct().Count() == 1;
        Assert.Equal(name is "zeros" or "ones" or "constant", isConstant);
        foreach ((ulong seed, ulong stream) in ((ulong, ulong)[])[(8, 3), (7, 4), (3, 7), (7, ulong.MaxValue)])
            Assert.Equal(isConstant, weights.SequenceEqual(Apply(initializer, 64, seed, stream)));
    }

    // The words of a stream's key are known, so the first of its numbers cannot change unseen: files and recipes rely on them.
    [Fact]
    public void The_numbers_of_a_seed_never_change()
    {
        float[] uniform = Apply(Initializer.Uniform(0, 16777216), 4, seed: 1, stream: 2);

        Assert.Equal(Philox(Mix(unchecked(Mix(1) + 2 * 0x9E3779B97F4A7C15))), uniform);

        // Positions 0 to 3 are the first words of the first four blocks; see Philox4x32-10 by Salmon et al.
        static float[] Philox(ulong key) => [.. new uint[] { 0, 1, 2, 3 }.Select(block => (float)(FirstWord(key, block) >> 8))];

        static uint FirstWord(ulong key, uint block)
        {
            uint a = block, b = 0, c = 0, d = 0, low = (uint)key, high = (uint)(key >> 32);
            for (int round = 0; round < 10; round++)
            {
                ulong first = (ulong)a * 0xD2511F53, second = (ulong)c * 0xCD9E8D57;
                (a, b, c, d) = ((uint)(second >> 32) ^ b ^ low, (uint)second, (uint)(first >> 32) ^ d ^ high, (uint)first);
                unchecked
                {
                    low += 0x9E3779B9;
                    high += 0xBB67AE85;
                }
            }

            return a;
        }

        static ulong Mix(ulong x)
        {
            x = unchecked((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9);
            x = unchecked((x ^ (x >> 27)) * 0x94D049BB133111EB);
            return x ^ (x >> 31);
        }
    }

    /// <summary>Mean, variance, kurtosis and the farthest a weight can be from the mean.</summary>
    public static TheoryData<string, double, double, double, double> Moments => new()
    {
        { "uniform", 1, 16.0 / 12, 1.8, 2 },
        { "normal", 2, 0.25, 3, 6.7 * 0.5 },

        // Between -2 and 2, a normal distribution has the variance 1 - 4 p(2) / (2 P(2) - 1) and the fourth moment
        // 3 - 2 (8 + 3 2) p(2) / (2 P(2) - 1), with its density p and distribution P: 0.773741 and 1.416188.
        { "truncated normal", 1, 0.0625 * 0.773741, 1.416188 / (0.773741 * 0.773741), 0.5 },
        { "He normal", 0, 2.0 / 800, 3, 6.7 * Math.Sqrt(2.0 / 800) },
        { "He uniform", 0, 2 / 1.25 / 1600, 1.8, Math.Sqrt(6 / 1.25 / 1600) },
        { "Glorot normal", 0, 4 * 2.0 / 2400, 3, 6.7 * Math.Sqrt(8.0 / 2400) },
        { "Glorot uniform", 0, 2.0 / 2400, 1.8, Math.Sqrt(6.0 / 2400) },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void Weights_have_the_moments_of_their_formula(
        string name, double mean, double variance, double kurtosis, double farthest)
    {
        float[] weights = Apply(Initializers[name], _shape, seed: 11);

        // Five standard errors: of a mean, sqrt(variance / n); of a variance, variance sqrt((kurtosis - 1) / n). The limits may
        // be exceeded by the rounding to float32.
        double count = weights.Length;
        Assert.Equal(mean, weights.Average(value => (double)value), 5 * Math.Sqrt(variance / count));
        Assert.Equal(
            variance, weights.Average(value => (value - mean) * (value - mean)),
            5 * variance * Math.Sqrt((kurtosis - 1) / count));
        Assert.All(weights, value => Assert.InRange(value, mean - farthest * (1 + 1e-6), mean + farthest * (1 + 1e-6)));
    }

    public static TheoryData<int[]> MatrixShapes =>
        new([7, 7], [1, 9], [9, 1], [40, 12], [12, 3, 3, 5], [64, 3, 3, 6], [5]);

    [Theory]
    [MemberData(nameof(MatrixShapes))]
    public void Orthogonal_weights_are_at_right_angles(int[] dimensions)
    {
        const double gain = 1.5;
        Shape shape = new(dimensions);
        float[] weights = Apply(Initializer.Orthogonal(gain), shape, seed: 5);
        int rows = shape[0], columns = weights.Length / rows, length = Math.Max(rows, columns);
        bool areRows = rows < columns;
        for (int i = 0; i < Math.Min(rows, columns); i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double product = 0;
                for (int k = 0; k < length; k++)
                    product += At(i, k) * At(j, k);

                // Each element is off by half a unit in its last place, a 2^-24th part; so is a product of two vectors of the
                // length gain by at most twice that of gain squared.
                Assert.Equal(i == j ? gain * gain : 0, product, 2.1 * gain * gain / (1 << 24));
            }
        }

        double At(int vector, int k) => weights[areRows ? vector * columns + k : k * columns + vector];
    }

    // Each of the matrices has a trace with the mean 0 and the variance 1 if all rotations are equally likely (Diaconis and
    // Shahshahani 1994); without the signs of R, its mean would be far below 0.
    [Fact]
    public void Every_rotation_is_equally_likely()
    {
        const int size = 8, count = 2000;
        double sum = 0, squares = 0;
        for (ulong stream = 0; stream < count; stream++)
        {
            float[] weights = Apply(Initializer.Orthogonal(), (size, size), seed: 1, stream);
            double trace = Enumerable.Range(0, size).Sum(i => (double)weights[i * size + i]);
            sum += trace;
            squares += trace * trace;
        }

        // The trace is nearly normal, so five standard errors are 5 / sqrt(n) and 5 sqrt(2 / n).
        Assert.Equal(0, sum / count, 5 / Math.Sqrt(count));
        Assert.Equal(1, squares / count, 5 * Math.Sqrt(2.0 / count));
    }

    [Fact]
    public void Fans_count_the_connections_of_a_unit()
    {
        Assert.Equal(new Fan(3 * 5 * 8, 3 * 5 * 16), Fan.OfConv2d((16, 3, 5, 8)));
        Assert.Equal(new Fan(9, 9), Fan.OfConv2d((32, 3, 3, 1), groups: 32));
        Assert.Equal(new Fan(100, 10), Fan.OfLinear((10, 100)));
        Assert.Throws<ShapeException>(() => Fan.OfConv2d((10, 100)));
        Assert.Throws<ShapeException>(() => Fan.OfConv2d((32, 3, 3, 1), groups: 5));
        Assert.Throws<ShapeException>(() => Fan.OfConv2d((1, 65536, 65536, 1)));
        Assert.Throws<ShapeException>(() => Fan.OfLinear((16, 3, 5, 8)));
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.Uniform(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.Uniform(float.NegativeInfinity, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.Normal(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.TruncatedNormal(float.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.HeNormal((FanMode)2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.Orthogonal(double.NaN));
        using Tensor weights = Tensor.Zeros(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => Initializer.Ones.Apply(weights, 0, 1, seed: 1));
    }

    [Fact]
    public void A_deviation_of_zero_gives_the_mean()
    {
        Assert.All(Apply(Initializer.TruncatedNormal(3, 0), 100, seed: 1), value => Assert.Equal(3, value));
        Assert.All(Apply(Initializer.TruncatedNormal(1, 1e-8f), 100, seed: 1), value => Assert.Equal(1, value));
    }

    private static float[] Apply(
        Initializer initializer, Shape shape, ulong seed, ulong stream = 0, ComputeContext? context = null)
    {
        using Tensor weights = KernelPair.Unwritten(shape);
        initializer.Apply(weights, _fan, seed, stream, context);
        return weights.ToArray();
    }

    private static IEnumerable<uint> Bits(float[] values) => values.Select(BitConverter.SingleToUInt32Bits);
}
