// Networks that are a row of layers: LeNet-5 (LeCun et al. 1998), the example of CS231n, and VGG (Simonyan and Zisserman 2014).

namespace CnnNative.Models;

internal static class ClassicNets
{
    /// <summary>Filters of the convolutions of VGG; 0 is a pooling.</summary>
    private static readonly int[]
        ConfigurationA = [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
        ConfigurationD = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];

    public static GraphValue LeNet5(GraphBuilder b, GraphValue x, int classes)
    {
        // The paper's pictures are 32 x 32, with the digits of 28 x 28 in their middle.
        bool isPadded = b.ShapeOf(x)[0] <= 28;
        x = b.MaxPool2d(b.Conv2d(x, 6, 5, isPadded ? 2 : 0, activation: Activation.Relu), 2);
        x = b.MaxPool2d(b.Conv2d(x, 16, 5, activation: Activation.Relu), 2);
        x = b.Linear(b.Flatten(x), 120, activation: Activation.Relu);
        x = b.Linear(x, 84, activation: Activation.Relu);
        return b.Linear(x, classes);
    }

    public static GraphValue Tutorial(GraphBuilder b, GraphValue x, int classes)
    {
        x = b.Conv2d(x, 12, 3, Padding.Same, activation: Activation.Relu);
        return b.Linear(b.Flatten(b.MaxPool2d(x, 2)), classes);
    }

    public static GraphValue ConvNet(GraphBuilder b, GraphValue x, int classes)
    {
        foreach (int filters in (int[])[32, 64, 128])
        {
            x = ZooBlocks.ConvNorm(b, x, filters, 3, 1, 1, Activation.Relu);
            x = b.MaxPool2d(ZooBlocks.ConvNorm(b, x, filters, 3, 1, 1, Activation.Relu), 2);
        }

        return b.Linear(b.Dropout(b.Flatten(x), 0.4f), classes);
    }

    public static GraphValue Vgg11(GraphBuilder b, GraphValue x, int classes) => Vgg(b, x, classes, ConfigurationA);

    public static GraphValue Vgg16(GraphBuilder b, GraphValue x, int classes) => Vgg(b, x, classes, ConfigurationD);

    private static GraphValue Vgg(GraphBuilder b, GraphValue x, int classes, int[] configuration)
    {
        bool isSmall = ZooBlocks.IsSmall(b, x);
        foreach (int filters in configuration)
        {
            if (filters > 0)
            {
                x = isSmall
                    ? ZooBlocks.ConvNorm(b, x, filters, 3, 1, 1, Activation.Relu)
                    : b.Conv2d(x, filters, 3, 1, activation: Activation.Relu);
            }
            else if (!isSmall || Math.Min(b.ShapeOf(x)[0], b.ShapeOf(x)[1]) > 1)
            {
                x = b.MaxPool2d(x, 2);
            }
        }

        if (isSmall)
        {
            return b.Linear(b.Flatten(x), classes);
        }

        x = b.Flatten(b.AdaptiveAvgPool(x, 7));
        x = b.Dropout(b.Linear(x, 4096, activation: Activation.Relu));
        x = b.Dropout(b.Linear(x, 4096, activation: Activation.Relu));
        return b.Linear(x, classes);
    }
}
