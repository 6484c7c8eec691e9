// Steps of optimisers: native against managed kernels over several steps, the managed ones against the rules written out for one
// parameter in double, and the norm of a gradient.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class OptimizerKernelTests
{
    private const int Steps = 5;

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    private static OptimizerRule[] Rules =>
    [
        OptimizerRule.Sgd(0.1), OptimizerRule.Sgd(0.1, weightDecay: 0.05), OptimizerRule.Sgd(0.1, momentum: 0.9),
        OptimizerRule.Sgd(0.1, momentum: 0.9, nesterov: true, weightDecay: 0.05), OptimizerRule.Adam(),
        OptimizerRule.Adam(0.02, 0.8, 0.95, 1e-3, weightDecay: 0.05), OptimizerRule.AdamW(),
        OptimizerRule.AdamW(0.02, 0.8, 0.95, 1e-3, weightDecay: 0.5), OptimizerRule.RmsProp(),
        OptimizerRule.RmsProp(0.02, 0.9, 1e-3, momentum: 0.7, weightDecay: 0.05),
    ];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_rule_agrees_over_several_steps(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (int count in (int[])[1, 7, 8, 17, 31, 1000, 70_001])
        {
            foreach (OptimizerRule rule in Rules)
            {
                using Trained expected = new(in rule, count), actual = new(in rule, count);
                for (int step = 1; step <= Steps; step++)
                {
                    using Tensor gradient = KernelPair.Values(count, (uint)step);
                    OptimizerRule now = rule with { Step = step, GradientScale = 0.5 };
                    expected.Step(managed.Kernels, in now, gradient);
                    actual.Step(native.Kernels, in now, gradient);
                }

                // Some 8 roundings of float32 in each step, of values of at most 2 in parameters and 5 in momentum. RMSProp's
                // first direction is 1 / sqrt(1 - beta2) = 10 long, and summed with its momentum; a root is good to as many ulp.
                double roundings = 8 * Steps * KernelPair.Epsilon;
                string what = $"{rule}, {count} elements";
                KernelPair.AreClose(expected.Parameters, actual.Parameters, 2 * roundings, 0, what);
                if (rule.HasFirst)
                    KernelPair.AreClose(expected.First!, actual.First!, 10 * roundings, roundings, what);
                if (rule.HasSecond)
                    KernelPair.AreClose(expected.Second!, actual.Second!, 0, roundings, what);
            }
        }
    }

    [Fact]
    public void The_managed_rules_are_those_of_their_papers()
    {
        using ComputeContext managed = new(Backend.Managed);
        foreach (OptimizerRule rule in Rules)
        {
            using Trained actual = new(in rule, count: 3);
            double[] values = [.. actual.Parameters.ToArray().Select(value => (double)value)];
            double[] first = new double[3], second = new double[3];
            for (int step = 1; step <= Steps; step++)
            {
                using Tensor gradient = KernelPair.Values(3, (uint)step);
                OptimizerRule now = rule with { Step = step, GradientScale = 0.5 };
                actual.Step(managed.Kernels, in now, gradient);
                for (int i = 0; i < 3; i++)
                    Written(in now, gradient.ToArray()[i], ref values[i], ref first[i], ref second[i]);
            }

            // Each step rounds a parameter of at most 2, and the state, once.
            float[] found = actual.Parameters.ToArray();
            for (int i = 0; i < 3; i++)
                Assert.Equal(values[i], found[i], 2 * Steps * KernelPair.Epsilon);
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void The_sum_of_squares_agrees(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach (int count in (int[])[1, 7, 8, 17, 33, 1000, 32_768, 100_003])
        {
            using Tensor input = KernelPair.Values(count, 1);
            double expected = input.ToArray().Sum(value => (double)value * value);

            // Positive terms, added in float64 in three orders.
            Assert.Equal(expected, managed.Kernels.SumOfSquares(input), count * 1e-16 * expected);
            Assert.Equal(expected, native.Kernels.SumOfSquares(input), count * 1e-16 * expected);
        }
    }

    [Fact]
    public void A_gradient_is_clipped_to_a_norm_by_the_step_itself()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using Tensor left = Tensor.FromSpan([3, 0, 0], 3), right = Tensor.FromSpan([0, -4], 2), zeros = Tensor.Zeros(2);
            double norm = GradientNorm.Of(context.Kernels, [left, right]);
            Assert.Equal(5, norm);
            Assert.Equal(1, GradientNorm.ClippingScale(norm, limit: 6));
            Assert.Equal(double.NaN, GradientNorm.ClippingScale(double.NaN, limit: 6));
            OptimizerRule rule = OptimizerRule.Sgd(1) with { GradientScale = GradientNorm.ClippingScale(norm, limit: 1) };
            context.Kernels.OptimizerStep(in rule, zeros, right, null, null);
            Assert.Equal(0.8f, zeros[1], 1e-6f);
            Assert.Equal(0f, zeros[0]);
        }
    }

    [Fact]
    public void Steps_allocate_nothing()
    {
        OptimizerRule[] rules = Rules;
        using Tensor gradient = KernelPair.Values(1003, 1);
        Trained[] trained = [.. rules.Select(rule => new Trained(in rule, 1003))];
        KernelPair.AllocatesNothing(kernels =>
        {
            for (int i = 0; i < rules.Length; i++)
                trained[i].Step(kernels, in rules[i], gradient);
            GradientNorm.Of(kernels, [gradient, trained[0].Parameters]);
        });
        foreach (Trained one in trained)
            one.Dispose();
    }

    /// <summary>The rules for one parameter, with the means corrected as the papers write them.</summary>
    private static void Written(in OptimizerRule rule, double gradient, ref double p, ref double first, ref double second)
    {
        double g = gradient * rule.GradientScale + (rule.Kind == OptimizerKind.AdamW ? 0 : rule.WeightDecay * p);
        second = rule.Beta2 * second + (1 - rule.Beta2) * g * g;
        switch (rule.Kind)
        {
            case OptimizerKind.Sgd:
                first = rule.Momentum * first + g;
                p -= rule.LearningRate * (rule.Nesterov ? g + rule.Momentum * first : first);
                break;
            case OptimizerKind.RmsProp:
                first = rule.Momentum * first + g / (Math.Sqrt(second) + rule.Epsilon);
                p -= rule.LearningRate * first;
                break;
            default:
                p -= rule.Kind == OptimizerKind.AdamW ? rule.LearningRate * rule.WeightDecay * p : 0;
                first = rule.Beta1 * first + (1 - rule.Beta1) * g;
                double mean = first / (1 - Math.Pow(rule.Beta1, rule.Step));
                double square = second / (1 - Math.Pow(rule.Beta2, rule.Step));
                p -= rule.LearningRate * mean / (Math.Sqrt(square) + rule.Epsilon);
                break;
        }
    }

    private sealed class Trained(in OptimizerRule rule, int count) : IDisposable
    {
        public Tensor Parameters { get; } = KernelPair.Values(count, 99);

        public Tensor? First { get; } = rule.HasFirst ? Tensor.Zeros(count) : null;

        public Tensor? Second { get; } = rule.HasSecond ? Tensor.Zeros(count) : null;

        public void Step(IKernels kernels, in OptimizerRule now, Tensor gradient) =>
            kernels.OptimizerStep(in now, Parameters, gradient, First, Second);

        public void Dispose()
        {
            Parameters.Dispose();
            First?.Dispose();
            Second?.Dispose();
        }
    }
}
