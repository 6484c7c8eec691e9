// Graphs as text and back: nothing may get lost, and what somebody wrote wrong by hand is named with its place.

using CnnNative.Models;
using CnnNative.Operators;
using CnnNative.Tests.Graphs;

namespace CnnNative.Tests.Models;

public sealed class GraphJsonTests
{
    private const string Small = """
        {
          "version": 1,
          "inputs": [{"name": "image", "shape": ["batch", 4, 4, 1]}],
          "parameters": [
            {"name": "conv.weight", "shape": [2, 3, 3, 1], "initializer": "constant(0.5)"},
            {"name": "conv.bias", "shape": [2], "role": "bias", "trainable": false},
          ],
          "nodes": [
            {"name": "conv", "operator": "Conv2d", "inputs": ["image", "conv.weight", "conv.bias"],
             "attributes": {"padding": "same"}},
            {"name": "clip", "operator": "Activation", "inputs": ["conv"],
             "attributes": {"activation": "Clip", "activation_parameters": [0, 6]}}, // as in MobileNet
          ],
          "outputs": [{"name": "maps", "value": "clip"}]
        }
        """;

    public static TheoryData<string> Graphs => [.. SampleGraphs.Names];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_graph_that_was_written_and_read_is_the_same(string name)
    {
        using Graph graph = SampleGraphs.Create(name);
        string text = GraphJson.Write(graph);
        using Graph read = GraphJson.Read(text);

        Assert.Equal(text, GraphJson.Write(read));
        Assert.Equal(graph.Nodes.Select(Describe), read.Nodes.Select(Describe));
        Assert.Equal(
            graph.Parameters.Select(p => (p.Name, p.Shape, p.Role)), read.Parameters.Select(p => (p.Name, p.Shape, p.Role)));
        Assert.Equal(graph.Outputs.Select(o => (o.Name, o.Value.Name)), read.Outputs.Select(o => (o.Name, o.Value.Name)));
    }

    [Fact]
    public void A_text_of_ones_own_is_a_graph()
    {
        using Graph graph = GraphJson.Read(Small);

        Assert.All(graph.Parameter("conv.weight").Value.ToArray(), value => Assert.Equal(0.5f, value));
        Assert.All(graph.Parameter("conv.bias").Value.ToArray(), value => Assert.Equal(0f, value));
        Assert.False(graph.Parameter("conv.bias").Trainable);
        Assert.True(graph.Parameter("conv.weight").Trainable);
        Assert.Equal(Activation.Relu6, Assert.IsType<ActivationOperator>(graph.Node("clip").Operator).Activation);
    }

    [Fact]
    public void First_weights_of_a_text_are_those_of_the_builder()
    {
        using Model built = new Sequential((8, 8, 3))
        {
            new Conv2d(4, 3), new BatchNorm(), new PRelu(), new ConvTranspose2d(3, 2, stride: 2), new GroupNorm(3),
            new Flatten(), new Linear(2),
        }.Build(seed: 9);
        using Graph read = GraphJson.Read(GraphJson.Write(built.Graph), seed: 9);

        Assert.All(built.Parameters, parameter =>
            Assert.Equal(parameter.Value.ToArray(), read.Parameter(parameter.Name).Value.ToArray()));
    }

    [Fact]
    public void Constants_of_any_type_keep_their_values()
    {
        using Model written = TypedConstants();
        using Graph read = GraphJson.Read(GraphJson.Write(written.Graph));

        Assert.Equal(ElementType.Int64, read.Parameter("sizes").Value.ElementType);
        Assert.Equal([long.MinValue, 5L], read.Parameter("sizes").Value.ToArray<long>());
        Assert.Equal(default, read.Parameter("one").Shape);
        Assert.Equal([true, false, true], read.Parameter("flags").Value.ToArray<bool>());
    }

