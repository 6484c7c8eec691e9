// Convolution in C#: the oracle that tests compare the native kernels with, and the baseline that benchmarks measure them
// against. Two loops cover every option, because depthwise work has nothing to share between channels and so wants another
// order of loops than the rest.

namespace CnnNative.Kernels.Managed;

internal static class ManagedConvolution
{
    /// <summary>output = activation(convolution of input + bias), on one thread and in a fixed order of additions.</summary>
    /// <param name="geometry">The checked sizes.</param>
    /// <param name="input">NHWC.</param>
    /// <param name="weights">OHWI, where I counts the input channels of one group.</param>
    /// <param name="bias">One value for each output channel, or empty for none.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="output">NHWC; does not overlap the input.</param>
    public static void Run(
        in Conv2dGeometry geometry,
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        Activation activation,
        Span<float> output)
    {
        bool depthwise = geometry.Groups == geometry.InputChannels && geometry.Groups == geometry.OutputChannels;
        if (depthwise)
            DepthwiseConvolution.Run(geometry, input, weights, bias, output);
        else
            PatchConvolution.Run(geometry, input, weights, bias, output);

        ManagedActivation.Run(activation, output, output);
    }
}
