// The networks of the zoo: their published numbers of parameters, and PyTorch's answers with the same weights.

using CnnNative.Models;
using CnnNative.Operators;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Models;

public sealed class ZooTests
{
    private const int PictureSeed = 7, SeedsOfLayer = 8;

    private static readonly Lazy<ZooFile> _golden = new(() => GoldenFile.Read<ZooFile>("zoo.json"));

    /// <summary>Parameters and billions of multiply-accumulates. Those of torchvision's networks stand in its documentation
    /// (which counts products and sums of convolutions and fully connected layers, and calls them GFLOPS); LeNet-5, the tutorial,
    /// the small convolutional network, ResNet-20 and the U-Net were counted by hand and with PyTorch.</summary>
    public static TheoryData<string, long, decimal> Published => new()
    {
        { "lenet5", 61_706, 0.000416520m },
        { "tutorial", 31_066, 0.000362496m },
        { "convnet", 298_410, 0.029138688m },
        { "vgg11", 132_863_336, 7.61m },
        { "vgg16", 138_357_544, 15.47m },
        { "resnet18", 11_689_512, 1.81m },
        { "resnet20", 269_722, 0.040551040m },
        { "resnet34", 21_797_672, 3.66m },
        { "resnet50", 25_557_032, 4.09m },
        { "mobilenetv2", 3_504_872, 0.30m },
        { "squeezenet1_1", 1_235_496, 0.35m },
        { "unet-small", 482_754, 0.580124672m },
    };

    public static TheoryData<string> Golden => [.. _golden.Value.Cases.Select(golden => golden.Name)];

    [Theory]
    [MemberData(nameof(Published))]
    public void A_network_has_the_published_numbers_of_parameters_and_products(string name, long parameters, decimal billions)
    {
        using Graph graph = Zoo.Describe(name).Builder.BuildGraph();
        ModelSummary summary = SummaryBuilder.Build(graph, batchSize: 1);
        long products = summary.Rows.Where(row => row.Kind is "Conv2d" or "Linear" or "ConvTranspose2d")
            .Sum(row => row.MultiplyAccumulates);

        Assert.Equal(parameters, summary.Parameters);
        Assert.Equal(billions, Math.Round(products / 1e9m, billions.Scale));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void A_network_answers_as_PyTorch_does_with_the_same_weights(string name)
    {
        ZooCase golden = _golden.Value.Cases.Single(golden => golden.Name == name);
        using Model model = Zoo.Create(name, new Shape(golden.Input), golden.Classes);
        Fill(model);
        Shape picture = new([1, .. golden.Input]);
        using Tensor image = Tensor.FromSpan(HashedValues.Create((int)picture.ElementCount, PictureSeed), picture);
        using Tensor output = model.Predict(image);

        // A sum of K products is off by about sqrt(K) 2^-24 of its size, and Winograd's algorithm by at most 1e-4 of its layer's
        // largest result; some twenty such layers, independent of each other, come to sqrt(20) 1e-4.
        float largest = golden.Output.Max(Math.Abs);
        Assert.Equal(golden.Output.Length, output.ElementCount);
        Assert.All(
            golden.Output.Zip(output.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 4.5e-4f * largest));
    }

    [Theory]
    [InlineData("vgg11", 28)]
    [InlineData("vgg16", 32)]
    [InlineData("resnet18", 32)]
    [InlineData("resnet20", 28)]
    [InlineData("mobilenetv2", 28)]
    [InlineData("squeezenet1_1", 28)]
    [InlineData("lenet", 32)]
    [InlineData("tutorial", 28)]
    public void Networks_take_small_pictures_too(string name, int size)
    {
        (GraphBuilder builder, GraphValue logits) = Zoo.Describe(name, (size, size, 1), 7);

        Assert.Equal(7, builder.ShapeOf(logits));
    }

    [Fact]
    public void Every_network_that_is_listed_has_its_numbers_here_and_a_method()
    {
        Assert.Equal(Zoo.Names.Order(), Published.Select(row => row.Data.Item1).Order());
        Assert.Equal(Zoo.Names.Count, typeof(Zoo).GetMethods().Count(method => method.ReturnType == typeof(Model)) - 1);
    }

    [Fact]
    public void A_name_that_is_not_known_is_answered_with_those_that_are()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Zoo.Create("resnet19"));

        Assert.StartsWith("There is no network 'resnet19', expected one of lenet5, tutorial, convnet,", error.Message);
    }

    [Fact]
    public void A_picture_that_is_none_is_refused()
    {
        Assert.Contains("784", Assert.Throws<ArgumentException>(() => Zoo.LeNet5(784)).Message, default);
        Assert.Contains("0 classes", Assert.Throws<ArgumentException>(() => Zoo.LeNet5(classes: 0)).Message, default);
        Assert.Contains("multiples of 8", Assert.Throws<ShapeException>(() => Zoo.UNetSmall((60, 64, 3))).Message, default);
        Assert.Contains("Conv2d 'conv2'", Assert.Throws<ShapeException>(() => Zoo.LeNet5((6, 6, 1))).Message, default);
    }

    /// <summary>Gives every layer the weights of make_zoo_golden.py.</summary>
    private static void Fill(Model model)
    {
        int layer = 0;
        foreach (GraphNode node in model.Graph.Nodes.Where(node => node.Inputs.Any(input => input?.Parameter is not null)))
        {
            uint seed = (uint)(SeedsOfLayer * layer++);
            Parameter[] parameters = [.. node.Inputs.Select(input => input?.Parameter).OfType<Parameter>()];
            if (node.Operator is BatchNormOperator)
            {
                Fill(parameters[2], seed + 1, h => (float)(1 + h / 4));
                Fill(parameters[3], seed + 2, h => (float)(h / 10));
                Fill(parameters[0], seed + 3, h => (float)(h / 10));
                Fill(parameters[1], seed + 4, h => (float)(1 + h / 2));
                continue;
            }

            Shape weights = parameters[0].Shape;
            double fan = node.Operator is ConvTranspose2dOperator ? weights[0] : (double)weights.ElementCount / weights[0];
            double scale = Math.Sqrt(6 / fan);
            Fill(parameters[0], seed + 1, h => (float)(h * scale));
            if (parameters.Length > 1)
            {
                Fill(parameters[1], seed + 2, h => (float)(h / 10));
            }
        }
    }

    private static void Fill(Parameter parameter, uint seed, Func<double, float> map) => parameter.Value.CopyFrom(
        Array.ConvertAll(HashedValues.Create(parameter.Value.ElementCount, seed), value => map(value)));

    private sealed record ZooFile(string Torch, ZooCase[] Cases);

    private sealed record ZooCase(string Name, int[] Input, int Classes, float[] Output);
}