    [Fact]
    public void Constants_keep_their_bits()
    {
        float[] values = [1f / 3f, float.NaN, float.NegativeInfinity, BitConverter.Int32BitsToSingle(7), -0f];
        GraphBuilder b = new();
        GraphValue constant = b.Constant("mask", Tensor.FromSpan(values, (1, 5)));
        b.Output("sum", b.Concat(constant, b.Input("x", 5)));
        using Model model = b.Build();
        using Graph read = GraphJson.Read(GraphJson.Write(model.Graph));

        Assert.Equal(
            values.Select(BitConverter.SingleToInt32Bits),
            read.Parameter("mask").Value.ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Names_that_several_values_have_are_told_apart()
    {
        GraphValue input = new(new GraphInput("x", [Dimension.Batch, 3]));
        GraphValue weights = new(new Parameter("x", Tensor.Full((4, 3), 1f)));
        GraphNode linear = new("x", new LinearOperator(), input, weights);
        GraphNode split = new("s", new SplitOperator([1, 3]), linear.Output);
        GraphNode odd = new("s:1", new ActivationOperator(Activation.Tanh), split.Outputs[1]);
        using Graph graph = new([input], [new GraphOutput("a", odd.Output), new GraphOutput("b", split.Outputs[0])]);
        string text = GraphJson.Write(graph);
        using Graph read = GraphJson.Read(text);

        Assert.Equal(text, GraphJson.Write(read));
        GraphNode readOdd = read.Node("s:1");
        Assert.Equal("s", readOdd.Inputs[0]!.Producer!.Name);
        Assert.Equal(1, readOdd.Inputs[0]!.OutputIndex);
        Assert.NotNull(read.Node("x").Inputs[0]!.Input);
        Assert.NotNull(read.Node("x").Inputs[1]!.Parameter);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    [InlineData(1e300)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    public void Numbers_of_attributes_keep_their_kind_and_bits(double value)
    {
        AttributeSet set = new AttributeSet()
            .With("number", (AttributeValue)value)
            .With("numbers", (AttributeValue)(double[])[value, 2.0])
            .With("integer", 3)
            .With("integers", (AttributeValue)(long[])[4, long.MinValue])
            .With("text", (AttributeValue)"\"ä\n");
        string text = JsonText.Write(json => AttributeJson.Write(json, set));
        using System.Text.Json.JsonDocument document = JsonText.Parse(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal([.. set], AttributeJson.Read(document.RootElement).ToArray());
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "\"version\": 1", "\"version\": 2", "graph: it was made by a newer version: it is 2, this one reads up to 1." },
        { "\"version\": 1,", "", "graph: 'version' is missing." },
        { "\"version\": 1", "\"version\": 1, \"extra\": 0", "graph: 'extra' is not known, expected version, inputs" },
        { "\"Conv2d\"", "\"Conv9d\"", "nodes[0] 'conv': there is no operator 'Conv9d'; there are Activation" },
        { "\"padding\": \"same\"", "\"pading\": \"same\"", "nodes[0] 'conv': Conv2d has no attribute 'pading'; it has stride" },
        { "\"padding\": \"same\"", "\"padding\": \"some\"", "nodes[0] 'conv': the attribute 'padding' is 'some'" },
        { "\"padding\": \"same\"", "\"stride\": {}", "nodes[0] 'conv': the attribute 'stride' is {}, expected a number" },
        { "\"inputs\": [\"conv\"]", "\"inputs\": [\"con\"]", "nodes[1] 'clip': it reads 'con', which no input, parameter" },
        { "\"inputs\": [\"conv\"]", "\"inputs\": [7]", "nodes[1] 'clip': a value is 7, expected a name." },
        { "\"inputs\": [\"conv\"]", "\"inputs\": []", "nodes[1] 'clip': Activation 'clip': input 0, 'input', is missing." },
        { "[\"conv\"]", "[{\"node\": \"conv\", \"output\": 3}]", "nodes[1] 'clip': it reads 'conv', which is not there." },
        { "[2, 3, 3, 1]", "[2, 3, 3, 2]", "Conv2d 'conv': input has 1 channels in 1 group, weights expect 2" },
        { "[2, 3, 3, 1]", "[2, 3, 0, 1]", "Conv2d 'conv': " },
        { "[2, 3, 3, 1]", "[99999, 99999, 99, 99]", "parameters[0] 'conv.weight': Tensor: shape 99999x99999x99x99 has" },
        { "constant(0.5)", "constant", "parameters[0] 'conv.weight': a constant needs its value, as in constant(0.5)." },
        { "constant(0.5)", "he", "parameters[0] 'conv.weight': there is no initializer 'he'; there are zeros" },
        { "constant(0.5)", "zeros(1)", "parameters[0] 'conv.weight': the initializer has the number 1, expected none." },
        { "\"bias\"", "\"bia\"", "parameters[1] 'conv.bias': 'role' is 'bia', expected one of weight, bias, statistic" },
        { "\"bias\"", "\"constant\"", "parameters[1] 'conv.bias': a constant has no elements, expected them as base64." },
        { "\"conv.bias\", \"shape\"", "\"conv.weight\", \"shape\"", "parameters[1] 'conv.weight': there is a parameter" },
        { "\"value\": \"clip\"", "\"value\": null", "outputs[0] 'maps': the value is null" },
        { "\"value\": \"clip\"", "\"value\": \"image\"", "graph: nothing that leads to an output reads the parameter" },
        { "\"outputs\": [{", "\"outputs\": [7, {", "outputs[0]: it is 7, expected an object." },
        { "\"outputs\": [{", "\"outputs\": {{", "the text is no JSON" },
        { "\"image\", \"shape\"", "\"image\", \"name\": \"x\", \"shape\"", "inputs[0]: 'name' is there twice." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_place(string right, string wrong, string expected)
    {
        Assert.Contains(right, Small, default);

        FormatException error = Assert.Throws<FormatException>(() => GraphJson.Read(Small.Replace(right, wrong, default)));

        Assert.StartsWith(expected, error.Message);
    }

    internal static Model TypedConstants()
    {
        GraphBuilder b = new();
        b.Output("input", b.Tanh(b.Input("x", 5)));
        b.Output("sizes", b.Constant("sizes", Tensor.From([long.MinValue, 5L], 2)));
        b.Output("one", b.Constant("one", Tensor.Full(default, 1f)));
        b.Output("flags", b.Constant("flags", Tensor.From([true, false, true], 3)));
        return b.Build();
    }

    private static string Describe(GraphNode node) =>
        $"{node} ({node.Operator.Attributes}) [{string.Join(", ", node.Inputs.Select(input => input?.Name ?? "-"))}]";
}
