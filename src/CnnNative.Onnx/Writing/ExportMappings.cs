// Which operator becomes what in ONNX.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Onnx.Writing;

internal static class ExportMappings
{
    private static readonly Dictionary<string, Action<ExportNode>> All = new(StringComparer.Ordinal)
    {
        ["Activation"] = node => Unary(node, (name, x) =>
            ExportActivations.Write(node.Writer, name, node.Attributes.Activation("activation"), x)),
        ["AdaptiveAveragePool2d"] = node => Adaptive(node, "AveragePool"),
        ["AdaptiveMaxPool2d"] = node => Adaptive(node, "MaxPool"),
        ["Add"] = Add,
        ["AveragePool2d"] = node => Pool(node, "AveragePool"),
        ["BatchNorm"] = BatchNorm,
        ["Binary"] = Binary,
        ["Concat"] = Concat,
        ["Conv2d"] = Conv2d,
        ["ConvTranspose2d"] = ConvTranspose2d,
        ["Dropout"] = Nothing,
        ["Gather"] = node => node.FinishPlain(node.Writer.Node(
            "Gather", node.Name, [node.Plain(0), node.Plain(1)], OnnxWriter.Int("axis", node.Attributes.Integer("axis", 0)))),
        ["GlobalAveragePool"] = node => node.FinishFirst(node.Writer.Node("GlobalAveragePool", node.Name, [node.First(0)])),
        ["GlobalMaxPool"] = node => node.FinishFirst(node.Writer.Node("GlobalMaxPool", node.Name, [node.First(0)])),
        ["GroupNorm"] = node => ExportNorms.Group(node, node.Attributes.Integer("groups", 1)),
        ["InstanceNorm"] = node => ExportNorms.Group(node, groups: 0),
        ["LayerNorm"] = ExportNorms.Layer,
        ["Linear"] = Linear,
        ["LocalResponseNorm"] = ExportNorms.LocalResponse,
        ["LogSoftmax"] = node => Softmax(node, "LogSoftmax"),
        ["MatMul"] = MatMul,
        ["MaxPool2d"] = node => Pool(node, "MaxPool"),
        ["Pad"] = ExportMoves.Pad,
        ["PRelu"] = PRelu,
        ["ReduceMean"] = node => Reduce(node, "ReduceMean"),
        ["ReduceSum"] = node => Reduce(node, "ReduceSum"),
        ["Reshape"] = ExportMoves.Reshape,
        ["Resize"] = ExportMoves.Resize,
        ["Slice"] = ExportMoves.Slice,
        ["Softmax"] = node => Softmax(node, "Softmax"),
        ["SpatialDropout"] = Nothing,
        ["Split"] = ExportMoves.Split,
        ["Transpose"] = ExportMoves.Transpose,
        ["Unary"] = node => Unary(node, (name, x) => Function(node, name, x)),
    };

    /// <summary>Whether an operator has a form in ONNX.</summary>
    public static bool Has(string kind) => All.ContainsKey(kind);

    /// <summary>Writes a node.</summary>
    public static void Write(ExportNode node) => All[node.Node.Operator.Kind](node);

    private static void Unary(ExportNode node, Func<string, string, string> write)
    {
        bool first = node.Follows;
        node.Finish(write(node.Name, first ? node.First(0) : node.Plain(0)), first);
    }

    /// <summary>What does nothing after training; a picture that was put in a row stays one.</summary>
    private static void Nothing(ExportNode node)
    {
        if (node.Exporter.FlattenedFrom(node.Input(0)) is { } picture)
        {
            node.Exporter.SetFlattened(node.Node.Output, picture);
            return;
        }

        Unary(node, (_, x) => x);
    }

    private static string Function(ExportNode node, string name, string x)
    {
        UnaryOperation operation = node.Attributes.Choice("operation", UnaryOperation.Exponential);
        return operation switch
        {
            UnaryOperation.Exponential => node.Writer.Node("Exp", name, [x]),
            UnaryOperation.Logarithm => node.Writer.Node("Log", name, [x]),
            UnaryOperation.SquareRoot => node.Writer.Node("Sqrt", name, [x]),
            UnaryOperation.Negate => node.Writer.Node("Neg", name, [x]),
            UnaryOperation.Absolute => node.Writer.Node("Abs", name, [x]),
            UnaryOperation.Reciprocal => node.Writer.Node("Reciprocal", name, [x]),
            _ => node.Writer.Node("Pow", name, [x,
                node.Writer.Scalar($"{name}/exponent", node.Attributes.Single("exponent", 1))]),
        };
    }

