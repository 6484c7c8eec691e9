// The table of operators with attributes and inputs that gradients, memory, files and executors are tested with. A new operator
// gets its lines here; a test fails where one has none.

namespace CnnNative.Tests.Operators;

internal static class OperatorCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. Convolutions(), .. Pooling(), .. Normalizations(), .. Elements(), .. Moves(),
    ];

    private static IEnumerable<OperatorCase> Convolutions() =>
    [
        Case("Conv2d", "3x3", new() { { "padding", "same" } }, Data(2, 5, 4, 3), Weight(4, 3, 3, 3), Weight(4)),
        Case("Conv2d", "stride 2, groups, no bias", new() { { "stride", List(2, 1) }, { "groups", 2 } }, Data(2, 6, 5, 4), Weight(4, 3, 2, 2)),
        Case("Conv2d", "dilation 2, ReLU, padding", new() { { "dilation", List(2, 2) }, { "padding", List(2, 1, 0, 2) }, { "activation", "Relu" } },
            Data(2, 6, 5, 2), Weight(3, 3, 2, 2), Weight(3)),
        Case("Conv2d", "depthwise", new() { { "groups", 5 }, { "padding", "same_lower" } }, Data(2, 5, 6, 5), Weight(5, 3, 3, 1), Weight(5)),
        Case("Conv2d", "residual", new() { { "padding", "same" } }, Data(1, 4, 4, 2), Weight(3, 3, 3, 2), Missing, Data(1, 4, 4, 3)),
        Case("ConvTranspose2d", "3x3", [], Data(2, 3, 4, 3), Weight(3, 3, 3, 2), Weight(2)),
        Case("ConvTranspose2d", "stride 2, output padding", new() { { "stride", List(2, 2) }, { "padding", List(1, 1, 1, 1) }, { "output_padding", List(1, 0) } },
            Data(2, 3, 4, 3), Weight(3, 3, 3, 2), Weight(2)),
        Case("ConvTranspose2d", "same, groups, leaky ReLU", new()
            { { "stride", List(2, 3) }, { "padding", "same" }, { "groups", 2 }, { "activation", "LeakyRelu" }, { "activation_parameters", Numbers(0.25, 0) } },
            Data(1, 3, 2, 4), Weight(4, 2, 4, 3), Weight(6)),
        Case("ConvTranspose2d", "dilation 2, no bias", new() { { "dilation", List(2, 1) } }, Data(2, 3, 3, 2), Weight(2, 2, 3, 3)),
        Case("Linear", "plain", [], Data(3, 5), Weight(4, 5), Weight(4)),
        Case("Linear", "ReLU, no bias", new() { { "activation", "Relu" } }, Data(3, 7), Weight(4, 7)),
        Case("Linear", "residual", [], Data(2, 3), Weight(4, 3), Weight(4), Data(2, 4)),
    ];

    private static IEnumerable<OperatorCase> Pooling() =>
    [
        Case("MaxPool2d", "2x2", Window(2, 2), Data(2, 6, 4, 3)),
        Case("MaxPool2d", "3x3 stride 2, padding", new() { { "window", List(3, 3) }, { "stride", List(2, 2) }, { "padding", List(1, 1, 1, 1) } }, Data(2, 5, 6, 2)),
        Case("MaxPool2d", "dilation, ceil", new() { { "window", List(2, 2) }, { "stride", List(2, 1) }, { "dilation", List(1, 2) }, { "ceil_mode", 1 } },
            Data(1, 5, 5, 9)),
        Case("AveragePool2d", "2x2", Window(2, 2), Data(2, 6, 4, 3)),
        Case("AveragePool2d", "3x3 same", new() { { "window", List(3, 3) }, { "stride", List(2, 1) }, { "padding", "same" } }, Data(2, 5, 4, 2)),
        Case("AveragePool2d", "ceil, padding counted", new()
            { { "window", List(3, 2) }, { "stride", List(2, 2) }, { "padding", List(1, 1, 1, 1) }, { "ceil_mode", 1 }, { "count_include_pad", 1 } },
            Data(2, 6, 5, 9)),
        Case("GlobalAveragePool", "pixels", [], Data(2, 3, 4, 5)),
        Case("GlobalAveragePool", "one pixel", [], Data(2, 1, 1, 3)),
        Case("GlobalMaxPool", "pixels", [], Data(2, 3, 4, 5)),
        Case("AdaptiveAveragePool2d", "smaller", new() { { "size", List(2, 3) } }, Data(2, 5, 7, 3)),
        Case("AdaptiveAveragePool2d", "larger", new() { { "size", List(4, 3) } }, Data(1, 2, 3, 2)),
        Case("AdaptiveMaxPool2d", "smaller", new() { { "size", List(3, 2) } }, Data(2, 5, 7, 3)),
        Case("AdaptiveMaxPool2d", "larger", new() { { "size", List(3, 3) } }, Data(1, 2, 2, 9)),
    ];

    private static IEnumerable<OperatorCase> Normalizations() =>
    [
        Case("BatchNorm", "plain", new() { { "epsilon", 1e-3 } }, Data(3, 3, 2, 4), Statistic(4), Statistic(4), Weight(4), Weight(4)),
        Case("BatchNorm", "ReLU, rows", new() { { "epsilon", 1e-3 }, { "momentum", 0.5 }, { "relu", 1 } }, Data(6, 3), Statistic(3), Statistic(3), Weight(3), Weight(3)),
        Case("BatchNorm", "no parameters", [], Data(4, 2, 2, 3), Statistic(3), Statistic(3)),
        Case("LayerNorm", "rows", new() { { "epsilon", 1e-3 } }, Data(3, 4, 5), Weight(5), Weight(5)),
        Case("LayerNorm", "three dimensions", new() { { "dimensions", 3 }, { "epsilon", 1e-3 } }, Data(2, 3, 2, 4), Weight(3, 2, 4), Weight(3, 2, 4)),
        Case("LayerNorm", "no shift", new() { { "dimensions", 2 } }, Data(2, 3, 4), Weight(12)),
        Case("LayerNorm", "no parameters", [], Data(2, 6)),
        Case("GroupNorm", "two groups", new() { { "groups", 2 }, { "epsilon", 1e-3 } }, Data(2, 3, 2, 6), Weight(6), Weight(6)),
        Case("GroupNorm", "one group, ReLU", new() { { "groups", 1 }, { "relu", 1 }, { "epsilon", 1e-3 } }, Data(2, 2, 2, 5), Weight(5), Weight(5)),
        Case("GroupNorm", "no parameters", new() { { "groups", 3 } }, Data(2, 4, 6)),
        Case("InstanceNorm", "plain", new() { { "epsilon", 1e-2 } }, Data(2, 3, 3, 4), Weight(4), Weight(4)),
        Case("InstanceNorm", "ReLU, no shift", new() { { "epsilon", 1e-2 }, { "relu", 1 } }, Data(2, 3, 3, 4), Weight(4)),
        Case("LocalResponseNorm", "strong", new() { { "size", 3 }, { "alpha", 0.5 }, { "beta", 0.75 }, { "bias", 1.5 } }, Data(2, 2, 2, 7)),
        Case("LocalResponseNorm", "defaults", [], Data(2, 3, 5)),
    ];

    private static IEnumerable<OperatorCase> Elements() =>
    [
        Case("Activation", "ReLU", new() { { "activation", "Relu" } }, Data(2, 3, 5)),
        Case("Activation", "GELU", new() { { "activation", "Gelu" } }, Data(2, 3, 5)),
        Case("Activation", "clip", new() { { "activation", "Clip" }, { "activation_parameters", Numbers(-0.3, 0.4) } }, Data(2, 3, 5)),
        Case("Activation", "leaky ReLU", new() { { "activation", "LeakyRelu" }, { "activation_parameters", Numbers(0.1, 0) } }, Data(31)),
        Case("Add", "plain", [], Data(2, 3, 5), Data(2, 3, 5)),
        Case("Add", "ReLU", new() { { "activation", "Relu" } }, Data(2, 3, 5), Data(2, 3, 5)),
        Case("Add", "of a parameter", [], Data(2, 5), Weight(2, 5)),
        Case("Binary", "add", Operation("Add"), Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "add a row", Operation("Add"), Data(2, 3, 4), Weight(4)),
        Case("Binary", "subtract from a row", Operation("Subtract"), Weight(1, 4), Data(2, 3, 4)),
        Case("Binary", "subtract", Operation("Subtract"), Data(2, 5), Data(2, 5)),
        Case("Binary", "multiply", Operation("Multiply"), Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "multiply channels", Operation("Multiply"), Data(2, 3, 2, 4), Data(2, 1, 1, 4)),
        Case("Binary", "multiply by a parameter", Operation("Multiply"), Data(2, 3, 4), Weight(3, 1)),
        Case("Binary", "outer product", Operation("Multiply"), Data(3, 1), Data(1, 4)),
        Case("Binary", "divide", Operation("Divide"), Data(2, 3, 4), Positive(2, 3, 4)),
        Case("Binary", "divide by rows", Operation("Divide"), Data(2, 3, 4), Positive(2, 1, 1)),
        Case("Binary", "divide a row", Operation("Divide"), Data(4), Positive(2, 3, 4)),
        Case("Binary", "minimum", Operation("Minimum"), Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "minimum with a row", Operation("Minimum"), Weight(4), Data(2, 3, 4)),
        Case("Binary", "maximum", Operation("Maximum"), Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "maximum with a column", Operation("Maximum"), Data(2, 3, 4), Weight(3, 1)),
        Case("Unary", "exponential", Operation("Exponential"), Data(2, 3, 5)),
        Case("Unary", "logarithm", Operation("Logarithm"), Positive(2, 3, 5)),
        Case("Unary", "square root", Operation("SquareRoot"), Positive(2, 3, 5)),
        Case("Unary", "negate", Operation("Negate"), Data(17)),
        Case("Unary", "absolute", Operation("Absolute"), Data(2, 3, 5)),
        Case("Unary", "reciprocal", Operation("Reciprocal"), Positive(2, 3, 5)),
        Case("Unary", "square", new() { { "operation", "Power" }, { "exponent", 2.0 } }, Data(2, 3, 5)),
        Case("Unary", "power", new() { { "operation", "Power" }, { "exponent", -1.5 } }, Positive(2, 3, 5)),
        Case("Unary", "power 0", new() { { "operation", "Power" }, { "exponent", 0.0 } }, Data(2, 3)),
        Case("ReduceSum", "channels", new() { { "axes", List(-1) } }, Data(2, 3, 4)),
        Case("ReduceSum", "outer and inner, dropped", new() { { "axes", List(0, 2) }, { "keep_dimensions", 0 } }, Data(2, 3, 4)),
        Case("ReduceMean", "pixels, dropped", new() { { "axes", List(1, 2) }, { "keep_dimensions", 0 } }, Data(2, 3, 2, 4)),
        Case("ReduceMean", "rows", new() { { "axes", List(1) } }, Data(2, 3, 4)),
        Case("ReduceMean", "all", new() { { "keep_dimensions", 0 } }, Data(2, 3, 4)),
        Case("MatMul", "plain", [], Data(3, 4), Data(4, 5)),
        Case("MatMul", "left transposed", new() { { "transpose_left", 1 } }, Data(4, 3), Weight(4, 5)),
        Case("MatMul", "right transposed", new() { { "transpose_right", 1 } }, Data(3, 4), Weight(5, 4)),
        Case("MatMul", "both transposed", new() { { "transpose_left", 1 }, { "transpose_right", 1 } }, Data(4, 3), Data(5, 4)),
        Case("MatMul", "batch", [], Data(2, 2, 3, 4), Data(2, 2, 4, 5)),
        Case("MatMul", "batch, transposed", new() { { "transpose_left", 1 }, { "transpose_right", 1 } }, Data(3, 4, 2), Data(3, 5, 4)),
        Case("MatMul", "batch by one", [], Data(3, 2, 4), Weight(4, 5)),
        Case("MatMul", "transposed batch by one", new() { { "transpose_left", 1 } }, Data(3, 4, 2), Weight(4, 5)),
        Case("MatMul", "one by batch", new() { { "transpose_right", 1 } }, Weight(2, 4), Data(3, 5, 4)),
        Case("Dropout", "half", new() { { "probability", 0.5 } }, Data(4, 3, 5)),
        Case("Dropout", "none", new() { { "probability", 0.0 } }, Data(4, 5)),
        Case("SpatialDropout", "third", new() { { "probability", 0.3 } }, Data(4, 2, 3, 5)),
        Case("PRelu", "channels", [], Data(2, 3, 2, 5), Weight(5)),
        Case("PRelu", "one for all", [], Data(2, 3, 4), Weight(1)),
        Case("Softmax", "rows", [], Data(3, 2, 5)),
        Case("LogSoftmax", "rows", [], Data(3, 9)),
    ];

    private static IEnumerable<OperatorCase> Moves() =>
    [
        Case("Concat", "channels", new() { { "axis", -1 } }, Data(2, 2, 3, 4), Data(2, 2, 3, 1), Data(2, 2, 3, 3)),
        Case("Concat", "rows, with a parameter", new() { { "axis", 1 } }, Data(2, 2, 3), Weight(2, 1, 3)),
        Case("Concat", "one", new() { { "axis", 0 } }, Data(2, 3)),
        Case("Gather", "rows", new() { { "axis", 0 } }, Data(4, 3), Indices(2, 3)),
        Case("Gather", "channels", new() { { "axis", -1 } }, Data(2, 3, 4), Indices(5)),
        Case("Gather", "of a parameter", [], Weight(5, 3), Indices(2, 2)),
        Case("Pad", "constant", new() { { "before", List(0, 1, 2, 0) }, { "after", List(0, 0, 1, 3) }, { "mode", "Constant" }, { "value", 0.5 } }, Data(2, 2, 3, 2)),
        Case("Pad", "reflect", new() { { "before", List(0, 2, 1, 0) }, { "after", List(0, 1, 1, 0) }, { "mode", "Reflect" } }, Data(2, 4, 3, 2)),
        Case("Pad", "edge, cut", new() { { "before", List(0, 2, -1) }, { "after", List(1, 0, 1) }, { "mode", "Edge" } }, Data(2, 3, 4)),
        Case("Pad", "wrap", new() { { "before", List(1, 2) }, { "after", List(2, 4) }, { "mode", "Wrap" } }, Data(3, 3)),
        Case("Reshape", "flatten", new() { { "shape", List(0, -1) } }, Data(2, 3, 2, 2)),
        Case("Resize", "double, nearest", new() { { "scale", Numbers(2, 2) }, { "mode", "Nearest" } }, Data(2, 3, 2, 3)),
        Case("Resize", "bilinear", new() { { "size", List(5, 7) }, { "mode", "Linear" }, { "coordinates", "AlignCorners" } }, Data(1, 3, 4, 2)),
        Case("Resize", "cubic, smaller", new()
            { { "size", List(3, 2) }, { "mode", "Cubic" }, { "antialias", 1 }, { "exclude_outside", 1 }, { "cubic_coefficient", -0.5 } }, Data(2, 5, 6, 2)),
        Case("Slice", "pixels", new() { { "axes", List(1, 2) }, { "starts", List(1, 0) }, { "ends", List(3, -1) }, { "steps", List(1, 2) } }, Data(2, 4, 5, 3)),
        Case("Slice", "backwards", new() { { "axes", List(-1) }, { "starts", List(-1) }, { "ends", List(int.MinValue) }, { "steps", List(-2) } }, Data(2, 3, 5)),
        Case("Split", "channels", new() { { "sizes", List(2, 1, 3) }, { "axis", -1 } }, Data(2, 3, 6)),
        Case("Split", "batch", new() { { "sizes", List(1, 3) }, { "axis", 0 } }, Data(4, 3, 2)),
        Case("Transpose", "to NCHW", new() { { "axes", List(0, 3, 1, 2) } }, Data(2, 3, 4, 5)),
        Case("Transpose", "cycle", new() { { "axes", List(-1, 0, 1) } }, Data(2, 3, 4)),
    ];

    private static OperatorCase Case(string kind, string name, AttributeSet attributes, params OperatorInput[] inputs) =>
        new(kind, name, attributes, inputs);

    private static AttributeSet Window(int height, int width) =>
        new() { { "window", List(height, width) }, { "stride", List(height, width) } };

    private static AttributeSet Operation(string name) => new() { { "operation", name } };

    private static AttributeValue List(params long[] values) => values;

    private static AttributeValue Numbers(params double[] values) => values;

    private static OperatorInput Missing => new(InputKind.Missing, default);

    private static OperatorInput Data(params ReadOnlySpan<int> shape) => new(InputKind.Data, new Shape(shape));

    private static OperatorInput Positive(params ReadOnlySpan<int> shape) => new(InputKind.Positive, new Shape(shape));

    private static OperatorInput Indices(params ReadOnlySpan<int> shape) => new(InputKind.Indices, new Shape(shape));

    private static OperatorInput Weight(params ReadOnlySpan<int> shape) => new(InputKind.Weight, new Shape(shape));

    private static OperatorInput Statistic(params ReadOnlySpan<int> shape) => new(InputKind.Statistic, new Shape(shape));
}
