// Resolves window geometry from plain options as PyTorch does, independently of the operators, so that kernels can be tested
// without them.

using CnnNative.Kernels;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Kernels;

internal static class Geometries
{
    /// <summary>An axis with floor((input + padding - reach) / stride) + 1 positions. With ceilMode the division is rounded up,
    /// but a window that would start beyond the input and the padding before it is left out.</summary>
    public static WindowAxis Axis(int input, int window, int stride, int dilation, int before, int after, bool ceilMode = false)
    {
        int rest = input + before + after - ((window - 1) * dilation + 1);
        int output = (rest + (ceilMode ? stride - 1 : 0)) / stride + 1;
        if (ceilMode && (output - 1) * stride >= input + before)
            output--;
        return new WindowAxis(input, window, stride, dilation, before, after, output);
    }

    /// <summary>The geometry of a case of the kinds "conv2d" and "linear"; a linear layer is a 1x1 convolution of a batch of
    /// single pixels.</summary>
    public static Conv2dGeometry Convolution(GoldenCase golden)
    {
        int[] input = golden.Inputs[0].Shape;
        int[] weights = golden.Inputs[1].Shape;
        if (golden.Kind == "linear")
        {
            WindowAxis pixel = Axis(1, 1, 1, 1, 0, 0);
            return new Conv2dGeometry(input[0], pixel, pixel, input[1], weights[0], Groups: 1);
        }

        (WindowAxis vertical, WindowAxis horizontal) = Axes(golden.Options, input, [weights[1], weights[2]]);
        return new Conv2dGeometry(input[0], vertical, horizontal, input[3], weights[0], golden.Options.Groups);
    }

    /// <summary>The geometry of a case of the kinds "max_pool2d" and "average_pool2d".</summary>
    public static Pool2dGeometry Pooling(GoldenCase golden)
    {
        int[] input = golden.Inputs[0].Shape;
        (WindowAxis vertical, WindowAxis horizontal) = Axes(golden.Options, input, golden.Options.Window);
        return new Pool2dGeometry(
            input[0], vertical, horizontal, input[3], golden.Options.CeilMode, golden.Options.CountIncludePad);
    }

    private static (WindowAxis Vertical, WindowAxis Horizontal) Axes(GoldenOptions options, int[] input, int[] window)
    {
        (int[] stride, int[] dilation, int[] padding) = (options.Stride, options.Dilation, options.Padding);
        return (
            Axis(input[1], window[0], stride[0], dilation[0], padding[0], padding[2], options.CeilMode),
            Axis(input[2], window[1], stride[1], dilation[1], padding[1], padding[3], options.CeilMode));
    }
}
