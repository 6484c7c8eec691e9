// The sums of one pixel of a convolution or a transposed convolution, from their definitions, in double precision. Both gather:
// each pixel looks for what it is made of, so nothing is written twice.

namespace CnnNative.Kernels.Managed;

internal static class ConvolutionSums
{
    /// <summary>Puts weights (output channels x taps x input channels of a group) into the order in which the sums want them: of
    /// the channels that a pixel gets, those of a group lie side by side. For a depthwise convolution that is taps x channels;
    /// otherwise taps x input channels x output channels of a group, and as they are for a transposed one.</summary>
    public static void Pack(in Conv2dGeometry geometry, bool transposed, ReadOnlySpan<float> weights, Span<float> packed)
    {
        bool depthwise = IsDepthwise(in geometry);
        if (transposed && !depthwise)
        {
            weights.CopyTo(packed);
            return;
        }

        int depth = geometry.InputChannels / geometry.Groups, groupOutputs = geometry.OutputChannels / geometry.Groups;
        for (int source = 0; source < weights.Length; source++)
        {
            (int channel, int rest) = Math.DivRem(source, geometry.FilterLength);
            (int tap, int k) = Math.DivRem(rest, depth);
            (int group, int groupOutput) = Math.DivRem(channel, groupOutputs);
            packed[(tap * geometry.InputChannels + group * depth + k) * groupOutputs + groupOutput] = weights[source];
        }
    }

    /// <summary>Adds to each output channel of an output pixel the products of all taps that lie inside the input.</summary>
    public static void Gather(
        in Conv2dGeometry geometry, int pixel, ReadOnlySpan<float> input, ReadOnlySpan<float> weights, Span<double> sums)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        (int row, int outputX) = Math.DivRem(pixel, horizontal.Output);
        (int image, int outputY) = Math.DivRem(row, vertical.Output);
        int groupOutputs = geometry.OutputChannels / geometry.Groups;
        int tapLength = geometry.InputChannels * groupOutputs;
        for (int tap = 0; tap < vertical.Window * horizontal.Window; tap++)
        {
            int y = vertical.Start(outputY) + tap / horizontal.Window * vertical.Dilation;
            int x = horizontal.Start(outputX) + tap % horizontal.Window * horizontal.Dilation;
            if ((uint)y >= (uint)vertical.Input || (uint)x >= (uint)horizontal.Input)
                continue;

            int inputPixel = (image * vertical.Input + y) * horizontal.Input + x;
            ReadOnlySpan<float> values = input.Slice(inputPixel * geometry.InputChannels, geometry.InputChannels);
            ReadOnlySpan<float> tapWeights = weights.Slice(tap * tapLength, tapLength);
            if (IsDepthwise(in geometry))
                DoubleRow.MultiplyAdd(values, tapWeights, sums);
            else
                AddInputs(in geometry, values, tapWeights, sums);
        }
    }

    /// <summary>Adds to each input channel of an input pixel the products of all taps that saw it: the transposed convolution of
    /// <paramref name="output"/>, which is the gradient by the input when that is the gradient by the output.</summary>
    public static void GatherTransposed(
        in Conv2dGeometry geometry, int pixel, ReadOnlySpan<float> output, ReadOnlySpan<float> weights, Span<double> sums)
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
            ReadOnlySpan<float> values = output.Slice(outputPixel * geometry.OutputChannels, geometry.OutputChannels);
            if (IsDepthwise(in geometry))
                DoubleRow.MultiplyAdd(values, weights.Slice(tap * values.Length, values.Length), sums);
            else
                AddOutputs(in geometry, tap, values, weights, sums);
        }
    }

    private static bool IsDepthwise(in Conv2dGeometry geometry) =>
        geometry.Groups == geometry.InputChannels && geometry.Groups == geometry.OutputChannels;

    /// <summary>The output whose window has the given tap on the input position, or -1.</summary>
    private static int OutputThatSees(in WindowAxis axis, int input, int tap)
    {
        int distance = input + axis.PaddingBefore - tap * axis.Dilation;
        if (distance < 0 || distance % axis.Stride != 0)
            return -1;

        int output = distance / axis.Stride;
        return output < axis.Output ? output : -1;
    }

    /// <summary>Adds, for one tap, each input channel times its weights to the output channels of its group.</summary>
    private static void AddInputs(
        in Conv2dGeometry geometry, ReadOnlySpan<float> input, ReadOnlySpan<float> weights, Span<double> sums)
    {
        int depth = geometry.InputChannels / geometry.Groups, groupOutputs = geometry.OutputChannels / geometry.Groups;
        for (int channel = 0; channel < input.Length; channel++)
        {
            ReadOnlySpan<float> row = weights.Slice(channel * groupOutputs, groupOutputs);
            DoubleRow.MultiplyAdd(input[channel], row, sums.Slice(channel / depth * groupOutputs, groupOutputs));
        }
    }

    /// <summary>Adds, for one tap, each output channel times its weights to the input channels of its group.</summary>
    private static void AddOutputs(
        in Conv2dGeometry geometry, int tap, ReadOnlySpan<float> output, ReadOnlySpan<float> weights, Span<double> sums)
    {
        int depth = geometry.InputChannels / geometry.Groups, groupOutputs = geometry.OutputChannels / geometry.Groups;
        for (int channel = 0; channel < output.Length; channel++)
        {
            ReadOnlySpan<float> filter = weights.Slice(channel * geometry.FilterLength + tap * depth, depth);
            DoubleRow.MultiplyAdd(output[channel], filter, sums.Slice(channel / groupOutputs * depth, depth));
        }
    }
}
