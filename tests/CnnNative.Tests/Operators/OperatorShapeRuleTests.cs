// Shape rules of operators as nodes: what does not fit is refused before anything runs, by a sentence that names the node and
// says what was found and what was expected; and attributes of files that cannot be are refused when they are read.

using CnnNative.Graphs;
using CnnNative.Operators;

namespace CnnNative.Tests.Operators;

public sealed class OperatorShapeRuleTests
{
    private const string Activations =
        "None, Relu, LeakyRelu, Tanh, Sigmoid, Elu, Selu, Gelu, Silu, HardSwish, Mish, HardSigmoid, Softplus, Clip.";

    private static readonly int[] Picture = [2, 6, 5, 4];

    public static TheoryData<string, string, AttributeSet, int[][]> Mistakes => new()
    {
        { "Linear 'x': input is 2x6x5x4, expected rows x features; put a Flatten before it.", "Linear", [], [Picture, [3, 4]] },
        { "Add 'x': left is 2x3, right is 3; expected the same shape.", "Add", [], [[2, 3], [3]] },
        {
            "Reshape 'x': input 2x6x5x4 has 240 elements, which do not fit into 7x-1.",
            "Reshape", Of("shape", List(7, -1)), [Picture]
        },
        {
            "BatchNorm 'x': gamma has 3 elements, expected 4, one for each channel of 2x6x5x4.",
            "BatchNorm", [], [Picture, [4], [4], [3]]
        },
        {
            "ConvTranspose2d 'x': input has 4 channels, weights expect 3 (input 2x6x5x4, weights 3x2x2x5).",
            "ConvTranspose2d", [], [Picture, [3, 2, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': 3 groups do not divide the 4 input channels (input 2x6x5x4).",
            "ConvTranspose2d", Of("groups", 3), [Picture, [4, 2, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': weights are 4x5, expected four dimensions: input channels x height x width x output " +
            "channels of a group.",
            "ConvTranspose2d", [], [Picture, [4, 5]]
        },
        {
            "ConvTranspose2d 'x': bias is 5, expected 10, one for each output channel.",
            "ConvTranspose2d", Of("groups", 2), [Picture, [4, 2, 2, 5], [5]]
        },
        {
            "ConvTranspose2d 'x': output padding of the height is 2, expected 0 to 1, less than the stride.",
            "ConvTranspose2d", new() { { "stride", List(2, 2) }, { "output_padding", List(2, 0) } }, [Picture, [4, 2, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': output padding of the width is 1, expected 0, less than the stride.",
            "ConvTranspose2d", new() { { "padding", "same" }, { "output_padding", List(0, 1) } }, [Picture, [4, 2, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': the output width would be -2, expected 1 to 2^31 - 1 (input 5, window 2, stride 1, " +
            "dilation 1, padding 4 and 4, output padding 0).",
            "ConvTranspose2d", Of("padding", List(0, 4, 0, 4)), [Picture, [4, 2, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': stride height is 0, expected at least 1.",
            "ConvTranspose2d", Of("stride", List(0, 1)), [Picture, [4, 7, 2, 5]]
        },
        {
            "ConvTranspose2d 'x': the output height would be 12884901882, expected 1 to 2^31 - 1 (input 6, window 2, " +
            "stride 2147483647, dilation 1, padding 0 and 0, output padding 0).",
            "ConvTranspose2d", new() { { "padding", "same" }, { "stride", List(int.MaxValue, 1) } }, [Picture, [4, 2, 2, 5]]
        },
        {
            "Pad 'x': the output is 65536x65536, which has 4294967296 elements, expected less than 2^31.",
            "Pad", new() { { "before", List(65535, 65535) }, { "after", List(0, 0) } }, [[1, 1]]
        },
        { "AveragePool2d 'x': window height is 0, expected at least 1.", "AveragePool2d", Of("window", List(0, 1)), [Picture] },
        {
            "GlobalAveragePool 'x': input is 4, expected four dimensions: batch x height x width x channels.",
            "GlobalAveragePool", [], [[4]]
        },
        {
            "GlobalMaxPool 'x': input is 2x3, expected four dimensions: batch x height x width x channels.",
            "GlobalMaxPool", [], [[2, 3]]
        },
        {
            "AdaptiveAveragePool2d 'x': output width is -1, expected at least 1.",
            "AdaptiveAveragePool2d", Of("size", List(1, -1)), [Picture]
        },
        {
            "AdaptiveMaxPool2d 'x': output height is 0, expected at least 1.",
            "AdaptiveMaxPool2d", Of("size", List(0, 3)), [Picture]
        },
        { "LayerNorm 'x': 3 dimensions are normalised, expected 1 to 2 for 2x3.", "LayerNorm", Of("dimensions", 3), [[2, 3]] },
        {
            "LayerNorm 'x': beta has 2 elements, expected 3, one for each element of a row of 2x3.",
            "LayerNorm", [], [[2, 3], [3], [2]]
        },
        {
            "LayerNorm 'x': epsilon is -1, expected a small number that is not negative.",
            "LayerNorm", Of("epsilon", -1.0), [[2, 3]]
        },
        { "GroupNorm 'x': 3 groups do not divide the 4 channels of 2x6x5x4.", "GroupNorm", Of("groups", 3), [Picture] },
        {
            "GroupNorm 'x': gamma has 2 elements, expected 4, one for each channel of 2x6x5x4.",
            "GroupNorm", Of("groups", 2), [Picture, [2]]
        },
        { "InstanceNorm 'x': input is 7, expected at least batch x channels.", "InstanceNorm", [], [[7]] },
        { "LocalResponseNorm 'x': size is 0, expected at least 1 channel.", "LocalResponseNorm", Of("size", 0), [Picture] },
        {
            "PRelu 'x': there are 3 slopes, expected 4, one for each channel of 2x6x5x4, or 1 for all.",
            "PRelu", [], [Picture, [3]]
        },
        {
            "Dropout 'x': the probability is 1, expected at least 0 and less than 1.",
            "Dropout", Of("probability", 1.0), [Picture]
        },
        {
            "SpatialDropout 'x': the probability is NaN, expected at least 0 and less than 1.",
            "SpatialDropout", Of("probability", double.NaN), [Picture]
        },
        { "SpatialDropout 'x': input is 5, expected at least batch x channels.", "SpatialDropout", [], [[5]] },
        {
            "Binary 'x': left is 2x3, right is 2; expected sizes from the innermost dimension on that are equal or 1.",
            "Binary", Of("operation", "Multiply"), [[2, 3], [2]]
        },
        { "ReduceSum 'x': axis is 2, expected -2 to 1 for 2x3.", "ReduceSum", Of("axes", List(2)), [[2, 3]] },
        {
            "ReduceMean 'x': axis -1 is given twice, expected each dimension of 2x3 once.",
            "ReduceMean", Of("axes", List(1, -1)), [[2, 3]]
        },
        { "Concat 'x': axis is 4, expected -4 to 3 for 2x6x5x4.", "Concat", Of("axis", 4), [Picture] },
        {
            "Concat 'x': tensor 1 is 2x3, tensor 0 is 2x6x5x4; expected the same dimensions except 3.",
            "Concat", [], [Picture, [2, 3]]
        },
        {
            "Split 'x': the parts are 1, 2, expected positive sizes that sum to 4, dimension 3 of 2x6x5x4.",
            "Split", Of("sizes", List(1, 2)), [Picture]
        },
        {
            "Slice 'x': nothing is left of dimension 1 of 2x6x5x4 from 4 to 2 in steps of 1, expected at least one element.",
            "Slice", new() { { "axes", List(1) }, { "starts", List(4) }, { "ends", List(2) } }, [Picture]
        },
        {
            "Slice 'x': the step of dimension 0 is 0, expected another number.",
            "Slice", new() { { "axes", List(0) }, { "starts", List(0) }, { "ends", List(2) }, { "steps", List(0) } }, [Picture]
        },
        {
            "Slice 'x': 1 starts, 2 ends and 1 steps were given, expected 1, one for each axis.",
            "Slice", new() { { "axes", List(0) }, { "starts", List(0) }, { "ends", List(2, 3) } }, [Picture]
        },
        {
            "Pad 'x': 1 amounts before and 2 after were given, expected 2, one for each dimension of 2x3.",
            "Pad", new() { { "before", List(1) }, { "after", List(1, 1) } }, [[2, 3]]
        },
        {
            "Pad 'x': dimension 1 would be 0, expected 1 to 2^31 - 1 (-1 before and -2 after 2x3).",
            "Pad", new() { { "before", List(0, -1) }, { "after", List(0, -2) } }, [[2, 3]]
        },
        {
            "Transpose 'x': 2 axes were given, expected 3, one for each dimension of 2x3x4.",
            "Transpose", Of("axes", List(1, 0)), [[2, 3, 4]]
        },
        {
            "Transpose 'x': axis 0 is given twice, expected each dimension of 2x3 once.",
            "Transpose", Of("axes", List(0, 0)), [[2, 3]]
        },
        { "Resize 'x': the output height is -3, expected at least 1.", "Resize", Of("size", List(-3, 2)), [Picture] },
        {
            "Resize 'x': the output width would be 0, expected 1 to 2^31 - 1 (input 5, scale 0.1).",
            "Resize", Of("scale", Numbers(1, 0.1)), [Picture]
        },
        { "Gather 'x': indices is 3, expected elements of Int32 or Int64.", "Gather", [], [[2, 3], [3]] },
        {
            "MatMul 'x': the rows of op(left) have 3 elements, the columns of op(right) 4, expected the same number " +
            "(left 2x3, right 4x5).",
            "MatMul", [], [[2, 3], [4, 5]]
        },
        {
            "MatMul 'x': left is 2x3x4, right is 3x4x5; expected the same dimensions before the two innermost, or none " +
            "on one side.",
            "MatMul", [], [[2, 3, 4], [3, 4, 5]]
        },
        { "MatMul 'x': left is 4, right is 4x5; expected at least two dimensions of each.", "MatMul", [], [[4], [4, 5]] },
    };

    public static TheoryData<string, string, AttributeSet> WrongAttributes => new()
    {
        {
            "the attribute 'operation' is 'Modulo', expected one of Add, Subtract, Multiply, Divide, Minimum, " +
            "Maximum, Less, Equal.",
            "Binary", Of("operation", "Modulo")
        },
        { "the attribute 'operation' is missing.", "Unary", [] },
        { "the attribute 'groups' is '0', expected at least 1.", "GroupNorm", Of("groups", 0) },
        { "the attribute 'groups' is '4294967296', expected a number of 32 bits.", "Conv2d", Of("groups", 1L << 32) },
        { "the attribute 'sizes' is empty, expected the size of at least one part.", "Split", Of("sizes", List()) },
        { "the attribute 'operation' is missing.", "Binary", [] },
        { "the attribute 'size' is missing.", "Resize", [] },
        { "the attribute 'size' is missing.", "AdaptiveMaxPool2d", [] },
        { "the attribute 'axes' is missing.", "Transpose", [] },
        {
            "the attribute 'activation' is 'Relu, Tanh', expected one of " + Activations,
            "Linear", Of("activation", "Relu, Tanh")
        },
        {
            "the attribute 'ends' is '9223372036854775807', expected a number of 32 bits.",
            "Slice", new() { { "axes", List(0) }, { "starts", List(0) }, { "ends", List(long.MaxValue) } }
        },
        {
            "the attribute 'mode' is 'Mirror', expected one of Constant, Reflect, Edge, Wrap.",
            "Pad", new() { { "before", List(0) }, { "after", List(0) }, { "mode", "Mirror" } }
        },
        { "the attribute 'scale' is '2', expected two factors, for height and width.", "Resize", Of("scale", Numbers(2)) },
        { "the attribute 'size' is '1,2,3', expected height and width.", "AdaptiveMaxPool2d", Of("size", List(1, 2, 3)) },
        { "the attribute is '0.5', expected a whole number.", "LayerNorm", Of("dimensions", 0.5) },
        {
            "the attribute 'activation' is '7', expected one of " + Activations,
            "Activation", Of("activation", "7")
        },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Mistakes))]
    public void A_node_whose_inputs_do_not_fit_is_named_with_its_numbers(
        string expected, string kind, AttributeSet attributes, int[][] shapes)
    {
        GraphValue[] inputs = [.. shapes.Select((shape, i) => new GraphValue(
            new GraphInput($"input{i}", [.. shape.Select(size => (Dimension)size)])))];
        GraphNode node = new("x", OperatorRegistry.Create(kind, attributes), inputs);
        using Graph graph = new(inputs, [new GraphOutput("output", node.Output)]);

        Shape[] sizes = [.. shapes.Select(shape => new Shape(shape))];
        ShapeException error = Assert.Throws<ShapeException>(() => new GraphShapes(graph, sizes));

        Assert.Equal(expected, error.Message);
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongAttributes))]
    public void Attributes_that_cannot_be_are_refused(string expected, string kind, AttributeSet attributes)
    {
        FormatException error = Assert.Throws<FormatException>(() => OperatorRegistry.Create(kind, attributes));

        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public void An_unknown_operator_is_refused_with_those_that_there_are()
    {
        FormatException error = Assert.Throws<FormatException>(() => OperatorRegistry.Create("Convolve", []));

        const string Start = "there is no operator 'Convolve'; there are Activation, AdaptiveAveragePool2d,";
        Assert.StartsWith(Start, error.Message, StringComparison.Ordinal);
    }

    private static AttributeSet Of(string name, AttributeValue value) => new() { { name, value } };

    private static AttributeValue List(params long[] values) => values;

    private static AttributeValue Numbers(params double[] values) => values;
}
