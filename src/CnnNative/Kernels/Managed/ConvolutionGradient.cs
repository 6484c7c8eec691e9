// The gradients of a convolution by its weights and its bias, from their definition, in double precision. The one by the input
// is the transposed convolution, which has its sums in ConvolutionSums.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ConvolutionGradient
{
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
                ReadOnlySpan<float> values = input.Slice(inputPixel * geometry.InputChannels, geometry.InputChannels);
                AddProducts(in geometry, tap, values, gradient, sums);
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
            DoubleSums.Add(sums, outputGradient.Slice(start, channels));
        DoubleRow.Store(sums, accumulate, biasGradient);
        ArrayPool<double>.Shared.Return(rented);
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
