// Losses and their gradients: native against managed kernels, and gradients of the managed kernels against differences of
// their losses, which are float64.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class LossKernelTests
{
    private const float Step = 1f / 256;

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Cross_entropy_agrees(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (int Rows, int Classes)[] sizes = [(1, 1), (5, 3), (7, 16), (9, 17), (3, 1500), (400, 10)];
        foreach ((int rows, int classes) in sizes)
        {
            foreach ((bool soft, bool weighted, LossReduction reduction, float smoothing) in Options())
            {
                using EntropyCase data = new(rows, classes, weighted);
                CrossEntropyOptions options = new(reduction, smoothing, IgnoreIndex: -7);
                using Tensor expected = KernelPair.Unwritten((rows, classes)), actual = data.Logits.Clone();
                double loss = data.Run(managed.Kernels, in options, soft, data.Logits, expected);
                double found = data.Run(native.Kernels, in options, soft, actual, actual);
                string what = $"{rows} x {classes}, soft {soft}, weighted {weighted}, {reduction}, smoothing {smoothing}";

                // Losses are sums of positive terms with exponentials within 4 ulp, of up to 64 in each float32 lane; logits of
                // up to 4 round by as much again. Slopes are of the size of the weights, 3 at most, over the mean's divisor.
                Assert.Equal(loss, found, 96 * KernelPair.Epsilon * (1e-3 + Math.Abs(loss)));
                double size = reduction == LossReduction.Sum || !soft ? 3 : 3.0 / rows;
                KernelPair.AreClose(expected, actual, 8 * size * KernelPair.Epsilon, 32 * KernelPair.Epsilon, what);
                Assert.Equal(found, data.Run(native.Kernels, in options, soft, data.Logits, gradient: null));
            }
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_gradient_of_cross_entropy_is_the_limit_of_differences(bool soft, bool weighted)
    {
        using ComputeContext managed = new(Backend.Managed);
        using EntropyCase data = new(rows: 5, classes: 4, weighted);
        CrossEntropyOptions options = new(LossReduction.Mean, LabelSmoothing: 0.2f, IgnoreIndex: -7);
        using Tensor gradient = KernelPair.Unwritten(data.Logits.Shape);
        data.Run(managed.Kernels, in options, soft, data.Logits, gradient);

        // step^2 / 6 times a third derivative below 3, and the rounding of the gradient.
        AreDifferences(
            data.Logits, gradient, () => data.Run(managed.Kernels, in options, soft, data.Logits, gradient: null),
            Step * Step / 2, $"soft {soft}");
    }

    [Fact]
    public void Ignored_rows_and_targets_of_zero_count_for_nothing()
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using Tensor logits = Tensor.FromSpan([1, 2, 3, float.NegativeInfinity], (2, 2));
            using Tensor gradient = KernelPair.Unwritten((2, 2)), soft = Tensor.FromSpan([0.5f, 0.5f, 1, 0], (2, 2));
            using Tensor ignored = IntegerElements.Create([-100, -100]), second = IntegerElements.Create([-100, 0]);
            CrossEntropyOptions mean = new();
            Assert.Equal(0, context.Kernels.CrossEntropy(in mean, logits, ignored, null, gradient));
            Assert.Equal([0f, 0, 0, 0], gradient.ToArray());
            Assert.Equal(0, context.Kernels.CrossEntropy(in mean, logits, second, null, gradient));
            Assert.Equal([0f, 0, 0, 0], gradient.ToArray());

            // Halves of log(1 + e) - 0 and log(1 + e) - 1 in the first row, nothing in the second; then the mean of both.
            double loss = context.Kernels.SoftCrossEntropy(in mean, logits, soft, null, gradient);
            Assert.Equal((Math.Log(1 + Math.E) - 0.5) / 2, loss, 1e-6);
            Assert.All(gradient.ToArray(), slope => Assert.True(float.IsFinite(slope)));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_label_that_is_no_class_is_refused_before_anything_is_written(int label)
    {
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            using ComputeContext context = new(backend);
            using Tensor logits = KernelPair.Values((2, 3), 1), gradient = Tensor.Full((2, 3), 5);
            using Tensor labels = IntegerElements.Create([0, label]);
            ArgumentException error = Assert.Throws<ArgumentException>(
                () => context.Kernels.CrossEntropy(new CrossEntropyOptions(), logits, labels, null, gradient));
            Assert.Contains($"label 1 is {label}", error.Message, StringComparison.Ordinal);
            Assert.All(gradient.ToArray(), value => Assert.Equal(5, value));
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Losses_of_elements_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (int Rows, int Channels)[] sizes = [(1, 1), (5, 3), (33, 16), (9, 17), (2, 5000), (3000, 7)];
        foreach ((int rows, int channels) in sizes)
        {
            foreach (LossFunction loss in Functions())
            {
                bool weighted = loss.Kind == LossKind.BinaryCrossEntropyWithLogits && channels % 2 == 1;
                using Tensor prediction = Scaled((rows, channels), 1, 4), target = Targets((rows, channels), 2);
                using Tensor? weights = weighted ? Positive(channels, 3) : null;
                using Tensor expected = KernelPair.Unwritten(prediction.Shape), actual = prediction.Clone();
                double value = managed.Kernels.Loss(in loss, prediction, target, weights, expected);
                double found = native.Kernels.Loss(in loss, actual, target, weights, actual);

                // Losses are positive and some 16 ulp good, and up to 64 are added in each float32 lane. Slopes are about 1 over
                // the mean's divisor; a power of the focal loss takes gamma |log m|, 20 at most, as many ulp away.
                Assert.True(Math.Abs(found - value) <= 96 * KernelPair.Epsilon * (1e-3 + value), $"{loss}: {found}, {value}");
                double scale = loss.Reduction == LossReduction.Mean ? 1.0 / (rows * channels) : 1;
                KernelPair.AreClose(
                    expected, actual, 4 * scale * KernelPair.Epsilon, 32 * KernelPair.Epsilon, $"{rows} x {channels}, {loss}");
                Assert.Equal(found, native.Kernels.Loss(in loss, prediction, target, weights, gradient: null));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Losses_of_extreme_predictions_agree_and_NaN_is_not_hidden(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        float[] points = [0, -0f, 1e-20f, 17, -17, 50, -50, 88, -88, 110, -110, 1000, -1000, 1e9f, -1e9f, float.NaN];
        foreach (LossFunction loss in Functions())
        {
            foreach (float point in points)
            {
                foreach (float goal in (float[])[0, 0.5f, 1])
                {
                    using Tensor prediction = Tensor.FromSpan([point], 1), target = Tensor.FromSpan([goal], 1);
                    using Tensor expected = KernelPair.Unwritten(1), actual = KernelPair.Unwritten(1);
                    double value = managed.Kernels.Loss(in loss, prediction, target, null, expected);
                    double found = native.Kernels.Loss(in loss, prediction, target, null, actual);
                    string what = $"{loss} of {point} for {goal}";
                    Assert.Equal(float.IsNaN(point), double.IsNaN(value));

                    // Some 16 ulp, and gamma |log m| more for powers, where |log m| is at most 85; what vanishes in float32 is 0.
                    bool near = Math.Abs(found - value) <= 256 * KernelPair.Epsilon * value + 1e-30;
                    Assert.True(near || found.Equals(value), $"{what}: {found}, {value}");
                    KernelPair.AreClose(expected, actual, 1e-16, 256 * KernelPair.Epsilon, what);
                }
            }
        }
    }

    [Fact]
    public void Gradients_of_losses_are_the_limit_of_differences()
    {
        using ComputeContext managed = new(Backend.Managed);
        float[] points = [-3.7f, -1.3f, -0.4f, 0.3f, 0.45f, 0.8f, 2.6f, 3.9f], targets = [0, 1, 0, 1, 0.25f, 0.75f, 0, 1];
        using Tensor prediction = Tensor.FromSpan(points, (4, 2)), target = Tensor.FromSpan(targets, (4, 2));
        using Tensor gradient = KernelPair.Unwritten((4, 2)), positiveWeights = Tensor.FromSpan([0.5f, 3], 2);
        foreach (LossFunction loss in Functions())
        {
            Tensor? weights = loss.Kind == LossKind.BinaryCrossEntropyWithLogits ? positiveWeights : null;
            managed.Kernels.Loss(in loss, prediction, target, weights, gradient);

            // step^2 / 6 times a third derivative below 6 of the smooth ones; the corners of the others lie elsewhere.
            AreDifferences(
                prediction, gradient, () => managed.Kernels.Loss(in loss, prediction, target, weights, null), Step * Step,
                $"{loss}");
        }
    }

    [Fact]
    public void Losses_allocate_nothing()
    {
        using EntropyCase data = new(rows: 64, classes: 33, weighted: true);
        using Tensor gradient = KernelPair.Unwritten(data.Logits.Shape);
        CrossEntropyOptions options = new(LossReduction.Mean, 0.1f, IgnoreIndex: -7);
        LossFunction[] functions = [.. Functions()];
        KernelPair.AllocatesNothing(kernels =>
        {
            kernels.CrossEntropy(in options, data.Logits, data.Labels, data.Weights, gradient);
            kernels.SoftCrossEntropy(in options, data.Logits, data.SoftLabels, data.Weights, gradient);
            foreach (ref readonly LossFunction loss in functions.AsSpan())
                kernels.Loss(in loss, data.Logits, data.SoftLabels, null, gradient);
        });
    }

    private static IEnumerable<(bool Soft, bool Weighted, LossReduction Reduction, float Smoothing)> Options() =>
        from soft in (bool[])[false, true]
        from weighted in (bool[])[false, true]
        from reduction in Enum.GetValues<LossReduction>()
        from smoothing in (float[])[0, 0.1f]
        select (soft, weighted, reduction, smoothing);

    private static IEnumerable<LossFunction> Functions() =>
        from reduction in Enum.GetValues<LossReduction>()
        from loss in (LossFunction[])
        [
            new(LossKind.BinaryCrossEntropyWithLogits), new(LossKind.MeanSquaredError), new(LossKind.AbsoluteError),
            new(LossKind.Huber), new(LossKind.Huber, Delta: 0.3f), new(LossKind.Focal),
            new(LossKind.Focal, Gamma: 0.5f, Alpha: -1), new(LossKind.Focal, Gamma: 0, Alpha: 0.6f),
        ]
        select loss with { Reduction = reduction };

    private static void AreDifferences(Tensor point, Tensor gradient, Func<double> objective, double tolerance, string what)
    {
        float[] slopes = gradient.ToArray(), place = point.ToArray();
        for (int i = 0; i < place.Length; i++)
        {
            float above = place[i] + Step, below = place[i] - Step;
            point.CopyFrom([.. place[..i], above, .. place[(i + 1)..]]);
            double high = objective();
            point.CopyFrom([.. place[..i], below, .. place[(i + 1)..]]);
            double difference = (high - objective()) / ((double)above - below);
            double limit = tolerance + KernelPair.Epsilon * Math.Abs(difference);
            Assert.True(Math.Abs(slopes[i] - difference) <= limit, $"{what}: slope {i} is {slopes[i]:R}, expected {difference:R}.");
        }

        point.CopyFrom(place);
    }

    private static Tensor Mapped(Shape shape, uint seed, Func<float, int, float> map)
    {
        Tensor tensor = KernelPair.Values(shape, seed);
        tensor.CopyFrom([.. tensor.ToArray().Select(map)]);
        return tensor;
    }

    private static Tensor Scaled(Shape shape, uint seed, float factor) => Mapped(shape, seed, (value, _) => factor * value);

    /// <summary>From 0.1 to 3.</summary>
    private static Tensor Positive(Shape shape, uint seed) => Mapped(shape, seed, (value, _) => 1.55f + 1.45f * value);

    /// <summary>0, 1 and what lies between.</summary>
    private static Tensor Targets(Shape shape, uint seed) =>
        Mapped(shape, seed, (value, i) => i % 3 == 0 ? 0.5f + 0.5f * value : value > 0 ? 1 : 0);

    private sealed class EntropyCase : IDisposable
    {
        public EntropyCase(int rows, int classes, bool weighted)
        {
            Logits = Scaled((rows, classes), 1, 4);
            SoftLabels = Mapped((rows, classes), 2, (value, i) => i % 4 == 0 ? 0 : Math.Abs(value) / classes);
            Weights = weighted ? Positive(classes, 3) : null;
            Labels = IntegerElements.Create([.. Enumerable.Range(0, rows).Select(i => i % 5 == 3 ? -7 : i * 7 % classes)]);
        }

        public Tensor Logits { get; }

        public Tensor SoftLabels { get; }

        public Tensor? Weights { get; }

        public Tensor Labels { get; }

        public double Run(IKernels kernels, in CrossEntropyOptions options, bool soft, Tensor logits, Tensor? gradient) => soft
            ? kernels.SoftCrossEntropy(in options, logits, SoftLabels, Weights, gradient)
            : kernels.CrossEntropy(in options, logits, Labels, Weights, gradient);

        public void Dispose()
        {
            Logits.Dispose();
            SoftLabels.Dispose();
            Weights?.Dispose();
            Labels.Dispose();
        }
    }
}
