// Well-known networks by name, with first weights: to train, to measure, to learn from. What they consist of stands in the files
// beside this one, written with the calls that anybody can use.

using CnnNative.Models;

namespace CnnNative;

/// <summary>Builds well-known networks. Their input is called "image" and their output "logits", which has no softmax because the
/// loss has it inside.</summary>
/// <remarks>Networks that were made for pictures of 224 x 224 keep their published form for pictures of at least 64 x 64. For
/// smaller ones, such as CIFAR's, their first layers do not shrink the picture, as is usual for such data.</remarks>
public static class Zoo
{
    /// <summary>Below this size, pictures are small.</summary>
    internal const int SmallPicture = 64;

    private static readonly Shape _digit = (28, 28, 1), _cifar = (32, 32, 3), _imageNet = (224, 224, 3), _map = (128, 128, 3);

    private static readonly ZooEntry[] _entries =
    [
        new("lenet5", _digit, 10, ClassicNets.LeNet5),
        new("tutorial", _cifar, 10, ClassicNets.Tutorial),
        new("convnet", _digit, 10, ClassicNets.ConvNet),
        new("vgg11", _imageNet, 1000, ClassicNets.Vgg11),
        new("vgg16", _imageNet, 1000, ClassicNets.Vgg16),
        new("resnet18", _imageNet, 1000, ResNets.ResNet18),
        new("resnet20", _cifar, 10, ResNets.ResNet20),
        new("resnet34", _imageNet, 1000, ResNets.ResNet34),
        new("resnet50", _imageNet, 1000, ResNets.ResNet50),
        new("mobilenetv2", _imageNet, 1000, MobileNets.MobileNetV2),
        new("squeezenet1_1", _imageNet, 1000, SqueezeNets.SqueezeNet11),
        new("unet-small", _map, 2, UNets.Small),
    ];

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _entries.Select(entry => entry.Name)];

    /// <summary>Builds a network by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>; "lenet" is LeNet-5, "squeezenet" is SqueezeNet 1.1.</param>
    /// <param name="input">The shape of one picture: height x width x channels; null for what the network was made for.</param>
    /// <param name="classes">The number of classes; null for what the network was made for.</param>
    /// <param name="seed">Where random weights come from.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There is no network of that name, or the numbers cannot be.</exception>
    /// <exception cref="ShapeException">The picture is too small or of another kind; the message names the layer.</exception>
    public static Model Create(string name, Shape? input = null, int? classes = null, ulong seed = 0)
    {
        (GraphBuilder builder, _) = Describe(name, input, classes);
        return builder.Build(seed);
    }

    /// <summary>LeNet-5 (LeCun et al. 1998) as it is trained today, with ReLU and max pooling: 61,706 parameters. Pictures of 28
    /// x 28 are padded to 32 x 32.</summary>
    /// <param name="input">The shape of one picture; 28 x 28 x 1 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model LeNet5(Shape? input = null, int classes = 10, ulong seed = 0) =>
        Create("lenet5", input, classes, seed);

    /// <summary>The example of Stanford's course CS231n: 12 filters of 3x3, ReLU, max pooling of 2x2 and a fully connected
    /// layer.</summary>
    /// <param name="input">The shape of one picture; 32 x 32 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model Tutorial(Shape? input = null, int classes = 10, ulong seed = 0) =>
        Create("tutorial", input, classes, seed);

    /// <summary>Three pairs of 3x3 convolutions with batch normalisation (32, 64 and 128 filters), each pair before a max pooling,
    /// then dropout and a fully connected layer: 298,410 parameters for digits, which it reads better than people do.</summary>
    /// <param name="input">The shape of one picture; 28 x 28 x 1 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model ConvNet(Shape? input = null, int classes = 10, ulong seed = 0) =>
        Create("convnet", input, classes, seed);

    /// <summary>VGG-11 (Simonyan and Zisserman 2014, configuration A): 132,863,336 parameters. For small pictures with batch
    /// normalisation, one fully connected layer, and no pooling of what has one pixel left.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model Vgg11(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("vgg11", input, classes, seed);

    /// <summary>VGG-16 (Simonyan and Zisserman 2014, configuration D): 138,357,544 parameters. For small pictures see
    /// <see cref="Vgg11"/>.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model Vgg16(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("vgg16", input, classes, seed);

    /// <summary>ResNet-18 (He et al. 2015): 11,689,512 parameters.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model ResNet18(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("resnet18", input, classes, seed);

    /// <summary>ResNet-20 for CIFAR-10 (He et al. 2015, section 4.2), whose shortcuts have no parameters: 269,722
    /// parameters.</summary>
    /// <param name="input">The shape of one picture; 32 x 32 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model ResNet20(Shape? input = null, int classes = 10, ulong seed = 0) =>
        Create("resnet20", input, classes, seed);

    /// <summary>ResNet-34 (He et al. 2015): 21,797,672 parameters.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model ResNet34(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("resnet34", input, classes, seed);

    /// <summary>ResNet-50 (He et al. 2015) with the stride in the 3x3 convolutions, as in torchvision: 25,557,032
    /// parameters.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model ResNet50(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("resnet50", input, classes, seed);

    /// <summary>MobileNetV2 (Sandler et al. 2018): 3,504,872 parameters.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model MobileNetV2(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("mobilenetv2", input, classes, seed);

    /// <summary>SqueezeNet 1.1 (Iandola et al. 2016, as its authors improved it): 1,235,496 parameters.</summary>
    /// <param name="input">The shape of one picture; 224 x 224 x 3 by default.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model SqueezeNet11(Shape? input = null, int classes = 1000, ulong seed = 0) =>
        Create("squeezenet1_1", input, classes, seed);

    /// <summary>A small U-Net (Ronneberger et al. 2015) of three levels and 16 to 128 filters with batch normalisation, which
    /// puts out logits for each pixel.</summary>
    /// <param name="input">The shape of one picture, whose height and width are multiples of 8; 128 x 128 x 3 by default.</param>
    /// <param name="classes">The number of classes of a pixel.</param>
    /// <param name="seed">Where random weights come from.</param>
    public static Model UNetSmall(Shape? input = null, int classes = 2, ulong seed = 0) =>
        Create("unet-small", input, classes, seed);

    /// <summary>The network without weights: to count and to look at what may be large.</summary>
    internal static (GraphBuilder Builder, GraphValue Logits) Describe(string name, Shape? input = null, int? classes = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        string known = name switch { "lenet" => "lenet5", "squeezenet" => "squeezenet1_1", _ => name };
        ZooEntry entry = Array.Find(_entries, entry => entry.Name == known) ?? throw new ArgumentException(
            $"There is no network '{name}', expected one of {string.Join(", ", Names)}.", nameof(name));
        Shape picture = input ?? entry.Input;
        int count = classes ?? entry.Classes;
        if (picture.Rank != 3 || count < 1)
        {
            throw new ArgumentException(
                $"The network '{name}' was asked for with {count} classes for pictures of {picture}, expected at least one " +
                "class and height x width x channels.");
        }

        GraphBuilder b = new();
        GraphValue logits = entry.Build(b, b.Input("image", picture), count);
        b.Output("logits", logits);
        return (b, logits);
    }
}
