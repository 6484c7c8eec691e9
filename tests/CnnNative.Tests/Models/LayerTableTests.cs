// Every layer once: the shape it gives, the parameters it makes, that it predicts, and that its gradients are the slopes.

namespace CnnNative.Tests.Models;

public sealed class LayerTableTests
{
    /// <summary>As for whole graphs: rounding of the outputs over the step; see TrainingExecutorTests.</summary>
    private const double Tolerance = 2e-3;

    private static readonly Dictionary<string, (Layer Layer, Shape Output, long Parameters)> Layers = new()
    {
        ["Conv2d"] = (new Conv2d(6, 3), (6, 6, 6), 4 * 9 * 6 + 6),
        ["Conv2d, dilated, in groups"] =
            (new Conv2d(6, 3, 2, stride: 2, dilation: 2, groups: 2, bias: false), (4, 4, 6), 2 * 9 * 6),
        ["DepthwiseConv2d"] = (new DepthwiseConv2d((3, 1), Padding.Same, multiplier: 2), (8, 8, 8), 8 * 3 + 8),
        ["SeparableConv2d"] = (new SeparableConv2d(6, 3, Padding.Same), (8, 8, 6), 4 * 9 + 4 * 6 + 6),
        ["ConvTranspose2d"] = (new ConvTranspose2d(6, 2, stride: 2), (16, 16, 6), 4 * 4 * 6 + 6),
        ["ConvTranspose2d, 3x3"] =
            (new ConvTranspose2d(6, 3, 1, stride: 2, outputPadding: 1, groups: 2), (16, 16, 6), 4 * 9 * 3 + 6),
        ["MaxPool2d"] = (new MaxPool2d(2), (4, 4, 4), 0),
        ["AvgPool2d"] = (new AvgPool2d(3, stride: 2, padding: 1), (4, 4, 4), 0),
        ["GlobalAvgPool"] = (new GlobalAvgPool(), 4, 0),
        ["GlobalAvgPool, kept"] = (new GlobalAvgPool(keepDimensions: true), (1, 1, 4), 0),
        ["GlobalMaxPool"] = (new GlobalMaxPool(), 4, 0),
        ["AdaptiveAvgPool"] = (new AdaptiveAvgPool(3), (3, 3, 4), 0),
        ["AdaptiveMaxPool"] = (new AdaptiveMaxPool((2, 3)), (2, 3, 4), 0),
        ["BatchNorm"] = (new BatchNorm(), (8, 8, 4), 8),
        ["BatchNorm without scale"] = (new BatchNorm(affine: false, activation: Activation.Relu), (8, 8, 4), 0),
        ["LayerNorm"] = (new LayerNorm(), (8, 8, 4), 8),
        ["LayerNorm of pictures"] = (new LayerNorm(3), (8, 8, 4), 2 * 256),
        ["GroupNorm"] = (new GroupNorm(2), (8, 8, 4), 8),
        ["InstanceNorm"] = (new InstanceNorm(), (8, 8, 4), 8),
        ["LocalResponseNorm"] = (new LocalResponseNorm(3, alpha: 0.1f), (8, 8, 4), 0),
        ["Relu"] = (new Relu(), (8, 8, 4), 0),
        ["Relu6"] = (new Relu6(), (8, 8, 4), 0),
        ["LeakyRelu"] = (new LeakyRelu(0.2f), (8, 8, 4), 0),
        ["PRelu"] = (new PRelu(), (8, 8, 4), 4),
        ["PRelu, shared"] = (new PRelu(shared: true), (8, 8, 4), 1),
        ["Tanh"] = (new Tanh(), (8, 8, 4), 0),
        ["Sigmoid"] = (new Sigmoid(), (8, 8, 4), 0),
        ["Elu"] = (new Elu(), (8, 8, 4), 0),
        ["Selu"] = (new Selu(), (8, 8, 4), 0),
        ["Gelu"] = (new Gelu(), (8, 8, 4), 0),
        ["Silu"] = (new Silu(), (8, 8, 4), 0),
        ["HardSwish"] = (new HardSwish(), (8, 8, 4), 0),
        ["HardSigmoid"] = (new HardSigmoid(), (8, 8, 4), 0),
        ["Mish"] = (new Mish(), (8, 8, 4), 0),
        ["Softplus"] = (new Softplus(), (8, 8, 4), 0),
        ["Clip"] = (new Clip(-0.5f, 0.5f), (8, 8, 4), 0),
        ["Softmax"] = (new Softmax(), (8, 8, 4), 0),
        ["LogSoftmax"] = (new LogSoftmax(), (8, 8, 4), 0),
        ["Dropout"] = (new Dropout(0.3f), (8, 8, 4), 0),
        ["SpatialDropout"] = (new SpatialDropout(0.3f), (8, 8, 4), 0),
        ["Flatten"] = (new Flatten(), 256, 0),
        ["Reshape"] = (new Reshape(32, -1), (32, 8), 0),
        ["ZeroPad"] = (new ZeroPad(Padding.Explicit(1, 2, 3, 4)), (12, 14, 4), 0),
        ["Upsample"] = (new Upsample(2), (16, 16, 4), 0),
        ["Upsample, bilinear"] = (new Upsample((2, 3), ResizeMode.Linear), (16, 24, 4), 0),
        ["Identity"] = (new Identity(), (8, 8, 4), 0),
        ["Linear"] = (new Sequential { new Flatten(), new Linear(3, activation: Activation.Tanh) }, 3, 256 * 3 + 3),
        ["Residual"] = (new Residual(new Conv2d(4, 3, Padding.Same), activation: Activation.Relu), (8, 8, 4), 4 * 9 * 4 + 4),
        ["Concat"] = (new Concat(new Identity(), new Conv2d(2, 1)), (8, 8, 6), 10),
        ["Add"] = (new Add { new Conv2d(2, 1), new Conv2d(2, 3, Padding.Same) }, (8, 8, 2), 10 + 74),
    };

