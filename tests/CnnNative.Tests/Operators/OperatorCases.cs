// The table of operators with attributes and inputs that gradients, memory, files and executors are tested with. A new operator
// gets its lines here; a test fails where one has none.

using System.Globalization;

namespace CnnNative.Tests.Operators;

internal static class OperatorCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. Convolutions(), .. Pooling(), .. Normalizations(), .. Elements(), .. Moves(),
    ];

    private static IEnumerable<OperatorCase> Convolutions() =>
    [
        Case("Conv2d", "3x3", "padding same", Data(2, 5, 4, 3), Weight(4, 3, 3, 3), Weight(4)),
        Case("Conv2d", "stride 2, groups, no bias", "stride [2 1], groups 2", Data(2, 6, 5, 4), Weight(4, 3, 2, 2)),
        Case("Conv2d", "dilation 2, ReLU, padding", "dilation [2 2], padding [2 1 0 2], activation Relu",
            Data(2, 6, 5, 2), Weight(3, 3, 2, 2), Weight(3)),
        Case("Conv2d", "depthwise", "groups 5, padding same_lower", Data(2, 5, 6, 5), Weight(5, 3, 3, 1), Weight(5)),
        Case("Conv2d", "residual", "padding same", Data(1, 4, 4, 2), Weight(3, 3, 3, 2), Missing, Data(1, 4, 4, 3)),
        Case("ConvTranspose2d", "3x3", "", Data(2, 3, 4, 3), Weight(3, 3, 3, 2), Weight(2)),
        Case("ConvTranspose2d", "stride 2, output padding", "stride [2 2], padding [1 1 1 1], output_padding [1 0]",
            Data(2, 3, 4, 3), Weight(3, 3, 3, 2), Weight(2)),
        Case("ConvTranspose2d", "same, groups, leaky ReLU",
            "stride [2 3], padding same, groups 2, activation LeakyRelu, activation_parameters [0.25 0.0]",
            Data(1, 3, 2, 4), Weight(4, 2, 4, 3), Weight(6)),
        Case("ConvTranspose2d", "dilation 2, no bias", "dilation [2 1]", Data(2, 3, 3, 2), Weight(2, 2, 3, 3)),
        Case("Linear", "plain", "", Data(3, 5), Weight(4, 5), Weight(4)),
        Case("Linear", "ReLU, no bias", "activation Relu", Data(3, 7), Weight(4, 7)),
        Case("Linear", "residual", "", Data(2, 3), Weight(4, 3), Weight(4), Data(2, 4)),
    ];

    private static IEnumerable<OperatorCase> Pooling() =>
    [
        Case("MaxPool2d", "2x2", "window [2 2], stride [2 2]", Data(2, 6, 4, 3)),
        Case("MaxPool2d", "3x3 stride 2, padding", "window [3 3], stride [2 2], padding [1 1 1 1]", Data(2, 5, 6, 2)),
        Case("MaxPool2d", "dilation, ceil", "window [2 2], stride [2 1], dilation [1 2], ceil_mode 1", Data(1, 5, 5, 9)),
        Case("AveragePool2d", "2x2", "window [2 2], stride [2 2]", Data(2, 6, 4, 3)),
        Case("AveragePool2d", "3x3 same", "window [3 3], stride [2 1], padding same", Data(2, 5, 4, 2)),
        Case("AveragePool2d", "ceil, padding counted",
            "window [3 2], stride [2 2], padding [1 1 1 1], ceil_mode 1, count_include_pad 1",
            Data(2, 6, 5, 9)),
        Case("GlobalAveragePool", "pixels", "", Data(2, 3, 4, 5)),
        Case("GlobalAveragePool", "one pixel", "", Data(2, 1, 1, 3)),
        Case("GlobalMaxPool", "pixels", "", Data(2, 3, 4, 5)),
        Case("AdaptiveAveragePool2d", "smaller", "size [2 3]", Data(2, 5, 7, 3)),
        Case("AdaptiveAveragePool2d", "larger", "size [4 3]", Data(1, 2, 3, 2)),
        Case("AdaptiveMaxPool2d", "smaller", "size [3 2]", Data(2, 5, 7, 3)),
        Case("AdaptiveMaxPool2d", "larger", "size [3 3]", Data(1, 2, 2, 9)),
    ];

    private static IEnumerable<OperatorCase> Normalizations() =>
    [
        Case("BatchNorm", "plain", "epsilon 0.001", Data(3, 3, 2, 4), Statistic(4), Statistic(4), Weight(4), Weight(4)),
        Case("BatchNorm", "ReLU, rows", "epsilon 0.001, momentum 0.5, relu 1", Data(6, 3), Statistic(3), Statistic(3),
            Weight(3), Weight(3)),
        Case("BatchNorm", "no parameters", "", Data(4, 2, 2, 3), Statistic(3), Statistic(3)),
        Case("LayerNorm", "rows", "epsilon 0.001", Data(3, 4, 5), Weight(5), Weight(5)),
        Case("LayerNorm", "three dimensions", "dimensions 3, epsilon 0.001", Data(2, 3, 2, 4), Weight(3, 2, 4), Weight(3, 2, 4)),
        Case("LayerNorm", "no shift", "dimensions 2", Data(2, 3, 4), Weight(12)),
        Case("LayerNorm", "no parameters", "", Data(2, 6)),
        Case("GroupNorm", "two groups", "groups 2, epsilon 0.001", Data(2, 3, 2, 6), Weight(6), Weight(6)),
        Case("GroupNorm", "one group, ReLU", "groups 1, relu 1, epsilon 0.001", Data(2, 2, 2, 5), Weight(5), Weight(5)),
        Case("GroupNorm", "no parameters", "groups 3", Data(2, 4, 6)),
        Case("InstanceNorm", "plain", "epsilon 0.01", Data(2, 3, 3, 4), Weight(4), Weight(4)),
        Case("InstanceNorm", "ReLU, no shift", "epsilon 0.01, relu 1", Data(2, 3, 3, 4), Weight(4)),
        Case("LocalResponseNorm", "strong", "size 3, alpha 0.5, beta 0.75, bias 1.5", Data(2, 2, 2, 7)),
        Case("LocalResponseNorm", "defaults", "", Data(2, 3, 5)),
    ];

    private static IEnumerable<OperatorCase> Elements() =>
    [
        Case("Activation", "ReLU", "activation Relu", Data(2, 3, 5)),
        Case("Activation", "GELU", "activation Gelu", Data(2, 3, 5)),
        Case("Activation", "clip", "activation Clip, activation_parameters [-0.3 0.4]", Data(2, 3, 5)),
        Case("Activation", "leaky ReLU", "activation LeakyRelu, activation_parameters [0.1 0.0]", Data(31)),
        Case("Add", "plain", "", Data(2, 3, 5), Data(2, 3, 5)),
        Case("Add", "ReLU", "activation Relu", Data(2, 3, 5), Data(2, 3, 5)),
        Case("Add", "of a parameter", "", Data(2, 5), Weight(2, 5)),
        Case("Binary", "add", "operation Add", Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "add a row", "operation Add", Data(2, 3, 4), Weight(4)),
        Case("Binary", "subtract from a row", "operation Subtract", Weight(1, 4), Data(2, 3, 4)),
        Case("Binary", "subtract", "operation Subtract", Data(2, 5), Data(2, 5)),
        Case("Binary", "subtract with other ranks", "operation Subtract", Data(1, 2, 5), Data(2, 5)),
        Case("Binary", "multiply", "operation Multiply", Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "multiply channels", "operation Multiply", Data(2, 3, 2, 4), Data(2, 1, 1, 4)),
        Case("Binary", "multiply by a parameter", "operation Multiply", Data(2, 3, 4), Weight(3, 1)),
        Case("Binary", "outer product", "operation Multiply", Data(3, 1), Data(1, 4)),
        Case("Binary", "divide", "operation Divide", Data(2, 3, 4), Positive(2, 3, 4)),
        Case("Binary", "divide by rows", "operation Divide", Data(2, 3, 4), Positive(2, 1, 1)),
        Case("Binary", "divide a row", "operation Divide", Data(4), Positive(2, 3, 4)),
        Case("Binary", "minimum", "operation Minimum", Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "minimum with a row", "operation Minimum", Weight(4), Data(2, 3, 4)),
        Case("Binary", "maximum", "operation Maximum", Data(2, 3, 4), Data(2, 3, 4)),
        Case("Binary", "maximum with a column", "operation Maximum", Data(2, 3, 4), Weight(3, 1)),
        Case("Unary", "exponential", "operation Exponential", Data(2, 3, 5)),
        Case("Unary", "logarithm", "operation Logarithm", Positive(2, 3, 5)),
        Case("Unary", "square root", "operation SquareRoot", Positive(2, 3, 5)),
        Case("Unary", "negate", "operation Negate", Data(17)),
        Case("Unary", "absolute", "operation Absolute", Data(2, 3, 5)),
        Case("Unary", "reciprocal", "operation Reciprocal", Positive(2, 3, 5)),
        Case("Unary", "square", "operation Power, exponent 2.0", Data(2, 3, 5)),
        Case("Unary", "power", "operation Power, exponent -1.5", Positive(2, 3, 5)),
        Case("Unary", "power 0", "operation Power, exponent 0.0", Data(2, 3)),
        Case("ReduceSum", "channels", "axes [-1]", Data(2, 3, 4)),
        Case("ReduceSum", "outer and inner, dropped", "axes [0 2], keep_dimensions 0", Data(2, 3, 4)),
        Case("ReduceMean", "pixels, dropped", "axes [1 2], keep_dimensions 0", Data(2, 3, 2, 4)),
        Case("ReduceMean", "rows", "axes [1]", Data(2, 3, 4)),
        Case("ReduceMean", "all", "keep_dimensions 0", Data(2, 3, 4)),
        Case("MatMul", "plain", "", Data(3, 4), Data(4, 5)),
        Case("MatMul", "left transposed", "transpose_left 1", Data(4, 3), Weight(4, 5)),
        Case("MatMul", "right transposed", "transpose_right 1", Data(3, 4), Weight(5, 4)),
        Case("MatMul", "both transposed", "transpose_left 1, transpose_right 1", Data(4, 3), Data(5, 4)),
        Case("MatMul", "batch", "", Data(2, 2, 3, 4), Data(2, 2, 4, 5)),
        Case("MatMul", "batch, transposed", "transpose_left 1, transpose_right 1", Data(3, 4, 2), Data(3, 5, 4)),
        Case("MatMul", "batch by one", "", Data(3, 2, 4), Weight(4, 5)),
        Case("MatMul", "transposed batch by one", "transpose_left 1", Data(3, 4, 2), Weight(4, 5)),
        Case("MatMul", "one by batch", "transpose_right 1", Weight(2, 4), Data(3, 5, 4)),
        Case("Dropout", "half", "probability 0.5", Data(4, 3, 5)),
        Case("Dropout", "none", "probability 0.0", Data(4, 5)),
        Case("SpatialDropout", "third", "probability 0.3", Data(4, 2, 3, 5)),
        Case("PRelu", "channels", "", Data(2, 3, 2, 5), Weight(5)),
        Case("PRelu", "one for all", "", Data(2, 3, 4), Weight(1)),
        Case("Softmax", "rows", "", Data(3, 2, 5)),
        Case("LogSoftmax", "rows", "", Data(3, 9)),
    ];

    private static IEnumerable<OperatorCase> Moves() =>
    [
        Case("Concat", "channels", "axis -1", Data(2, 2, 3, 4), Data(2, 2, 3, 1), Data(2, 2, 3, 3)),
        Case("Concat", "rows, with a parameter", "axis 1", Data(2, 2, 3), Weight(2, 1, 3)),
        Case("Concat", "one", "axis 0", Data(2, 3)),
        Case("Gather", "rows", "axis 0", Data(4, 3), Indices(2, 3)),
        Case("Gather", "channels", "axis -1", Data(2, 3, 4), Indices(5)),
        Case("Gather", "of a parameter", "", Weight(5, 3), Indices(2, 2)),
        Case("Pad", "constant", "before [0 1 2 0], after [0 0 1 3], mode Constant, value 0.5", Data(2, 2, 3, 2)),
        Case("Pad", "reflect", "before [0 2 1 0], after [0 1 1 0], mode Reflect", Data(2, 4, 3, 2)),
        Case("Pad", "edge, cut", "before [0 2 -1], after [1 0 1], mode Edge", Data(2, 3, 4)),
        Case("Pad", "wrap", "before [1 2], after [2 4], mode Wrap", Data(3, 3)),
        Case("Reshape", "flatten", "shape [0 -1]", Data(2, 3, 2, 2)),
        Case("Resize", "double, nearest", "scale [2.0 2.0], mode Nearest", Data(2, 3, 2, 3)),
        Case("Resize", "bilinear", "size [5 7], mode Linear, coordinates AlignCorners", Data(1, 3, 4, 2)),
        Case("Resize", "cubic, smaller", "size [3 2], mode Cubic, antialias 1, exclude_outside 1, cubic_coefficient -0.5",
            Data(2, 5, 6, 2)),
        Case("Slice", "pixels", "axes [1 2], starts [1 0], ends [3 -1], steps [1 2]", Data(2, 4, 5, 3)),
        Case("Slice", "backwards", "axes [-1], starts [-1], ends [-2147483648], steps [-2]", Data(2, 3, 5)),
        Case("Split", "channels", "sizes [2 1 3], axis -1", Data(2, 3, 6)),
        Case("Split", "batch", "sizes [1 3], axis 0", Data(4, 3, 2)),
        Case("Transpose", "to NCHW", "axes [0 3 1 2]", Data(2, 3, 4, 5)),
        Case("Transpose", "cycle", "axes [-1 0 1]", Data(2, 3, 4)),
    ];

    private static OperatorCase Case(string kind, string name, string attributes, params OperatorInput[] inputs) =>
        new(kind, name, Parse(attributes), inputs);

    /// <summary>Attributes as "name value, name [value value]": whole numbers, numbers with a point, and texts.</summary>
    private static AttributeSet Parse(string text)
    {
        AttributeSet set = [];
        foreach (string pair in text.Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            int space = pair.IndexOf(' ', StringComparison.Ordinal);
            set.Add(pair[..space], ParseValue(pair[(space + 1)..]));
        }

        return set;
    }

    private static AttributeValue ParseValue(string text)
    {
        bool hasPoint = text.Contains('.', StringComparison.Ordinal);
        if (text[0] == '[')
        {
            string[] parts = text[1..^1].Split(' ');
            return hasPoint ? Array.ConvertAll(parts, ParseDouble) : (AttributeValue)Array.ConvertAll(parts, ParseLong);
        }

        return char.IsLetter(text[0]) ? text : hasPoint ? ParseDouble(text) : (AttributeValue)ParseLong(text);
    }

    private static long ParseLong(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static double ParseDouble(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static OperatorInput Missing => new(InputKind.Missing, default);

    private static OperatorInput Data(params ReadOnlySpan<int> shape) => new(InputKind.Data, new Shape(shape));

    private static OperatorInput Positive(params ReadOnlySpan<int> shape) => new(InputKind.Positive, new Shape(shape));

    private static OperatorInput Indices(params ReadOnlySpan<int> shape) => new(InputKind.Indices, new Shape(shape));

    private static OperatorInput Weight(params ReadOnlySpan<int> shape) => new(InputKind.Weight, new Shape(shape));

    private static OperatorInput Statistic(params ReadOnlySpan<int> shape) => new(InputKind.Statistic, new Shape(shape));
}
