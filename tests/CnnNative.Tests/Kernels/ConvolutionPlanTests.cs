// Prepared convolutions, transposed convolutions and fully connected layers: native plans against managed ones, whose sums are
// exact but for their last rounding, and what a caller of either may rely on.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class ConvolutionPlanTests
{
    // The steepest of all activations is the negative side of SELU, 1.0507 * 1.6733 at 0.
    private const double SteepestSlope = 1.76;

    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    public static TheoryData<InstructionSet, int, Conv2dAlgorithmCase> Algorithms
    {
        get
        {
            TheoryData<InstructionSet, int, Conv2dAlgorithmCase> data = [];
            foreach (InstructionSet isa in (InstructionSet[])[InstructionSet.Scalar, InstructionSet.Avx2, InstructionSet.Avx512])
            {
                foreach (Conv2dAlgorithmCase algorithm in Enum.GetValues<Conv2dAlgorithmCase>())
                    data.Add(isa, 1 + data.Count % 3, algorithm);
            }

            return data;
        }
    }

    /// <summary>Public, as arguments of tests are; the values are those of <see cref="Conv2dAlgorithm"/>.</summary>
    public enum Conv2dAlgorithmCase
    {
        ImplicitGemm = 1,
        Depthwise = 2,
        Winograd4x4 = 3,
        Winograd2x2 = 4,
        Planes = 6,
        Grouped = 7,
    }

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Plans_agree_for_every_geometry_and_option(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        (Activation Activation, bool Bias, int OutputGap, int ResidualGap, bool Residual, bool InPlace)[] options =
        [
            (Activation.None, false, 0, 0, false, false),
            (Activation.Relu, true, 0, 0, false, false),
            (Activation.Silu, true, 3, 0, false, false),
            (Activation.Relu6, false, 0, 5, true, false),
            (Activation.LeakyRelu(0.1f), true, 16, 2, true, false),
            (Activation.None, true, 1, 1, true, true),
        ];
        foreach ((string name, Conv2dGeometry geometry) in ConvolutionCases.All)
        {
            foreach (bool transposed in (bool[])[false, true])
            {
                foreach (var o in options)
                {
                    var run = new PlanRun(in geometry, transposed, o.Activation, o.Bias, o.OutputGap, o.ResidualGap, o.Residual, o.InPlace);
                    run.Compare(managed, native, Conv2dAlgorithm.Auto, $"{name}, transposed: {transposed}, {o}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Every_algorithm_gives_the_same_or_is_refused(InstructionSet isa, int threads, Conv2dAlgorithmCase algorithmCase)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        var algorithm = (Conv2dAlgorithm)algorithmCase;
        int refused = 0, done = 0;
        foreach ((string name, Conv2dGeometry geometry) in ConvolutionCases.All)
        {
            WindowAxis v = geometry.Vertical, h = geometry.Horizontal;
            bool fits = algorithm switch
            {
                Conv2dAlgorithm.ImplicitGemm => true,
                Conv2dAlgorithm.Depthwise => geometry.Groups == geometry.InputChannels && geometry.Groups == geometry.OutputChannels,
                Conv2dAlgorithm.Planes => h.Stride == 1 && geometry.Groups == 1 && geometry.OutputChannels <= 32,
                Conv2dAlgorithm.Grouped => geometry.InputChannels == geometry.OutputChannels && h.Window == 3 &&
                    geometry.InputChannels / geometry.Groups is 2 or 4,
                _ => v is { Window: 3, Stride: 1, Dilation: 1 } && h is { Window: 3, Stride: 1, Dilation: 1 } && geometry.Groups == 1,
            };
            if (fits)
            {
                var run = new PlanRun(in geometry, false, Activation.Relu, true, 1, 2, true, false);
                run.Compare(managed, native, algorithm, $"{name}, {algorithm}");
                done++;
            }
            else
            {
                Assert.Throws<PlatformNotSupportedException>(
                    () => native.Kernels.PrepareConv2d(in geometry, default, new Conv2dOptions(Algorithm: algorithm)).Dispose());
                refused++;
            }
        }

        Assert.True(done >= 2 && done + refused == ConvolutionCases.All.Length);
    }

    [Fact]
    public void Every_activation_is_fused_with_its_parameters()
    {
        using ComputeContext native = new();
        using ComputeContext managed = new(Backend.Managed);
        WindowAxis axis = Geometries.Axis(9, 3, 1, 1, 1, 1);
        foreach (int channels in (int[])[1, 20])
        {
            Conv2dGeometry geometry = new(1, axis, axis, channels, channels, channels == 1 ? 1 : 4);
            foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
            {
                foreach (bool transposed in (bool[])[false, true])
                {
                    var run = new PlanRun(
                        in geometry, transposed, new Activation(kind, Alpha: 0.25f, Beta: 0.75f), true, 0, 0, true, false);
                    run.Compare(managed, native, Conv2dAlgorithm.ImplicitGemm, $"{kind}, {channels} channels, {transposed}");
                }
            }
        }
    }

    [Theory]
    [InlineData(Backend.Native)]
    [InlineData(Backend.Managed)]
    public void A_plan_sees_new_weights_when_it_packs_them_and_refuses_to_run_before(Backend backend)
    {
        using ComputeContext context = new(backend);
        var geometry = Conv2dGeometry.Linear(rows: 1, inputFeatures: 2, outputFeatures: 1);
        using IConv2dPlan plan = context.Kernels.PrepareConv2d(in geometry);
        using Tensor input = Tensor.FromSpan([2f, 3f], (1, 2)), weights = Tensor.FromSpan([10f, 100f], (1, 2));
        using Tensor bias = Tensor.FromSpan([1000f], 1), output = KernelPair.Unwritten((1, 1));

        Assert.Throws<InvalidOperationException>(() => plan.Run(input, null, output));
        plan.Pack(weights, bias);
        weights.Fill(7f);
        bias.Fill(7f);
        plan.Run(input, null, output);
        Assert.Equal(1320f, output[0, 0]);
        plan.Pack(weights, bias: null);
        plan.Run(input, null, output);
        Assert.Equal(35f, output[0, 0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_plan_tells_what_it_is(bool transposed)
    {
        using ComputeContext native = new(Backend.Native, threads: 1);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((string name, Conv2dGeometry geometry) in ConvolutionCases.All)
        {
            using IConv2dPlan expected = ConvolutionCases.Prepare(managed, in geometry, transposed);
            using IConv2dPlan actual = ConvolutionCases.Prepare(native, in geometry, transposed);
            Conv2dPlanDescription description = actual.Describe();
            Assert.Equal(expected.Describe().MultiplyAccumulates, description.MultiplyAccumulates);
            Assert.True(description.PackedBytes >= expected.Describe().PackedBytes, name);
            Assert.EndsWith(native.InstructionSetName, description.Algorithm, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Backend.Native)]
    [InlineData(Backend.Managed)]
    public void A_plan_runs_from_several_threads_at_once(Backend backend)
    {
        using ComputeContext context = new(backend, threads: 2);
        Conv2dGeometry geometry = ConvolutionCases.All.Single(c => c.Name == "3x3").Geometry;
        using IConv2dPlan plan = context.Kernels.PrepareConv2d(in geometry, Activation.Relu);
        using Tensor weights = KernelPair.Values(ConvolutionCases.Weights(in geometry), 1);
        plan.Pack(weights, null);
        Tensor[] inputs = [.. Enumerable.Range(0, 8).Select(i => KernelPair.Values(ConvolutionCases.Input(in geometry), 2 + (uint)i))];
        Tensor[] outputs = [.. inputs.Select(_ => KernelPair.Unwritten(ConvolutionCases.Output(in geometry)))];
        float[][] expected = [.. inputs.Select(input =>
        {
            plan.Run(input, null, outputs[0]);
            return outputs[0].ToArray();
        })];

        Parallel.For(0, 200, i =>
        {
            lock (outputs[i % 8])
                plan.Run(inputs[i % 8], null, outputs[i % 8]);
        });

        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(expected[i], outputs[i].ToArray());
            inputs[i].Dispose();
            outputs[i].Dispose();
        }
    }

    [Fact]
    public void Convolutions_allocate_nothing()
    {
        foreach (string name in (string[])["3x3 for Winograd", "groups", "depthwise", "linear, a batch"])
        {
            Conv2dGeometry geometry = ConvolutionCases.All.Single(c => c.Name == name).Geometry;
            using Tensor x = KernelPair.Values(ConvolutionCases.Input(in geometry), 1), dx = KernelPair.Unwritten(x.Shape);
            using Tensor y = KernelPair.Values(ConvolutionCases.Output(in geometry), 2), dy = KernelPair.Values(y.Shape, 3);
            using Tensor w = KernelPair.Values(ConvolutionCases.Weights(in geometry), 4), dw = KernelPair.Unwritten(w.Shape);
            using Tensor b = KernelPair.Values(geometry.OutputChannels, 5), db = KernelPair.Unwritten(geometry.OutputChannels);
            using Tensor inputBias = KernelPair.Unwritten(geometry.InputChannels);
            KernelPair.AllocatesNothing(kernels =>
            {
                IConv2dPlan forward = kernels.PrepareConv2d(in geometry, Activation.Relu);
                IConv2dPlan backward = kernels.PrepareConv2dTranspose(in geometry);
                return new PreparedCalls(
                    () =>
                    {
                        forward.Pack(w, b);
                        forward.Run(x, dy, y);
                        backward.Pack(w, null);
                        backward.Run(dy, null, dx);
                        forward.BackwardWeights(x, dy, accumulate: true, dw, db);
                        backward.BackwardWeights(dy, x, accumulate: false, dw, inputBias);
                    },
                    forward, backward);
            });
        }
    }

    /// <summary>One geometry with one set of options, run on two contexts and compared.</summary>
    private sealed class PlanRun(
        in Conv2dGeometry geometry,
        bool transposed,
        Activation activation,
        bool hasBias,
        int outputGap,
        int residualGap,
        bool hasResidual,
        bool inPlace)
    {
        private readonly Conv2dGeometry _geometry = geometry;
        private readonly Shape _input = transposed ? ConvolutionCases.Output(in geometry) : ConvolutionCases.Input(in geometry);
        private readonly Shape _output = transposed ? ConvolutionCases.Input(in geometry) : ConvolutionCases.Output(in geometry);

        private int Channels => _output[^1];

        public void Compare(ComputeContext managed, ComputeContext native, Conv2dAlgorithm algorithm, string what)
        {
            using Tensor input = KernelPair.Values(_input, 1), weights = KernelPair.Values(ConvolutionCases.Weights(in _geometry), 2);
            using Tensor bias = KernelPair.Values(Channels, 3), residual = KernelPair.Values(Wide(residualGap), 4);
            using Tensor expected = Run(managed, input, weights, bias, residual, activation, algorithm, out _);
            using Tensor actual = Run(native, input, weights, bias, residual, activation, algorithm, out string name);
            using Tensor sizes = ConvolutionCases.Magnitudes(input), weightSizes = ConvolutionCases.Magnitudes(weights);
            using Tensor biasSizes = ConvolutionCases.Magnitudes(bias), residualSizes = ConvolutionCases.Magnitudes(residual);
            using Tensor terms = Run(managed, sizes, weightSizes, biasSizes, residualSizes, Activation.None, algorithm, out _);

            // A rounding for each product, for bias and residual, and for the result of either side. An activation multiplies that
            // by its slope; its own error is some 8 ulp of a result that no term exceeds (1 where it is bounded).
            int products = ConvolutionCases.Products(in _geometry, transposed);
            double relative = SteepestSlope * (products + 4) * ConvolutionCases.Roundoff;
            bool winograd = name.Contains("winograd", StringComparison.OrdinalIgnoreCase);
            double largest = terms.ToArray().Where(float.IsFinite).Max();
            double absolute = activation.Kind == ActivationKind.None ? 0 : 8 * KernelPair.Epsilon * Math.Max(1, largest);
            absolute += winograd ? SteepestSlope * ConvolutionCases.WinogradError * LargestSum(managed, input, weights) : 0;
            ConvolutionCases.AreClose(expected, actual, terms, relative, absolute, $"{what}, {name}");
        }

        private Shape Wide(int gap) => (_output[0], _output[1], _output[2], Channels + gap);

        private double LargestSum(ComputeContext managed, Tensor input, Tensor weights)
        {
            using IConv2dPlan plan = ConvolutionCases.Prepare(managed, in _geometry, transposed);
            using Tensor output = KernelPair.Unwritten(_output);
            plan.Pack(weights, null);
            plan.Run(input, null, output);
            return output.ToArray().Max(Math.Abs);
        }

        private Tensor Run(
            ComputeContext context,
            Tensor input,
            Tensor weights,
            Tensor bias,
            Tensor residual,
            Activation function,
            Conv2dAlgorithm algorithm,
            out string name)
        {
            Conv2dOptions options = new(
                outputGap == 0 ? 0 : Channels + outputGap, hasResidual && residualGap != 0 ? Channels + residualGap : 0, algorithm);
            using IConv2dPlan plan = ConvolutionCases.Prepare(context, in _geometry, transposed, function, in options);
            name = plan.Describe().Algorithm;
            Tensor output = inPlace ? residual.Clone() : KernelPair.Unwritten(Wide(outputGap));
            plan.Pack(weights, hasBias ? bias : null);
            plan.Run(input, inPlace ? output : hasResidual ? residual : null, output);
            return output;
        }
    }
}
