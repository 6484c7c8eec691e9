// Batch, group, instance and layer normalisation: native against managed kernels over sizes and options, and managed gradients
// against differences of the managed functions.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class NormalizationKernelTests
{
    private static readonly NormGeometry[] Geometries =
    [
        NormGeometry.Batch(2, 1), NormGeometry.Batch(7, 3, relu: true), NormGeometry.Batch(9, 16), NormGeometry.Batch(33, 17),
        NormGeometry.Batch(200, 5, relu: true), NormGeometry.Batch(64, 40), NormGeometry.Batch(3, 300, relu: true),
        NormGeometry.Batch(4000, 20), NormGeometry.Group(1, 1, 2, 1), NormGeometry.Group(2, 9, 6, 3, relu: true),
        NormGeometry.Group(3, 25, 16, 16), NormGeometry.Group(2, 10, 12, 1, relu: true), NormGeometry.Group(1, 400, 40, 8),
        NormGeometry.Group(2, 9000, 4, 2), NormGeometry.Group(4, 6, 35, 5), NormGeometry.Group(2, 1, 3, 3),
        NormGeometry.Layer(1, 1), NormGeometry.Layer(3, 7), NormGeometry.Layer(5, 16), NormGeometry.Layer(40, 33),
        NormGeometry.Layer(2, 1500), NormGeometry.Layer(700, 64), NormGeometry.Layer(2, 70_001),
    ];

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Normalisations_and_their_gradients_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        for (int i = 0; i < Geometries.Length; i++)
        {
            // With and without each parameter, and away from zero in every second pair of cases.
            NormGeometry geometry = Geometries[i];
            float shift = i % 4 < 2 ? 0 : 30;
            using Tensor input = Shifted(geometry.Input, shift), upstream = KernelPair.Values(geometry.Input, 2);
            using Tensor gamma = KernelPair.Values(geometry.Parameters, 3), beta = KernelPair.Values(geometry.Parameters, 4);
            NormParameters parameters = new(i % 5 == 1 ? null : gamma, i % 5 == 2 ? null : beta);
            using NormResults expected = new(geometry), actual = new(geometry);
            geometry.Forward(managed.Kernels, parameters, expected.Running, input, expected.Output, expected.Statistics);
            geometry.Forward(native.Kernels, parameters, actual.Running, input, actual.Output, actual.Statistics);

            // Both from the same statistics, so that their rounding is no part of the difference.
            geometry.Backward(managed.Kernels, parameters, expected.Statistics, input, upstream, expected.Gradients);
            geometry.Backward(native.Kernels, parameters, expected.Statistics, input, upstream, actual.Gradients);
            AreClose(geometry, expected, actual, reach: 1 + shift, $"{geometry}");
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void A_normalisation_may_overwrite_its_input_and_a_gradient_what_it_comes_from(InstructionSet isa, int threads)
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads, isa);
            foreach (NormGeometry geometry in Geometries)
            {
                using Tensor input = KernelPair.Values(geometry.Input, 1), upstream = KernelPair.Values(geometry.Input, 2);
                using Tensor output = input.Clone(), gradient = upstream.Clone();
                using NormResults apart = new(geometry), placed = new(geometry);
                geometry.Forward(context.Kernels, default, apart.Running, input, apart.Output, apart.Statistics);
                geometry.Forward(context.Kernels, default, placed.Running, output, output, placed.Statistics);
                geometry.Backward(context.Kernels, default, apart.Statistics, input, upstream, apart.Gradients);
                geometry.Backward(
                    context.Kernels, default, apart.Statistics, input, gradient, placed.Gradients with { Input = gradient });
                KernelPair.AreClose(apart.Output, output, 0, 0, $"{backend}, {geometry}");
                KernelPair.AreClose(apart.InputGradient, gradient, 0, 0, $"{backend}, {geometry}, gradient");
            }
        }
    }

    [Fact]
    public void A_gradient_that_is_not_wanted_changes_no_other()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            foreach (NormGeometry geometry in Geometries.Where(g => g.Samples * g.Pixels < 100))
            {
                using Tensor input = KernelPair.Values(geometry.Input, 1), upstream = KernelPair.Values(geometry.Input, 2);
                using Tensor gamma = KernelPair.Values(geometry.Parameters, 3);
                using NormResults all = new(geometry), one = new(geometry);
                NormParameters parameters = new(gamma, null);
                geometry.Forward(context.Kernels, parameters, default, input, all.Output, all.Statistics);
                geometry.Backward(context.Kernels, parameters, all.Statistics, input, upstream, all.Gradients);
                foreach (NormGradients wanted in (NormGradients[])
                    [new(one.InputGradient, null, null), new(null, one.GammaGradient, null), new(null, null, one.BetaGradient)])
                {
                    geometry.Backward(context.Kernels, parameters, all.Statistics, input, upstream, wanted);
                }

                KernelPair.AreClose(all.InputGradient, one.InputGradient, 0, 0, $"{backend}, {geometry}, input");
                KernelPair.AreClose(all.GammaGradient, one.GammaGradient, 0, 0, $"{backend}, {geometry}, gamma");
                KernelPair.AreClose(all.BetaGradient, one.BetaGradient, 0, 0, $"{backend}, {geometry}, beta");
            }
        }
    }

    [Fact]
    public void A_channel_with_NaN_or_infinity_becomes_NaN_and_leaves_its_neighbours_alone()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend, threads: 1);
            foreach (float bad in (float[])[float.NaN, float.PositiveInfinity])
            {
                NormGeometry geometry = NormGeometry.Batch(50, 19, relu: true);
                using Tensor input = KernelPair.Values(geometry.Input, 1);
                input[0, 20, 7] = bad;
                using NormResults results = new(geometry);
                geometry.Forward(context.Kernels, default, default, input, results.Output, results.Statistics);
                float[] output = results.Output.ToArray();
                Assert.All(Enumerable.Range(0, output.Length), i => Assert.Equal(i % 19 == 7, float.IsNaN(output[i])));
            }
        }
    }

    [Fact]
    public void Gradients_of_normalisations_are_the_slope_of_the_result()
    {
        using ComputeContext managed = new(Backend.Managed);
        const float step = 1f / 256;
        foreach (NormGeometry geometry in (NormGeometry[])
            [
                NormGeometry.Batch(6, 3), NormGeometry.Batch(6, 3, relu: true), NormGeometry.Group(2, 3, 6, 2),
                NormGeometry.Group(2, 5, 4, 4, relu: true), NormGeometry.Layer(3, 7),
            ])
        {
            using Tensor input = KernelPair.Values(geometry.Input, 376), upstream = KernelPair.Values(geometry.Input, 2);
            using Tensor gamma = KernelPair.Values(geometry.Parameters, 3), beta = KernelPair.Values(geometry.Parameters, 4);
            using NormResults results = new(geometry), scratch = new(geometry);
            NormParameters parameters = new(gamma, beta);
            geometry.Forward(managed.Kernels, parameters, default, input, results.Output, results.Statistics);
            geometry.Backward(managed.Kernels, parameters, results.Statistics, input, upstream, results.Gradients);

            // A step must not carry an element over the corner of the ReLU: it changes a result by less than 4 steps. The seed
            // was chosen for this, and for deviations that are not small.
            NormGeometry straight = geometry with { Relu = false };
            straight.Forward(managed.Kernels, parameters, default, input, scratch.Output, scratch.Statistics);
            Assert.True(!geometry.Relu || scratch.Output.ToArray().All(y => Math.Abs(y) > 4 * step), $"{geometry}: a corner.");

            // Third derivatives go with the cube of 1 / deviation, which is below 3 here: 6 times that in sum, over 6. Some 40
            // results of up to 3 are rounded, half an ulp each, and divided by two steps.
            Assert.True(results.Inverse.ToArray().Max() < 3);
            double tolerance = 27 * step * step + 40 * 1.5 * KernelPair.Epsilon / (2 * step);
            double Objective()
            {
                geometry.Forward(managed.Kernels, parameters, default, input, scratch.Output, scratch.Statistics);
                return CentralDifferences.WeightedSum(scratch.Output, upstream);
            }

            CentralDifferences.AreClose(input, results.InputGradient, Objective, step, tolerance, $"{geometry}, input");
            CentralDifferences.AreClose(gamma, results.GammaGradient, Objective, step, tolerance, $"{geometry}, gamma");
            CentralDifferences.AreClose(beta, results.BetaGradient, Objective, step, tolerance, $"{geometry}, beta");
        }
    }

    [Fact]
    public void Normalisations_and_their_gradients_allocate_nothing()
    {
        foreach (NormGeometry geometry in (NormGeometry[])
            [NormGeometry.Batch(128, 20, relu: true), NormGeometry.Group(2, 64, 20, 4), NormGeometry.Layer(128, 20)])
        {
            using Tensor input = KernelPair.Values(geometry.Input, 1), upstream = KernelPair.Values(geometry.Input, 2);
            using Tensor gamma = KernelPair.Values(geometry.Parameters, 3), beta = KernelPair.Values(geometry.Parameters, 4);
            using NormResults results = new(geometry);
            NormParameters parameters = new(gamma, beta);
            RunningStatistics running = results.Running;
            NormStatistics saved = results.Statistics;
            NormGradients gradients = results.Gradients;
            KernelPair.AllocatesNothing(kernels =>
            {
                geometry.Forward(kernels, in parameters, in running, input, results.Output, in saved);
                geometry.Backward(kernels, in parameters, in saved, input, upstream, in gradients);
            });
        }
    }

    private static Tensor Shifted(Shape shape, float shift)
    {
        Tensor tensor = KernelPair.Values(shape, 1);
        using TensorAccess access = tensor.Access();
        foreach (ref float value in access.Values)
            value += shift;
        return tensor;
    }

    /// <summary>Compares everything; inputs are at most <paramref name="reach"/>, all other arguments 1.</summary>
    private static void AreClose(NormGeometry geometry, NormResults expected, NormResults actual, double reach, string what)
    {
        double inverse = expected.Inverse.ToArray().Max(), rows = (double)geometry.Samples * geometry.Pixels;

        // Statistics come from float64 sums and are rounded once; a running one is a sum of two roundings at most.
        KernelPair.AreClose(expected.Mean, actual.Mean, 1e-12 * reach, KernelPair.Epsilon, $"{what}, mean");
        KernelPair.AreClose(expected.Inverse, actual.Inverse, 0, 2 * KernelPair.Epsilon, $"{what}, inverse");
        KernelPair.AreClose(expected.RunningMean, actual.RunningMean, reach * KernelPair.Epsilon, 0, $"{what}, running mean");
        KernelPair.AreClose(
            expected.RunningVariance, actual.RunningVariance, 2 * KernelPair.Epsilon, 0, $"{what}, running variance");

        // mean, 1 / deviation, scale and offset are rounded in the native kernels, and the result: each of them by half an ulp of
        // what they add, which is at most inverse (|x| + |mean|) and beta.
        double output = 4 * KernelPair.Epsilon * (2 * reach * inverse + 1);
        KernelPair.AreClose(expected.Output, actual.Output, output, 0, $"{what}, output");

        // by_gradient, slope and constant likewise: inverse (|dy| + 1 + normal + 2 |mean| inverse), normal being the normalised
        // input, which is at most the distance of two inputs over the deviation.
        double gradient = 2 * KernelPair.Epsilon * inverse * (2 + 2 * inverse + 2 * reach * inverse);
        KernelPair.AreClose(expected.InputGradient, actual.InputGradient, gradient, 0, $"{what}, input gradient");

        // Sums of so many terms in float64, rounded once.
        double sum = 1e-14 * rows * (1 + 2 * reach * inverse);
        KernelPair.AreClose(expected.GammaGradient, actual.GammaGradient, sum, KernelPair.Epsilon, $"{what}, gamma gradient");
        KernelPair.AreClose(expected.BetaGradient, actual.BetaGradient, sum, KernelPair.Epsilon, $"{what}, beta gradient");
    }
}
