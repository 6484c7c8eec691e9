// MobileNetV2: narrow layers between which wide depthwise convolutions stand, with shortcuts between the narrow ones.
// Source: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", table 2.

namespace CnnNative.Models;

internal static class MobileNets
{
    private static readonly (int Expansion, int Filters, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    public static GraphValue MobileNetV2(GraphBuilder b, GraphValue x, int classes)
    {
        // A small picture keeps its size through the first convolution and the second stage.
        bool isSmall = ZooBlocks.IsSmall(b, x);
        x = ZooBlocks.ConvNorm(b, x, 32, 3, isSmall ? 1 : 2, 1, Activation.Relu6);
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            (int expansion, int filters, int blocks, int stride) = Stages[stage];
            for (int i = 0; i < blocks; i++)
            {
                using (b.Scope($"stage{stage + 1}.block{i + 1}"))
                {
                    x = InvertedResidual(b, x, expansion, filters, i == 0 && !(isSmall && stage == 1) ? stride : 1);
                }
            }
        }

        x = ZooBlocks.ConvNorm(b, x, 1280, 1, 1, 0, Activation.Relu6);
        return b.Linear(b.Dropout(b.GlobalAvgPool(x), 0.2f), classes);
    }

    private static GraphValue InvertedResidual(GraphBuilder b, GraphValue x, int expansion, int filters, int stride)
    {
        int channels = b.ShapeOf(x)[^1], wide = channels * expansion;
        GraphValue y = expansion == 1 ? x : ZooBlocks.ConvNorm(b, x, wide, 1, 1, 0, Activation.Relu6);
        y = ZooBlocks.ConvNorm(b, y, wide, 3, stride, 1, Activation.Relu6, groups: wide);
        y = ZooBlocks.ConvNorm(b, y, filters, 1, 1, 0);
        return stride == 1 && channels == filters ? b.Add(y, x) : y;
    }
}
