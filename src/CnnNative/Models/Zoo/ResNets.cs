// Residual networks. Source: He, Zhang, Ren and Sun 2015, "Deep residual learning for image recognition"; the place of the stride
// in blocks of three convolutions is torchvision's.

namespace CnnNative.Models;

internal static class ResNets
{
    private delegate GraphValue Block(GraphBuilder b, GraphValue x, int filters, int stride);

    public static GraphValue ResNet18(GraphBuilder b, GraphValue x, int classes) => ForImages(b, x, classes, Basic, [2, 2, 2, 2]);

    public static GraphValue ResNet34(GraphBuilder b, GraphValue x, int classes) => ForImages(b, x, classes, Basic, [3, 4, 6, 3]);

    public static GraphValue ResNet50(GraphBuilder b, GraphValue x, int classes) =>
        ForImages(b, x, classes, Bottleneck, [3, 4, 6, 3]);

    public static GraphValue ResNet20(GraphBuilder b, GraphValue x, int classes)
    {
        x = ZooBlocks.ConvNorm(b, x, 16, 3, 1, 1, Activation.Relu);
        return Stages(b, x, classes, Plain, [3, 3, 3], filters: 16);
    }

    private static GraphValue ForImages(GraphBuilder b, GraphValue x, int classes, Block block, int[] blocks)
    {
        if (ZooBlocks.IsSmall(b, x))
        {
            x = ZooBlocks.ConvNorm(b, x, 64, 3, 1, 1, Activation.Relu);
        }
        else
        {
            x = ZooBlocks.ConvNorm(b, x, 64, 7, 2, 3, Activation.Relu);
            x = b.MaxPool2d(x, 3, stride: 2, padding: 1);
        }

        return Stages(b, x, classes, block, blocks, filters: 64);
    }

    /// <summary>Each stage but the first halves the picture and doubles the filters.</summary>
    private static GraphValue Stages(GraphBuilder b, GraphValue x, int classes, Block block, int[] blocks, int filters)
    {
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            for (int i = 0; i < blocks[stage]; i++)
            {
                using (b.Scope($"stage{stage + 1}.block{i + 1}"))
                {
                    x = block(b, x, filters << stage, stage > 0 && i == 0 ? 2 : 1);
                }
            }
        }

        return b.Linear(b.GlobalAvgPool(x), classes);
    }

    private static GraphValue Basic(GraphBuilder b, GraphValue x, int filters, int stride)
    {
        GraphValue y = ZooBlocks.ConvNorm(b, x, filters, 3, stride, 1, Activation.Relu);
        y = ZooBlocks.ConvNorm(b, y, filters, 3, 1, 1);
        return b.Add(y, Projection(b, x, filters, stride), Activation.Relu);
    }

    private static GraphValue Bottleneck(GraphBuilder b, GraphValue x, int filters, int stride)
    {
        const int Expansion = 4;
        GraphValue y = ZooBlocks.ConvNorm(b, x, filters, 1, 1, 0, Activation.Relu);
        y = ZooBlocks.ConvNorm(b, y, filters, 3, stride, 1, Activation.Relu);
        y = ZooBlocks.ConvNorm(b, y, filters * Expansion, 1, 1, 0);
        return b.Add(y, Projection(b, x, filters * Expansion, stride), Activation.Relu);
    }

    /// <summary>The block of the small network, whose shortcut leaves pixels out and gives the new channels zeros (the paper's
    /// option A), so that it has no parameters.</summary>
    private static GraphValue Plain(GraphBuilder b, GraphValue x, int filters, int stride)
    {
        GraphValue y = ZooBlocks.ConvNorm(b, x, filters, 3, stride, 1, Activation.Relu);
        y = ZooBlocks.ConvNorm(b, y, filters, 3, 1, 1);
        int more = filters - b.ShapeOf(x)[^1];
        if (stride > 1)
        {
            x = b.AvgPool2d(x, 1, stride);
        }

        return b.Add(y, more > 0 ? b.PadChannels(x, more) : x, Activation.Relu);
    }

    private static GraphValue Projection(GraphBuilder b, GraphValue x, int filters, int stride)
    {
        if (stride == 1 && b.ShapeOf(x)[^1] == filters)
        {
            return x;
        }

        using (b.Scope("shortcut"))
        {
            return ZooBlocks.ConvNorm(b, x, filters, 1, stride, 0);
        }
    }
}
