// Convolution as its definition reads, in double precision: one sum for each output element. It is slow and obvious, which
// makes it the ground that the fast managed convolution stands on.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

internal static class ReferenceConvolution
{
    /// <summary>The convolution without activation, and for each element the sum of the magnitudes of its terms.</summary>
    public static (double[] Values, double[] Magnitudes) Run(
        in Conv2dGeometry geometry, ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        int count = geometry.Batch * geometry.Vertical.Output * geometry.Horizontal.Output * geometry.OutputChannels;
        var values = new double[count];
        var magnitudes = new double[count];
        for (int i = 0; i < count; i++)
        {
            (int pixel, int channel) = Math.DivRem(i, geometry.OutputChannels);
            (int row, int x) = Math.DivRem(pixel, geometry.Horizontal.Output);
            (int image, int y) = Math.DivRem(row, geometry.Vertical.Output);
            (values[i], magnitudes[i]) = Element(geometry, input, weights, image, y, x, channel);
            values[i] += bias.IsEmpty ? 0 : bias[channel];
            magnitudes[i] += bias.IsEmpty ? 0 : Math.Abs(bias[channel]);
        }

        return (values, magnitudes);
    }

    private static (double Value, double Magnitude) Element(
        in Conv2dGeometry geometry, ReadOnlySpan<float> input, ReadOnlySpan<float> weights, int image, int y, int x, int channel)
    {
        WindowAxis vertical = geometry.Vertical;
        WindowAxis horizontal = geometry.Horizontal;
        int depth = geometry.InputChannels / geometry.Groups;
        int group = channel / (geometry.OutputChannels / geometry.Groups);
        double value = 0, magnitude = 0;
        for (int tapY = 0; tapY < vertical.Window; tapY++)
        {
            for (int tapX = 0; tapX < horizontal.Window; tapX++)
            {
                int inputY = vertical.Start(y) + tapY * vertical.Dilation;
                int inputX = horizontal.Start(x) + tapX * horizontal.Dilation;
                if (inputY < 0 || inputY >= vertical.Input || inputX < 0 || inputX >= horizontal.Input)
                    continue;

                for (int k = 0; k < depth; k++)
                {
                    int pixel = (image * vertical.Input + inputY) * horizontal.Input + inputX;
                    int tap = (channel * vertical.Window + tapY) * horizontal.Window + tapX;
                    double product = (double)input[pixel * geometry.InputChannels + group * depth + k] * weights[tap * depth + k];
                    value += product;
                    magnitude += Math.Abs(product);
                }
            }
        }

        return (value, magnitude);
    }
}
