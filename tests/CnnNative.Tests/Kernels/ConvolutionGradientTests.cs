// The gradients of convolutions, transposed convolutions and fully connected layers by their weights, bias and input: native
// against managed plans, and managed gradients against differences of the managed forward pass.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

public sealed class ConvolutionGradientTests
{
    public static TheoryData<InstructionSet, int> Contexts => KernelPair.Contexts;

    /// <summary>Batch, height, width, kernel height and width, stride, dilation, padding before and after, input and output
    /// channels, groups.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int, int, int, int, int> Differentiated => new()
    {
        { 1, 4, 5, 3, 3, 1, 1, 1, 1, 2, 3, 1 },
        { 2, 5, 4, 2, 3, 2, 1, 0, 2, 3, 2, 1 },
        { 1, 6, 5, 3, 2, 1, 2, 2, 1, 4, 6, 2 },
        { 2, 4, 4, 3, 3, 2, 1, 1, 0, 4, 4, 4 },
        { 1, 3, 2, 4, 5, 3, 1, 3, 4, 2, 4, 2 },
        { 5, 1, 1, 1, 1, 1, 1, 0, 0, 9, 7, 1 },
    };

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Gradients_by_weights_and_bias_agree(InstructionSet isa, int threads)
    {
        using ComputeContext native = new(Backend.Native, threads, isa);
        using ComputeContext managed = new(Backend.Managed);
        foreach ((string name, Conv2dGeometry geometry) in ConvolutionCases.All)
        {
            foreach (bool transposed in (bool[])[false, true])
            {
                foreach (bool accumulate in (bool[])[false, true])
                {
                    foreach (bool hasBias in (bool[])[false, true])
                        CompareWeights(native, managed, in geometry, transposed, accumulate, hasBias, name);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Differentiated))]
    public void Gradients_are_the_limit_of_differences(
        int batch,
        int height,
        int width,
        int windowHeight,
        int windowWidth,
        int stride,
        int dilation,
        int before,
        int after,
        int inputs,
        int outputs,
        int groups)
    {
        Conv2dGeometry geometry = new(
            batch,
            Geometries.Axis(height, windowHeight, stride, dilation, before, after),
            Geometries.Axis(width, windowWidth, stride, dilation, after, before),
            inputs, outputs, groups);
        using ComputeContext managed = new(Backend.Managed);
        foreach (bool transposed in (bool[])[false, true])
        {
            Shape read = transposed ? ConvolutionCases.Output(in geometry) : ConvolutionCases.Input(in geometry);
            Shape written = transposed ? ConvolutionCases.Input(in geometry) : ConvolutionCases.Output(in geometry);
            using Tensor x = KernelPair.Values(read, 1), w = KernelPair.Values(ConvolutionCases.Weights(in geometry), 2);
            using Tensor b = KernelPair.Values(written[^1], 3), dy = KernelPair.Values(written, 4);
            using Tensor dx = KernelPair.Unwritten(read), dw = KernelPair.Unwritten(w.Shape), db = KernelPair.Unwritten(b.Shape);
            using IConv2dPlan forward = ConvolutionCases.Prepare(managed, in geometry, transposed);
            using IConv2dPlan backward = ConvolutionCases.Prepare(managed, in geometry, !transposed);
            backward.Pack(w, null);
            backward.Run(dy, null, dx);
            forward.BackwardWeights(x, dy, accumulate: false, dw, db);

            Objective objective = new(forward, x, w, b, dy);
            objective.AssertSlopes(x, dx, $"input, transposed: {transposed}");
            objective.AssertSlopes(w, dw, $"weights, transposed: {transposed}");
            objective.AssertSlopes(b, db, $"bias, transposed: {transposed}");
        }
    }

    private static void CompareWeights(
        ComputeContext native,
        ComputeContext managed,
        in Conv2dGeometry geometry,
        bool transposed,
        bool accumulate,
        bool hasBias,
        string name)
    {
        Shape inputShape = ConvolutionCases.Input(in geometry), outputShape = ConvolutionCases.Output(in geometry);
        using Tensor read = KernelPair.Values(transposed ? outputShape : inputShape, 1);
        using Tensor gradient = KernelPair.Values(transposed ? inputShape : outputShape, 2);
        using Tensor weights = accumulate ? KernelPair.Values(ConvolutionCases.Weights(in geometry), 3)
            : KernelPair.Unwritten(ConvolutionCases.Weights(in geometry));
        using Tensor bias = accumulate ? KernelPair.Values(gradient.Shape[^1], 4) : KernelPair.Unwritten(gradient.Shape[^1]);
        using Tensor actual = weights.Clone(), expected = weights.Clone(), terms = ConvolutionCases.Magnitudes(weights);
        using Tensor actualBias = bias.Clone(), expectedBias = bias.Clone(), biasTerms = ConvolutionCases.Magnitudes(bias);
        using Tensor readSizes = ConvolutionCases.Magnitudes(read), gradientSizes = ConvolutionCases.Magnitudes(gradient);

        // A plan's activation and strides are those of its run, and nothing to its gradient.
        Conv2dOptions options = new(OutputStride: gradient.Shape[^1] + 3);
        using IConv2dPlan nativePlan = ConvolutionCases.Prepare(native, in geometry, transposed, Activation.Relu, in options);
        using IConv2dPlan managedPlan = ConvolutionCases.Prepare(managed, in geometry, transposed, Activation.Relu, in options);
        nativePlan.BackwardWeights(read, gradient, accumulate, actual, hasBias ? actualBias : null);
        managedPlan.BackwardWeights(read, gradient, accumulate, expected, hasBias ? expectedBias : null);
        managedPlan.BackwardWeights(readSizes, gradientSizes, accumulate, terms, hasBias ? biasTerms : null);

        // A rounding for each pixel, for what was there, and for the result of either side. The bias sums all pixels that the plan
        // writes; a gradient that was not asked for stays as it is.
        string what = $"{name}, transposed: {transposed}, accumulate: {accumulate}";
        int biasPixels = transposed ? geometry.InputPixels : geometry.OutputPixels;
        double weightsError = (geometry.OutputPixels + 3) * ConvolutionCases.Roundoff;
        double biasError = hasBias ? (biasPixels + 3) * ConvolutionCases.Roundoff : 0;
        ConvolutionCases.AreClose(expected, actual, terms, weightsError, 0, what);
        ConvolutionCases.AreClose(expectedBias, actualBias, biasTerms, biasError, 0, $"{what}, bias: {hasBias}");
    }

    /// <summary>The sum of all outputs of a plan times their gradients, as a function of the input, the weights and the bias.
    /// </summary>
    private sealed class Objective(IConv2dPlan plan, Tensor input, Tensor weights, Tensor bias, Tensor outputGradient)
    {
        /// <summary>Changes each element of one of the three arguments in turn. The sum is linear in each, so differences are exact
        /// for any step and all that is left are roundings: of each output to float32, twice, and of the slope.</summary>
        public void AssertSlopes(Tensor argument, Tensor slopes, string what)
        {
            const float step = 1;
            float[] values = argument.ToArray(), expected = slopes.ToArray();
            for (int i = 0; i < values.Length; i++)
            {
                (double above, double roundingAbove) = At(argument, values, i, values[i] + step);
                (double below, double roundingBelow) = At(argument, values, i, values[i] - step);
                double width = (double)(values[i] + step) - (values[i] - step);
                double slope = (above - below) / width;
                double tolerance = (roundingAbove + roundingBelow) / width + ConvolutionCases.Roundoff * Math.Abs(slope);
                Assert.True(
                    Math.Abs(slope - expected[i]) <= tolerance,
                    $"{what}: element {i} is {expected[i]:R}, differences give {slope:R}, tolerance {tolerance:G3}.");
            }

            argument.CopyFrom(values);
        }

        private (double Value, double Rounding) At(Tensor argument, float[] values, int index, float value)
        {
            float[] changed = [.. values];
            changed[index] = value;
            argument.CopyFrom(changed);
            using Tensor output = KernelPair.Unwritten(outputGradient.Shape);
            plan.Pack(weights, bias);
            plan.Run(input, null, output);
            double sum = 0, rounding = 0;
            foreach ((float y, float dy) in output.ToArray().Zip(outputGradient.ToArray()))
            {
                sum += (double)y * dy;
                rounding += ConvolutionCases.Roundoff * Math.Abs((double)y * dy);
            }

            return (sum, rounding);
        }
    }
}
