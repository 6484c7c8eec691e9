// U-Net, for a class of each pixel: a path down that sees more and more, a path up to the size of the picture, and at each level
// what the path down knew. Source: Ronneberger, Fischer and Brox 2015, "U-Net", here smaller, padded, and normalised.

namespace CnnNative.Models;

internal static class UNets
{
    private const int Levels = 3, Filters = 16;

    public static GraphValue Small(GraphBuilder b, GraphValue x, int classes)
    {
        Shape picture = b.ShapeOf(x);
        if (picture[0] % (1 << Levels) != 0 || picture[1] % (1 << Levels) != 0)
        {
            throw new ShapeException(
                $"UNetSmall: the picture is {picture}, expected a height and width that are multiples of {1 << Levels}.");
        }

        Stack<GraphValue> skipped = [];
        for (int level = 0; level < Levels; level++)
        {
            x = Double(b, x, $"down{level + 1}", Filters << level);
            skipped.Push(x);
            x = b.MaxPool2d(x, 2);
        }

        x = Double(b, x, "bottom", Filters << Levels);
        for (int level = Levels - 1; level >= 0; level--)
        {
            x = b.ConvTranspose2d(x, Filters << level, 2, stride: 2);
            x = Double(b, b.Concat(skipped.Pop(), x), $"up{level + 1}", Filters << level);
        }

        return b.Conv2d(x, classes, 1);
    }

    private static GraphValue Double(GraphBuilder b, GraphValue x, string scope, int filters)
    {
        using (b.Scope(scope))
        {
            x = ZooBlocks.ConvNorm(b, x, filters, 3, 1, 1, Activation.Relu);
            return ZooBlocks.ConvNorm(b, x, filters, 3, 1, 1, Activation.Relu);
        }
    }
}