    private static void Add(ExportNode node)
    {
        bool first = node.Follows;
        string sum = node.Writer.Node("Add", node.Name, first ? [node.First(0), node.First(1)] : [node.Plain(0), node.Plain(1)]);
        if (first)
        {
            node.FinishFirst(sum);
        }
        else
        {
            node.FinishPlain(sum);
        }
    }

    private static void Binary(ExportNode node)
    {
        bool first = node.Follows;
        BinaryOperation operation = node.Attributes.Choice("operation", BinaryOperation.Add);
        string kind = operation switch
        {
            BinaryOperation.Add => "Add",
            BinaryOperation.Subtract => "Sub",
            BinaryOperation.Multiply => "Mul",
            BinaryOperation.Divide => "Div",
            BinaryOperation.Minimum => "Min",
            BinaryOperation.Maximum => "Max",
            BinaryOperation.Less => "Less",
            _ => "Equal",
        };
        bool compares = operation is BinaryOperation.Less or BinaryOperation.Equal;
        string result = node.Writer.Node(
            kind, compares ? $"{node.Name}/flags" : node.Name, first ? [node.First(0), node.First(1)]
                : [node.Plain(0), node.Plain(1)]);
        node.Finish(compares ? node.Writer.Node("Cast", node.Name, [result], OnnxWriter.Int("to", 1)) : result, first);
    }

    private static void Conv2d(ExportNode node)
    {
        List<string> inputs = [node.First(0), node.Weights(1, 0, 3, 1, 2)];
        if (node.Has(2))
        {
            inputs.Add(node.Plain(2));
        }

        string result = node.Writer.Node(
            "Conv", node.Name, inputs, node.Pair("strides", "stride"), node.Pair("dilations", "dilation"), node.Padding(),
            OnnxWriter.Int("group", node.Attributes.Integer("groups", 1)));
        node.FinishFirst(node.Has(3) ? node.Writer.Node("Add", $"{node.Name}/residual", [result, node.First(3)]) : result);
    }

    private static void ConvTranspose2d(ExportNode node)
    {
        List<string> inputs = [node.First(0), node.Weights(1, 0, 3, 1, 2)];
        if (node.Has(2))
        {
            inputs.Add(node.Plain(2));
        }

        node.FinishFirst(node.Writer.Node(
            "ConvTranspose", node.Name, inputs, node.Pair("strides", "stride"), node.Pair("dilations", "dilation"),
                node.Padding(),
            node.Pair("output_padding", "output_padding"), OnnxWriter.Int("group", node.Attributes.Integer("groups", 1))));
    }

    /// <summary>Behind a picture in a row the weights are put into ONNX's order, channels before pixels, and nothing else
    /// moves.</summary>
    private static void Linear(ExportNode node)
    {
        string input, weights;
        if (node.Exporter.FlattenedFrom(node.Input(0)) is { } source && node.Input(1).Parameter is { } parameter)
        {
            Shape picture = node.Exporter.ShapeOf(source);
            Shape cut = (parameter.Shape[0], picture[1], picture[2], picture[3]);
            using Tensor permuted = GraphExporter.Permuted(parameter.Value, cut, [0, 3, 1, 2]);
            using Tensor flat = permuted.Reshape(parameter.Shape);
            weights = node.Writer.Weights(parameter.Name, flat);
            input = node.Writer.Node("Flatten", $"{node.Name}/flatten", [node.Exporter.ChannelsFirst(source)],
                OnnxWriter.Int("axis", 1));
        }
        else
        {
            (input, weights) = (node.Plain(0), node.Plain(1));
        }

        List<string> inputs = [input, weights];
        if (node.Has(2))
        {
            inputs.Add(node.Plain(2));
        }

        string result = node.Writer.Node("Gemm", node.Name, inputs, OnnxWriter.Int("transB", 1));
        node.FinishPlain(node.Has(3) ? node.Writer.Node("Add", $"{node.Name}/residual", [result, node.Plain(3)]) : result);
    }

