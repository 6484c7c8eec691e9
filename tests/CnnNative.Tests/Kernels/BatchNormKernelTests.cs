// Batch normalisation with given statistics: as inference, as a scale and an offset, and folded into a convolution; native
// against managed kernels, and all three against each other.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class BatchNormKernelTests
{
    private const float Epsilon = 1e-3f;

    private static readonly (int Rows, int Channels, bool Relu)[] Sizes =
        [(1, 1, false), (7, 3, true), (9, 16, false), (33, 17, true), (200, 5, false), (3, 300, true), (3000, 24, false)];

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Inference_its_scale_and_its_folding_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        for (int i = 0; i < Sizes.Length; i++)
        {
            (int rows, int channels, bool relu) = Sizes[i];
            BatchNormGeometry geometry = new(rows, channels, Epsilon, Momentum: 0.1f, relu);
            using Arguments given = new(channels);
            NormParameters parameters = new(i % 3 == 1 ? null : given.Gamma, i % 3 == 2 ? null : given.Beta);
            Tensor? bias = i % 2 == 0 ? given.Bias : null;
            using Results expected = new(managed.Kernels, geometry, given, parameters, bias);
            using Results actual = new(native.Kernels, geometry, given, parameters, bias);

            // Arguments are at most 1 and variances at least 0.1, so a scale is at most 3.2 and a result at most 7.4. Native
            // inference rounds the scale, the offset and the result, each by half an ulp of what they add; the others round once.
            const double once = 7.4 * KernelPair.Epsilon;
            KernelPair.AreClose(expected.Output, actual.Output, 3 * once, 0, $"{geometry}, output");
            KernelPair.AreClose(expected.Scale, actual.Scale, 0, KernelPair.Epsilon, $"{geometry}, scale");
            KernelPair.AreClose(expected.Offset, actual.Offset, once, 0, $"{geometry}, offset");
            KernelPair.AreClose(expected.Weights, actual.Weights, 0, KernelPair.Epsilon, $"{geometry}, folded weights");
            KernelPair.AreClose(expected.Shifts, actual.Shifts, once, 0, $"{geometry}, folded bias");
        }
    }

    [Theory]
    [InlineData(Backend.Managed)]
    [InlineData(Backend.Native)]
    public void A_folded_convolution_gives_what_it_and_the_normalisation_give(Backend backend)
    {
        const int channels = 6;
        using ComputeContext context = new(backend, threads: 1);
        using Arguments given = new(channels);
        WindowAxis axis = Geometries.Axis(input: 5, window: 1, stride: 1, dilation: 1, before: 0, after: 0);
        Conv2dGeometry convolution = new(1, axis, axis, InputChannels: 4, channels, Groups: 1);
        BatchNormGeometry geometry = new(25, channels, Epsilon, Momentum: 0.1f, Relu: false);
        NormParameters parameters = new(given.Gamma, given.Beta);
        using Tensor input = KernelPair.Values((1, 5, 5, 4), 1);
        using Tensor apart = KernelPair.Unwritten((1, 5, 5, channels)), folded = KernelPair.Unwritten((1, 5, 5, channels));
        context.Kernels.Conv2d(in convolution, input, given.Weights, given.Bias, Activation.None, apart);
        context.Kernels.BatchNormInfer(in geometry, in parameters, given.Mean, given.Variance, apart, apart);

        // Weights and bias are folded where they are.
        context.Kernels.BatchNormFold(
            in geometry, in parameters, given.Mean, given.Variance, given.Weights, given.Bias, given.Weights, given.Bias);
        context.Kernels.Conv2d(in convolution, input, given.Weights, given.Bias, Activation.None, folded);

        // Five terms below 1 and a mean, times a scale of at most 3.2, and an offset: some ten roundings of values below 21.
        KernelPair.AreClose(apart, folded, 10 * 21 * KernelPair.Epsilon / 2, 0, $"{backend}");
    }

    [Fact]
    public void Inference_its_scale_and_its_folding_allocate_nothing()
    {
        BatchNormGeometry geometry = new(64, 20, Epsilon, Momentum: 0.1f, Relu: true);
        using Arguments given = new(20);
        NormParameters parameters = new(given.Gamma, given.Beta);
        using Tensor input = KernelPair.Values((64, 20), 1), output = KernelPair.Unwritten((64, 20));
        using Tensor scale = KernelPair.Unwritten(20), offset = KernelPair.Unwritten(20);
        using Tensor weights = KernelPair.Unwritten(given.Weights.Shape);
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.BatchNormInfer(in geometry, in parameters, given.Mean, given.Variance, input, output);
            kernels.BatchNormScaleOffset(in geometry, in parameters, given.Mean, given.Variance, scale, offset);
            kernels.BatchNormFold(
                in geometry, in parameters, given.Mean, given.Variance, given.Weights, given.Bias, weights, offset);
        });
    }

    private sealed class Arguments : IDisposable
    {
        public Arguments(int channels)
        {
            (Gamma, Beta, Mean, Bias) = (
                KernelPair.Values(channels, 3), KernelPair.Values(channels, 4), KernelPair.Values(channels, 5),
                KernelPair.Values(channels, 6));
            Weights = KernelPair.Values((channels, 1, 1, 4), 7);
            Variance = KernelPair.Values(channels, 8);
            using TensorAccess access = Variance.Access();
            foreach (ref float value in access.Values)
                value = Math.Abs(value) + 0.1f;
        }

        public Tensor Gamma { get; }

        public Tensor Beta { get; }

        public Tensor Mean { get; }

        public Tensor Variance { get; }

        public Tensor Weights { get; }

        public Tensor Bias { get; }

        public void Dispose()
        {
            foreach (Tensor tensor in (Tensor[])[Gamma, Beta, Mean, Variance, Weights, Bias])
                tensor.Dispose();
        }
    }

    private sealed class Results : IDisposable
    {
        public Results(
            IKernels kernels, in BatchNormGeometry geometry, Arguments given, in NormParameters parameters, Tensor? bias)
        {
            using Tensor input = KernelPair.Values((geometry.Rows, geometry.Channels), 1);
            (Scale, Offset, Shifts) = (
                KernelPair.Unwritten(geometry.Channels), KernelPair.Unwritten(geometry.Channels),
                KernelPair.Unwritten(geometry.Channels));
            Output = KernelPair.Unwritten(input.Shape);
            Weights = KernelPair.Unwritten(given.Weights.Shape);
            kernels.BatchNormInfer(in geometry, in parameters, given.Mean, given.Variance, input, Output);
            kernels.BatchNormScaleOffset(in geometry, in parameters, given.Mean, given.Variance, Scale, Offset);
            kernels.BatchNormFold(
                in geometry, in parameters, given.Mean, given.Variance, given.Weights, bias, Weights, Shifts);
        }

        public Tensor Output { get; }

        public Tensor Scale { get; }

        public Tensor Offset { get; }

        public Tensor Weights { get; }

        public Tensor Shifts { get; }

        public void Dispose()
        {
            foreach (Tensor tensor in (Tensor[])[Output, Scale, Offset, Weights, Shifts])
                tensor.Dispose();
        }
    }
}