    public static TheoryData<string> Names => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_has_its_shape_and_parameters_and_predicts(string name)
    {
        (Layer layer, Shape output, long parameters) = Layers[name];
        using Model model = Build(layer);
        using Tensor input = CnnNative.Tests.Graphs.SampleGraphs.Random((2, 8, 8, 4), seed: 8);
        using Tensor predicted = model.Predict(input);

        Assert.Equal(parameters, model.ParameterCount - 20);
        Assert.Equal(new Shape([2, .. output]), predicted.Shape);
        Assert.All(predicted.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_through_a_layer_are_the_slopes_of_its_outputs(string name)
    {
        using Model model = Build(Layers[name].Layer);
        using Tensor input = CnnNative.Tests.Graphs.SampleGraphs.Random((2, 8, 8, 4), seed: 8);

        IReadOnlyList<GradientCheckEntry> entries =
            GradientCheck.Run(model.Graph, [input], new GradientCheckOptions { Step = 0.003f, MaxElements = 16 });

        Assert.All(entries, entry => Assert.True(entry.Error <= Tolerance, $"{name}: {entry}"));
        Assert.Contains(entries, entry => entry.Checked > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_with_the_layer_is_the_same_after_its_text(string name)
    {
        using Model model = Build(Layers[name].Layer);
        string text = GraphJson.Write(model.Graph);
        using Graph read = GraphJson.Read(text);

        Assert.Equal(text, GraphJson.Write(read));
    }

    [Fact]
    public void Every_layer_of_the_library_is_in_the_table()
    {
        HashSet<Type> covered = [.. Layers.Values.SelectMany(entry => Parts(entry.Layer)).Select(layer => layer.GetType())];
        IEnumerable<Type> all = typeof(Layer).Assembly.GetTypes()
            .Where(type => type.IsPublic && !type.IsAbstract && type.IsSubclassOf(typeof(Layer)));

        Assert.Empty(all.Except(covered).Except([typeof(ActivationLayer)]));
    }

    private static IEnumerable<Layer> Parts(Layer layer) =>
        layer is IEnumerable<Layer> parts ? parts.SelectMany(Parts).Append(layer) : [layer];

    /// <summary>A 1x1 convolution before the layer, so that there is a parameter before it whatever it is.</summary>
    private static Model Build(Layer layer) => new Sequential((8, 8, 4)) { new Conv2d(4, 1), layer }.Build(seed: 6);
}