    private static void BatchNorm(ExportNode node)
    {
        int channels = node.ShapeOf(0)[^1];
        bool first = node.ShapeOf(0).Rank == 4;
        string gamma = node.Vector(3, channels, 1), beta = node.Vector(4, channels, 0);
        if (!first && node.ShapeOf(0).Rank != 2)
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} normalises {node.ShapeOf(0)}, expected two or four dimensions.");
        }

        string result = node.Writer.Node(
            "BatchNormalization", node.Name, [first ? node.First(0) : node.Plain(0), gamma, beta, node.Plain(1), node.Plain(2)],
            OnnxWriter.Float("epsilon", node.Attributes.Single("epsilon", 1e-5f)));
        if (first)
        {
            node.FinishFirst(result);
        }
        else
        {
            node.FinishPlain(result);
        }
    }

    private static void Pool(ExportNode node, string kind)
    {
        bool isAverage = kind == "AveragePool";
        if (isAverage && node.Attributes.Size2d("dilation") != 1)
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} has a dilation, which averages have only from opset 19 on.");
        }

        node.FinishFirst(node.Writer.Node(
            kind, node.Name, [node.First(0)], node.Pair("kernel_shape", "window"), node.Pair("strides", "stride"), node.Padding(),
            OnnxWriter.Int("ceil_mode", node.Attributes.Integer("ceil_mode", 0)),
            isAverage ? OnnxWriter.Int("count_include_pad", node.Attributes.Integer("count_include_pad", 0))
                : node.Pair("dilations", "dilation")));
    }

    /// <summary>Windows of one size, where the output divides the input; others ONNX cannot say.</summary>
    private static void Adaptive(ExportNode node, string kind)
    {
        Shape shape = node.ShapeOf(0);
        Size2d size = node.Attributes.Size2d("size");
        if (shape[1] % size.Height != 0 || shape[2] % size.Width != 0)
        {
            throw new OnnxUnsupportedException(
                $"ONNX export: {node.Node} pools {shape[1]}x{shape[2]} to {size}, which does not divide it.");
        }

        (int height, int width) = (shape[1] / size.Height, shape[2] / size.Width);
        node.FinishFirst(node.Writer.Node(
            kind, node.Name, [node.First(0)], OnnxWriter.Ints("kernel_shape", height, width),
                OnnxWriter.Ints("strides", height, width)));
    }

    private static void Softmax(ExportNode node, string kind)
    {
        bool first = node.Follows;
        node.Finish(
            node.Writer.Node(kind, node.Name, [first ? node.First(0) : node.Plain(0)], OnnxWriter.Int("axis", first ? 1 : -1)),
                first);
    }

    private static void PRelu(ExportNode node)
    {
        bool first = node.Follows;
        node.Finish(node.Writer.Node("PRelu", node.Name, first ? [node.First(0), node.First(1)] : [node.Plain(0), node.Plain(1)]),
            first);
    }

    private static void Concat(ExportNode node)
    {
        bool first = node.Follows && node.Node.Inputs.All(input => node.Exporter.ShapeOf(input!).Rank == 4);
        int rank = node.ShapeOf(0).Rank, axis = ExportNode.Axis(node.Attributes.Integer("axis", -1), rank, first);
        string[] inputs = [.. Enumerable.Range(0, node.Node.Inputs.Count).Select(i => first ? node.First(i) : node.Plain(i))];
        node.Finish(node.Writer.Node("Concat", node.Name, inputs, OnnxWriter.Int("axis", axis)), first);
    }

    private static void Reduce(ExportNode node, string kind)
    {
        Shape shape = node.ShapeOf(0);
        bool keeps = node.Attributes.Integer("keep_dimensions", 1) != 0;
        bool first = keeps && node.Follows;
        int[] given = node.Attributes.TryGet("axes", out _) ? node.Attributes.Integers("axes") : [];
        int[] axes = [
            .. (given.Length == 0 ? [.. Enumerable.Range(0, shape.Rank)] : given).Select(axis =>
            ExportNode.Axis(axis, shape.Rank, first))];
        string input = first ? node.First(0) : node.Plain(0);
        string result = kind == "ReduceSum"
            ? node.Writer.Node(kind, node.Name, [input,
                node.Writer.Longs($"{node.Name}/axes", [.. axes.Select(axis => (long)axis)])],
                OnnxWriter.Int("keepdims", keeps ? 1 : 0))
            : node.Writer.Node(kind, node.Name, [input], OnnxWriter.Ints("axes", axes),
                OnnxWriter.Int("keepdims", keeps ? 1 : 0));
        node.Finish(result, first);
    }

    private static void MatMul(ExportNode node)
    {
        string left = Side(node, 0, node.Attributes.Flag("transpose_left")), right =
            Side(node, 1, node.Attributes.Flag("transpose_right"));
        node.FinishPlain(node.Writer.Node("MatMul", node.Name, [left, right]));
    }

    private static string Side(ExportNode node, int input, bool transposed)
    {
        int rank = node.ShapeOf(input).Rank;
        return transposed
            ? node.Writer.Node("Transpose", $"{node.Name}/side", [node.Plain(input)],
                OnnxWriter.Ints("perm", [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2]))
            : node.Plain(input);
    }
}
