// SqueezeNet 1.1: few channels between layers ("squeeze"), many inside ("expand"), 50 times fewer parameters than AlexNet.
// Source: Iandola et al. 2016, "SqueezeNet", and its authors' version 1.1.

namespace CnnNative.Models;

internal static class SqueezeNets
{
    /// <summary>Channels of the squeezing and of each expanding convolution; 0 is a pooling.</summary>
    private static readonly (int Squeeze, int Expand)[] Modules =
        [(0, 0), (16, 64), (16, 64), (0, 0), (32, 128), (32, 128), (0, 0), (48, 192), (48, 192), (64, 256), (64, 256)];

    public static GraphValue SqueezeNet11(GraphBuilder b, GraphValue x, int classes)
    {
        x = b.Conv2d(x, 64, 3, stride: ZooBlocks.IsSmall(b, x) ? 1 : 2, activation: Activation.Relu);
        foreach ((int squeeze, int expand) in Modules)
        {
            x = squeeze > 0 ? Fire(b, x, squeeze, expand) : b.MaxPool2d(x, 3, stride: 2, ceilMode: true);
        }

        x = b.Conv2d(b.Dropout(x), classes, 1, activation: Activation.Relu);
        return b.GlobalAvgPool(x);
    }

    private static GraphValue Fire(GraphBuilder b, GraphValue x, int squeeze, int expand)
    {
        using (b.Scope(b.UniqueName("fire")))
        {
            x = b.Conv2d(x, squeeze, 1, activation: Activation.Relu, name: "squeeze");
            return b.Concat(
                b.Conv2d(x, expand, 1, activation: Activation.Relu, name: "expand1"),
                b.Conv2d(x, expand, 3, 1, activation: Activation.Relu, name: "expand3"));
        }
    }
}
