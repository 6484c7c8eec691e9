// Writing graphs as calls: names, scopes, shapes known at once, and messages that name the layer that does not fit.

namespace CnnNative.Tests.Models;

public sealed class GraphBuilderTests
{
    [Fact]
    public void Names_are_numbered_by_kind_and_stand_in_their_scopes()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (8, 8, 3));
        x = b.Conv2d(x, 4, 3);
        using (b.Scope("block1"))
        {
            x = b.Conv2d(x, 4, 3, activation: Activation.Relu);
            x = b.Conv2d(x, 4, 1, bias: false, name: "out");
        }

        x = b.Conv2d(x, 2, 1);
        b.Output("maps", x);
        using Model model = b.Build();

        Assert.Equal(
            ["conv1", "block1.conv1", "block1.relu1", "block1.out", "conv2"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(
            [
                "conv1.weight", "conv1.bias", "block1.conv1.weight", "block1.conv1.bias", "block1.out.weight", "conv2.weight",
                "conv2.bias",
            ],
            model.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void A_number_that_somebody_took_is_left_out()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("conv1", (8, 8, 3));

        Assert.Equal("conv2", b.Conv2d(x, 4, 3).Name);
        Assert.Equal("conv7", b.Conv2d(x, 4, 3, name: "conv7").Name);
        Assert.Equal("conv3", b.Conv2d(x, 4, 3).Name);
        using (b.Scope("block1"))
        {
            Assert.Equal("block1.conv1", b.Conv2d(x, 4, 3).Name);
        }

        Assert.Equal("block2", b.UniqueName("block"));
        Assert.Equal("block3", b.UniqueName("block"));
    }

    [Fact]
    public void A_name_can_be_taken_once()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (8, 8, 3));
        b.Conv2d(x, 4, 3, name: "stem");

        ArgumentException node = Assert.Throws<ArgumentException>(() => b.Conv2d(x, 4, 3, name: "stem"));
        ArgumentException input = Assert.Throws<ArgumentException>(() => b.Input("image", 4));

        Assert.Contains("'stem' is taken", node.Message, default);
        Assert.Contains("'image' is taken", input.Message, default);
    }

    [Fact]
    public void Shapes_are_those_of_one_sample()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (28, 28, 1));
        Assert.Equal((28, 28, 1), b.ShapeOf(x));
        x = b.Conv2d(x, 6, 5, Padding.Same);
        Assert.Equal((28, 28, 6), b.ShapeOf(x));
        x = b.MaxPool2d(x, 2);
        Assert.Equal((14, 14, 6), b.ShapeOf(x));
        x = b.Reshape(x, 49, -1);
        Assert.Equal((49, 24), b.ShapeOf(x));
        x = b.Flatten(x);
        Assert.Equal(1176, b.ShapeOf(x));
        Assert.Equal((10, 1176), b.ShapeOf(b.Linear(x, 10).Producer!.Inputs[1]!));
    }

    public static TheoryData<string, string> Misfits => new()
    {
        { "linear after pictures", "Linear 'head.fc1': input is 1x8x8x3, expected rows x features; put a Flatten before it." },
        {
            "groups",
            "Conv2d 'head.conv1': 2 groups do not divide 3 input and 4 output channels (input 1x8x8x3, weights 4x3x3x1)."
        },
        { "no filters", "Conv2d: filters is 0, expected at least 1." },
        { "no kernel", "Conv2d 'stem': the kernel is 0x3, expected at least 1x1." },
        { "sum", "Add 'head.add1': left is 1x8x8x3, right is 1x6x6x3; expected the same shape." },
        { "reshape", "Reshape 'head.reshape1': input 1x8x8x3 has 192 elements, which do not fit into 0x5x-1." },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void What_does_not_fit_is_named_with_its_shapes(string name, string expected)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (8, 8, 3));
        using (b.Scope("head"))
        {
            ShapeException error = Assert.Throws<ShapeException>(() => name switch
            {
                "linear after pictures" => b.Linear(x, 10),
                "groups" => b.Conv2d(x, 4, 3, groups: 2),
                "no filters" => b.Conv2d(x, 0, 3),
                "no kernel" => b.Conv2d(x, 4, (0, 3), name: "stem"),
                "sum" => b.Add(x, b.Conv2d(x, 3, 3)),
                "reshape" => b.Reshape(x, 5, -1),
                _ => throw new ArgumentOutOfRangeException(nameof(name)),
            });

            Assert.Equal(expected, error.Message);
        }
    }

    [Fact]
    public void A_value_of_another_builder_is_refused()
    {
        GraphValue other = new GraphBuilder().Input("image", (8, 8, 3));

        ArgumentException error = Assert.Throws<ArgumentException>(() => new GraphBuilder().Flatten(other));

        Assert.Contains("'image' does not belong", error.Message, default);
    }

    [Fact]
    public void A_builder_makes_one_model_and_needs_an_output()
    {
        GraphBuilder b = new();
        GraphValue x = b.Flatten(b.Input("image", (2, 2, 1)));
        Assert.Contains("no output", Assert.Throws<InvalidOperationException>(() => b.Build()).Message, default);
        b.Output("row", x);
        b.Build().Dispose();

        Assert.Contains("built already", Assert.Throws<InvalidOperationException>(() => b.Build()).Message, default);
        Assert.Contains("built already", Assert.Throws<InvalidOperationException>(() => b.Flatten(x)).Message, default);
    }

    [Fact]
    public void Parameters_can_be_shared_between_layers()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (6, 6, 2));
        GraphValue weights = b.Parameter("shared", (2, 3, 3, 2));
        GraphValue first = b.Conv2d(x, weights, padding: Padding.Same);
        b.Output("maps", b.Conv2d(first, weights, padding: Padding.Same));
        using Model model = b.Build();

        Assert.Equal("shared", Assert.Single(model.Parameters).Name);
        Assert.Equal(36, model.ParameterCount);
    }

    [Fact]
    public void What_no_output_depends_on_is_left_out()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (6, 6, 2));
        b.Conv2d(x, 8, 3, name: "unused");
        b.Output("row", b.Linear(b.Flatten(x), 1));
        using Model model = b.Build();

        Assert.Equal(["flatten1", "fc1"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Weights_depend_on_seed_and_name_and_not_on_the_rest_of_the_model()
    {
        using Model small = Network(layers: 1, seed: 3), large = Network(layers: 3, seed: 3), other = Network(layers: 1, seed: 4);

        Assert.Equal(Values(small, "conv1.weight"), Values(large, "conv1.weight"));
        Assert.NotEqual(Values(small, "conv1.weight"), Values(other, "conv1.weight"));
        Assert.NotEqual(Values(large, "conv2.weight"), Values(large, "conv3.weight"));
    }

    /// <summary>The deviation of n normal values is off by more than 6 / sqrt(2 n) times itself once in a billion seeds; that of
    /// uniform ones is surer still. Here n is 36,864 and 65,536, so 3 % is wide.</summary>
    [Theory]
    [InlineData("relu", 2.0)]
    [InlineData("none", 1.0)]
    [InlineData("tanh", 1.0)]
    [InlineData("selu", 1.0)]
    [InlineData("relu behind batch norm, pooling and a sum", 2.0)]
    public void First_weights_suit_the_activation_that_follows(string after, double fanInVariance)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (4, 4, 64)), y = b.Conv2d(x, 64, 3, Padding.Same);
        b.Output("maps", after switch
        {
            "relu" => b.Relu(y),
            "tanh" => b.Tanh(y),
            "selu" => b.Activate(y, Activation.Selu),
            "relu behind batch norm, pooling and a sum" => b.Relu(b.Add(b.MaxPool2d(b.BatchNorm(y), 1), x)),
            _ => y,
        });
        using Model model = b.Build(seed: 5);

        float[] weights = Values(model, "conv1.weight");
        double variance = weights.Average(w => (double)w * w);
        Assert.Equal(fanInVariance, variance * 9 * 64, 0.06 * fanInVariance);
        Assert.All(Values(model, "conv1.bias"), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void A_normalisation_starts_as_the_identity()
    {
        GraphBuilder b = new();
        b.Output("maps", b.BatchNorm(b.Input("image", (4, 4, 2))));
        using Model model = b.Build();

        Assert.Equal([0f, 0f], Values(model, "bn1.mean"));
        Assert.Equal([1f, 1f], Values(model, "bn1.variance"));
        Assert.Equal([1f, 1f], Values(model, "bn1.gamma"));
        Assert.Equal([0f, 0f], Values(model, "bn1.beta"));
        Assert.Equal(4, model.ParameterCount);
    }

    [Fact]
    public void A_gate_of_one_pixel_scales_channels()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (2, 2, 3));
        GraphValue offset = b.Parameter("offset", (1, 2, 2, 3), Initializer.Ones, ParameterRole.Bias);
        GraphValue gate = b.GlobalMaxPool(x, keepDimensions: true);
        b.Output("gated", b.Offset(b.Multiply(b.Subtract(x, gate), gate), offset));
        using Model model = b.Build();
        using Tensor input = Tensor.FromSpan([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0], (1, 2, 2, 3));
        using Tensor output = model.Predict(input);

        Assert.Equal([-41f, -47, -53, -20, -23, -26, 1, 1, 1, -48, -63, -80], output.ToArray());
    }

    [Fact]
    public void Attention_is_two_products_and_a_softmax()
    {
        GraphBuilder b = new();
        GraphValue tokens = b.Reshape(b.Input("image", (2, 2, 3)), 4, 3);
        GraphValue weights = b.Softmax(b.MatMul(tokens, tokens, transposeRight: true));
        b.Output("mixed", b.MatMul(weights, tokens));
        using Model model = b.Build();
        using Tensor input = Tensor.Full((2, 2, 2, 3), 0.5f);
        using Tensor output = model.Predict(input);

        Assert.Equal((2, 4, 3), output.Shape);
        Assert.All(output.ToArray(), value => Assert.Equal(0.5f, value, 1e-6f));
    }

    private static float[] Values(Model model, string parameter) => model.Graph.Parameter(parameter).Value.ToArray();

    private static Model Network(int layers, ulong seed)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (8, 8, 3));
        for (int i = 0; i < layers; i++)
        {
            x = b.Conv2d(x, 4, 3, Padding.Same, activation: Activation.Relu);
        }

        b.Output("maps", x);
        return b.Build(seed);
    }
}
