// Activations, PReLU and softmax with their gradients: native against managed kernels, and managed gradients against
// differences of the managed functions.

using CnnNative.Kernels;
using CnnNative.Kernels.Managed;

namespace CnnNative.Tests.Kernels;

public sealed class ActivationKernelTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    public static TheoryData<ActivationKind> Kinds => new(Enum.GetValues<ActivationKind>());

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_activation_and_its_gradient_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        float[] points = [.. Enumerable.Range(-2000, 40_001).Select(i => i / 100f), -0f, 1e30f, -1e30f];
        using Tensor input = Tensor.FromSpan(points, points.Length);
        using Tensor upstream = KernelPair.Values(points.Length, 2);
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            Activation activation = new(kind, Alpha: 0.25f, Beta: 0.5f);
            foreach (bool accumulate in (bool[])[false, true])
            {
                using Tensor expected = KernelPair.Values(points.Length, 3), actual = expected.Clone();
                managed.Kernels.ActivateBackward(activation, input, upstream, accumulate, expected);
                native.Kernels.ActivateBackward(activation, input, upstream, accumulate, actual);

                // Slopes are at most 1.8 and good to some 8 ulp; GELU, SiLU and Mish cancel near their minimum, where the terms
                // are about 0.3. A sum adds the rounding of what was there.
                KernelPair.AreClose(expected, actual, 8 * KernelPair.Epsilon, 8 * KernelPair.Epsilon, $"{kind}, {accumulate}");
            }

            using Tensor result = KernelPair.Unwritten(points.Length), reference = KernelPair.Unwritten(points.Length);
            native.Kernels.Activate(activation, input, result);
            managed.Kernels.Activate(activation, input, reference);

            // Up to 8 ulp; the hard sigmoid rounds alpha x near its zero, where beta is taken off.
            KernelPair.AreClose(reference, result, 1e-7, 8 * KernelPair.Epsilon, $"{kind}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_gradient_of_an_activation_is_the_limit_of_differences(ActivationKind kind)
    {
        Activation activation = new(kind, Alpha: 0.25f, Beta: 0.5f);
        const float step = 1f / 1024;
        float[] points = [-3.7f, -1.3f, -0.4f, 0.3f, 0.45f, 0.8f, 2.6f, 3.9f], slopes = new float[points.Length];
        ManagedActivationGradient.Run(activation, points, [1, 1, 1, 1, 1, 1, 1, 1], false, slopes);
        for (int i = 0; i < points.Length; i++)
        {
            float above = points[i] + step, below = points[i] - step;
            var values = new float[2];
            ManagedActivation.Run(activation, [above, below], values);
            double difference = ((double)values[0] - values[1]) / ((double)above - below);

            // Third derivatives of at most 2 leave step^2 / 3; the roundings of values of up to 7 are divided by 2 steps.
            Assert.Equal(difference, slopes[i], 7 * KernelPair.Epsilon / (2 * step) + step * step);
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void PReLU_and_softmax_agree_with_their_gradients(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (int Rows, int Channels)[] cases = [(1, 1), (7, 1), (5, 3), (9, 16), (4, 17), (33, 40), (3, 1500), (700, 64)];
        foreach ((int rows, int channels) in cases)
        {
            using Tensor input = KernelPair.Values((rows, channels), 1), slopes = KernelPair.Values(channels, 2);
            using Tensor upstream = KernelPair.Values((rows, channels), 3);
            Outputs expected = new(managed.Kernels, input, slopes, upstream), actual = new(native.Kernels, input, slopes, upstream);
            string what = $"{rows} x {channels}";

            // A product each; sums of rows (channels) terms below 1 in partial float32 sums; exponentials within 4 ulp, and
            // logarithms of up to 8 that are rounded to float32.
            KernelPair.AreClose(expected.PRelu, actual.PRelu, 0, KernelPair.Epsilon, what);
            KernelPair.AreClose(expected.PReluGradient, actual.PReluGradient, KernelPair.Epsilon, 0, what);
            KernelPair.AreClose(expected.SlopeGradient, actual.SlopeGradient, 4 * rows * KernelPair.Epsilon, 0, what);
            KernelPair.AreClose(expected.Softmax, actual.Softmax, 0, 16 * KernelPair.Epsilon, what);
            KernelPair.AreClose(expected.SoftmaxGradient, actual.SoftmaxGradient, 24 * KernelPair.Epsilon, 0, what);
            KernelPair.AreClose(expected.LogSoftmax, actual.LogSoftmax, 16 * KernelPair.Epsilon, 0, what);
            KernelPair.AreClose(
                expected.LogSoftmaxGradient, actual.LogSoftmaxGradient, (16 + channels) * KernelPair.Epsilon, 0, what);
            expected.Dispose();
            actual.Dispose();
        }
    }

    [Fact]
    public void Gradients_of_softmax_are_the_limit_of_differences()
    {
        const int channels = 9;
        const float step = 1f / 256;
        using Tensor input = KernelPair.Values(channels, 1), upstream = KernelPair.Values(channels, 2);
        float[] x = input.ToArray(), dy = upstream.ToArray(), y = new float[channels], dx = new float[channels];
        foreach (bool logarithm in (bool[])[false, true])
        {
            Forward(logarithm, x, y);
            if (logarithm)
                ManagedSoftmax.LogarithmBackward(channels, y, dy, dx);
            else
                ManagedSoftmax.Backward(channels, y, dy, dx);

            for (int c = 0; c < channels; c++)
            {
                float[] above = [.. x], below = [.. x];
                above[c] += step;
                below[c] -= step;
                double difference = (Objective(logarithm, above, dy) - Objective(logarithm, below, dy))
                    / ((double)above[c] - below[c]);

                // Roundings of values of up to 4, channels of them, over 2 steps, and a third derivative of at most 9 / 6.
                Assert.Equal(difference, dx[c], 4 * channels * KernelPair.Epsilon / (4 * step) + 2 * step * step);
            }
        }
    }

    [Fact]
    public void Activations_and_their_gradients_allocate_nothing()
    {
        using Tensor a = KernelPair.Values((64, 32), 1), b = KernelPair.Values((64, 32), 2), c = KernelPair.Unwritten((64, 32));
        using Tensor slopes = KernelPair.Values(32, 3), slopeGradient = KernelPair.Unwritten(32);
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.Activate(Activation.Mish, a, c);
            kernels.ActivateBackward(Activation.Gelu, a, b, false, c);
            kernels.PRelu(a, slopes, c);
            kernels.PReluBackward(a, slopes, b, false, c, slopeGradient);
            kernels.Softmax(a, c);
            kernels.LogSoftmax(a, c);
            kernels.SoftmaxBackward(a, b, c);
            kernels.LogSoftmaxBackward(a, b, c);
        });
    }

    private static void Forward(bool logarithm, float[] x, float[] y)
    {
        if (logarithm)
            ManagedSoftmax.Logarithm(x.Length, x, y);
        else
            ManagedSoftmax.Run(1, x.Length, x, y);
    }

    private static double Objective(bool logarithm, float[] x, float[] dy)
    {
        var y = new float[x.Length];
        Forward(logarithm, x, y);
        return y.Zip(dy, (a, b) => (double)a * b).Sum();
    }

    private sealed class Outputs : IDisposable
    {
        public Outputs(IKernels kernels, Tensor input, Tensor slopes, Tensor upstream)
        {
            Tensor[] all = [.. Enumerable.Range(0, 6).Select(_ => KernelPair.Unwritten(input.Shape))];
            (PRelu, PReluGradient, Softmax, SoftmaxGradient, LogSoftmax, LogSoftmaxGradient) =
                (all[0], all[1], all[2], all[3], all[4], all[5]);
            SlopeGradient = KernelPair.Unwritten(slopes.Shape);
            kernels.PRelu(input, slopes, PRelu);
            kernels.PReluBackward(input, slopes, upstream, accumulate: false, PReluGradient, SlopeGradient);
            kernels.Softmax(input, Softmax);
            kernels.SoftmaxBackward(Softmax, upstream, SoftmaxGradient);
            kernels.LogSoftmax(input, LogSoftmax);
            kernels.LogSoftmaxBackward(LogSoftmax, upstream, LogSoftmaxGradient);
        }

        public Tensor PRelu { get; }

        public Tensor PReluGradient { get; }

        public Tensor SlopeGradient { get; }

        public Tensor Softmax { get; }

        public Tensor SoftmaxGradient { get; }

        public Tensor LogSoftmax { get; }

        public Tensor LogSoftmaxGradient { get; }

        public void Dispose()
        {
            foreach (Tensor tensor in (Tensor[])
                [PRelu, PReluGradient, SlopeGradient, Softmax, SoftmaxGradient, LogSoftmax, LogSoftmaxGradient])
            {
                tensor.Dispose();
            }
        }
    }
}
