// Layers as descriptions: rows, residual blocks, branches, and layers that somebody else writes.

namespace CnnNative.Tests.Models;

public sealed class LayerTests
{
    [Fact]
    public void A_row_of_layers_is_the_model_that_the_calls_would_build()
    {
        using Model row = new Sequential(input: (28, 28, 1))
        {
            new Conv2d(8, kernel: 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2),
            new Conv2d(16, 3, Padding.Same, stride: 2, activation: Activation.Relu),
            new Flatten(), new Linear(10),
        }.Build(seed: 1);
        GraphBuilder b = new();
        GraphValue x = b.Input("input", (28, 28, 1));
        x = b.MaxPool2d(b.Relu(b.BatchNorm(b.Conv2d(x, 8, 3, Padding.Same))), 2);
        x = b.Relu(b.Conv2d(x, 16, 3, Padding.Same, stride: 2));
        b.Output("output", b.Linear(b.Flatten(x), 10));
        using Model calls = b.Build(seed: 1);

        Assert.Equal(calls.Graph.Nodes.Select(Describe), row.Graph.Nodes.Select(Describe));
        Assert.Equal(calls.Parameters.Select(p => p.Name), row.Parameters.Select(p => p.Name));
        Assert.All(
            calls.Parameters.Zip(row.Parameters), pair => Assert.Equal(pair.First.Value.ToArray(), pair.Second.Value.ToArray()));
    }

    [Fact]
    public void A_row_without_an_input_is_a_part_of_another_and_cannot_be_built()
    {
        Sequential part = new() { new Flatten(), new Linear(2) };
        using Model model = new Sequential((2, 2, 1)) { part, new Tanh() }.Build();

        Assert.Equal(["flatten1", "fc1", "tanh1"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Contains("shape of the input", Assert.Throws<InvalidOperationException>(() => part.Build()).Message, default);
    }

    [Fact]
    public void Names_of_layers_are_names_of_nodes_and_scopes()
    {
        using Model model = new Sequential((8, 8, 3))
        {
            new Sequential { new Conv2d(4, 3) { Name = "in" }, new Relu() },
            new Sequential("body") { new Conv2d(4, 3), new Relu() },
            new Residual(new Conv2d(4, 3, Padding.Same), activation: Activation.Relu),
            new Add(new Conv2d(4, 1), new Identity(), new Conv2d(4, 3, 1)),
        }.Build();

        Assert.Equal(
            [
                "in", "relu1", "body.conv1", "body.relu1", "residual1.conv1", "residual1.add1", "residual1.relu1",
                "add1.branch1.conv1", "add1.add1", "add1.branch3.conv1", "add1.add2",
            ],
            model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_residual_block_whose_branches_differ_says_so()
    {
        Sequential model = new((8, 8, 3)) { new Residual(new Conv2d(4, 3, Padding.Same, stride: 2)) { Name = "block" } };

        ShapeException error = Assert.Throws<ShapeException>(() => model.Build());

        Assert.StartsWith("Residual 'block': the body gives 4x4x4, the shortcut 8x8x3; expected the same shape.", error.Message);
    }

    [Fact]
    public void A_layer_that_does_not_fit_is_named_with_both_shapes()
    {
        Sequential model = new((8, 8, 3)) { new Conv2d(4, 3), new MaxPool2d(9) };

        ShapeException error = Assert.Throws<ShapeException>(() => model.Build());

        Assert.StartsWith("MaxPool2d 'pool1':", error.Message);
        Assert.Contains("1x6x6x4", error.Message, default);
    }

    [Fact]
    public void Layers_of_ones_own_are_made_of_the_builders_calls()
    {
        using Model model = new Sequential((8, 8, 4)) { new SqueezeAndScale(), new SqueezeAndScale() }.Build();
        using Tensor input = Tensor.Full((3, 8, 8, 4), 1f);
        using Tensor output = model.Predict(input);

        Assert.Equal((3, 8, 8, 4), output.Shape);
        Assert.Equal(["scale1.conv1", "scale1.add1", "scale2.conv1", "scale2.add1"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_separable_convolution_is_two_with_few_weights()
    {
        using Model model = new Sequential((8, 8, 4))
        {
            new SeparableConv2d(6, 3, Padding.Same), new DepthwiseConv2d(3, multiplier: 2),
        }.Build();

        Assert.Equal(["separable1.depthwise", "separable1.pointwise", "depthwise1"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(4 * 9 + 4 * 6 + 6 + 6 * 2 * 9 + 12, model.ParameterCount);
        Assert.Equal((1, 6, 6, 12), model.OutputShape(1));
    }

    private static string Describe(GraphNode node) => $"{node} ({node.Operator.Attributes})";

    private sealed class SqueezeAndScale : Layer
    {
        protected override GraphValue Apply(GraphBuilder b, GraphValue x)
        {
            using (b.Scope(b.UniqueName("scale")))
            {
                return b.Add(x, b.Conv2d(x, b.ShapeOf(x)[^1], 1));
            }
        }
    }
}
