// The gradients of a convolution, from their definition, in double precision. The gradient by the input gathers: each input
// pixel looks for the windows that saw it, so nothing is written twice.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ConvolutionGradient
{
    /// <summary>The gradient by the input, which is the transposed convolution: each input pixel gets the sum of
    /// <paramref name="outputGradient"/> times weight over all taps that saw it, plus the bias (one value for each input
    /// channel, or empty).</summary>
    public static void Data(
        in Conv2dGeometry geometry,
        ReadOnlySpan<float> outputGradient,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        Span<float> inputGradient)
    {
        int channels = geometry.InputChannels;
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        for (int pixel = 0; pixel < geometry.InputPixels; pixel++)
        {
            sums.Clear();
            if (!bias.IsEmpty)
                DoubleRow.MultiplyAdd(1, bias, sums);
            GatherPixel(in geometry, pixel, outputGradient, weights, sums);
            DoubleRow.Store(sums, accumulate: false, inputGradient.Slice(pixel * channels, channels));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The gradient by the weights: for each tap and pair of channels the sum over the output pixels of
    /// <paramref name="outputGradient"/> times the input that the tap sees.</summary>
    public static void Weights(
        in Conv2dGeometry geometry,
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> outputGradient,
        bool accumulate,
        Span<float> weightsGradient)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(geometry.WeightsLength);
        Span<double> sums = rented.AsSpan(0, geometry.WeightsLength);
        sums.Clear();
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        for (int pixel = 0; pixel < geometry.OutputPixels; pixel++)
        {
            (int row, int outputX) = Math.DivRem(pixel, horizontal.Output);
            (int image, int outputY) = Math.DivRem(row, vertical.Output);
            ReadOnlySpan<float> gradient = outputGradient.Slice(pixel * geometry.OutputChannels, geometry.OutputChannels);
            for (int tap = 0; tap < vertical.Window * horizontal.Window; tap++)
            {
                int y = vertical.Start(outputY) + tap / horizontal.Window * vertical.Dilation;
                int x = horizontal.Start(outputX) + tap % horizontal.Window * horizontal.Dilation;
                if ((uint)y >= (uint)vertical.Input || (uint)x >= (uint)horizontal.Input)
                    continue;

                int inputPixel = (image * vertical.Input + y) * horizontal.Input + x;
                AddProducts(
                    in geometry, tap, input.Slice(inputPixel * geometry.InputChannels, geometry.InputChannels), gradient, sums);
            }
        }

        DoubleRow.Store(sums, accumulate, weightsGradient);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The gradient by the bias: the sum over all pixels.</summary>
    public static void Bias(ReadOnlySpan<float> outputGradient, bool accumulate, Span<float> biasGradient)
    {
        int channels = biasGradient.Length;
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        sums.Clear();
        for (int start = 0; start < outputGradient.Length; start += channels)
            DoubleRow.MultiplyAdd(1, outputGradient.Slice(start, channels), sums);
        DoubleRow.Store(sums, accumulate, biasGradient);
        ArrayPool<double>.Shared.Return(rented);
    }

    private static void GatherPixel(
        in Conv2dGeometry geometry,
        int pixel,
        ReadOnlySpan<float> outputGradient,
        ReadOnlySpan<float> weights,
        Span<double> sums)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        (int row, int x) = Math.DivRem(pixel, horizontal.Input);
        (int image, int y) = Math.DivRem(row, vertical.Input);
        for (int tap = 0; tap < vertical.Window * horizontal.Window; tap++)
        {
            int outputY = OutputThatSees(in vertical, y, tap / horizontal.Window);
            int outputX = OutputThatSees(in horizontal, x, tap % horizontal.Window);
            if (outputY < 0 || outputX < 0)
                continue;

            int outputPixel = (image * vertical.Output + outputY) * horizontal.Output + outputX;
            ReadOnlySpan<float> gradient = outputGradient.Slice(outputPixel * geometry.OutputChannels, geometry.OutputChannels);
            SpreadOverInputs(in geometry, tap, gradient, weights, sums);
        }
    }

    /// <summary>The output whose window has the given tap on the input position, or -1.</summary>
    private static int OutputThatSees(in WindowAxis axis, int input, int tap)
    {
        int distance = input + axis.PaddingBefore - tap * axis.Dilation;
        if (distance < 0 || distance % axis.Stride != 0)
            return -1;

        int output = distance / axis.Stride;
        return output < axis.Output ? output : -1;
    }

    /// <summary>Adds, for one tap, each output channel's gradient times its weights to the input channels of its group.</summary>
    private static void SpreadOverInputs(
        in Conv2dGeometry geometry, int tap, ReadOnlySpan<float> gradient, ReadOnlySpan<float> weights, Span<double> sums)
    {
        int depth = geometry.InputChannels / geometry.Groups, groupOutputs = geometry.OutputChannels / geometry.Groups;
        for (int channel = 0; channel < gradient.Length; channel++)
        {
            ReadOnlySpan<float> filter = weights.Slice(channel * geometry.FilterLength + tap * depth, depth);
            DoubleRow.MultiplyAdd(gradient[channel], filter, sums.Slice(channel / groupOutputs * depth, depth));
        }
    }

    /// <summary>Adds, for one tap, each output channel's gradient times the input channels of its group to its weights.</summary>
    private static void AddProducts(
        in Conv2dGeometry geometry, int tap, ReadOnlySpan<float> input, ReadOnlySpan<float> gradient, Span<double> sums)
    {
        int depth = geometry.InputChannels / geometry.Groups, groupOutputs = geometry.OutputChannels / geometry.Groups;
        for (int channel = 0; channel < gradient.Length; channel++)
        {
            Span<double> filter = sums.Slice(channel * geometry.FilterLength + tap * depth, depth);
            DoubleRow.MultiplyAdd(gradient[channel], input.Slice(channel / groupOutputs * depth, depth), filter);
        }
    }
}
