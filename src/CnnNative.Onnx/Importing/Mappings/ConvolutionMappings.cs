// Convolutions in one, two and three dimensions. One of one dimension is one of height 1; one of three is a sum of those of two
// over the depth of the window, each added to the one before.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ConvolutionMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Conv"] = node => [Convolve(node, node.Input(0), node.Input(1), node.Optional(2))];
        all["ConvTranspose"] = node => [ConvTranspose(node)];
        all["DeformConv"] = node => [DeformConv(node)];
    }

    /// <summary>A convolution of values of any type.</summary>
    public static Operand Convolve(OnnxNode node, Operand input, Operand weights, Operand? bias)
    {
        Require(node, input, weights);
        WindowAttributes window = WindowAttributes.Read(node, Spatial(input.Shape),
            node.Ints("kernel_shape") ?? Spatial(weights.Shape));
        int groups = node.Int("group", 1);
        if (!window.Kernel.SequenceEqual(Spatial(weights.Shape)))
        {
            throw node.Wrong($"kernel_shape is {string.Join('x', window.Kernel)}, the weights are {weights.Shape}");
        }

        bool isLarge = input.Shape.ElementCount > 0 && weights.Shape.ElementCount > 0;
        if (input.Type == ElementType.Float32 && window.Rank is 1 or 2 && isLarge)
        {
            return In2d(node, input, weights, bias, window, groups);
        }

        return input.Type == ElementType.Float32 && window.Rank == 3 && isLarge
            ? In3d(node, input, weights, bias, window, groups)
            : node.ApplyPlain("Typed.Conv", window.ToSet().With("groups", groups), input, weights, bias);
    }

    private static int[] Spatial(Shape shape) => shape.ToArray()[2..];

    private static void Require(OnnxNode node, Operand input, Operand weights)
    {
        if (input.Rank < 3 || weights.Rank != input.Rank)
        {
            throw node.Wrong(
                $"the input is {input.Shape}, the weights are {weights.Shape}; expected as many dimensions, and at least three");
        }
    }

    private static Operand In2d(OnnxNode node, Operand input, Operand weights, Operand? bias, WindowAttributes window, int groups)
    {
        int[] order = DimLayout.ChannelsLast(input.Rank);
        (_, Size2d strides, Size2d dilations, Padding padding) = window.In2d();
        Conv2dOperator convolution = new(new Conv2dAttributes(strides, dilations, padding, groups, default));
        Shape output = new([input.Shape[0], weights.Shape[0], .. window.Output]);
        return node.Apply(
            convolution, DimLayout.Ordered(output, order), node.Graph.Arrange(input, order, Lifted(input.Shape)),
            node.Graph.Arrange(weights, order, Lifted(weights.Shape), ParameterRole.Weight), Bias(node, bias));
    }

    /// <summary>The shape with channels innermost, in four dimensions.</summary>
    private static Shape Lifted(Shape shape) => shape.Rank == 3
        ? (shape[0], 1, shape[2], shape[1])
        : (shape[0], shape[2], shape[3], shape[1]);

    private static GraphValue? Bias(OnnxNode node, Operand? bias) => bias is null ? null
        : node.Graph.Plain(bias, ParameterRole.Bias);

    private static Operand In3d(OnnxNode node, Operand input, Operand weights, Operand? bias, WindowAttributes window, int groups)
    {
        int[] order = DimLayout.ChannelsLast(5), filterOrder = [2, 0, 3, 4, 1];
        (int n, int filters, int depth, int height, int width) = (
            input.Shape[0], weights.Shape[0], window.Output[0], window.Input[1], window.Input[2]);
        Operand padded = Operand.Of(node.Graph.Arrange(input, order), input.Type, DimLayout.Ordered(input.Shape, order));
        padded = window.Before[0] == 0 && window.After[0] == 0
            ? padded
            : MovementMappings.Border(node, padded, [2], [window.Before[0]], [window.After[0]], "constant", null);
        (_, Size2d strides, Size2d dilations, Padding padding) = window.In2d();
        Conv2dOperator convolution = new(new Conv2dAttributes(strides, dilations, padding, groups, default));
        Operand slices = Operand.Of(
            node.Graph.Arrange(weights, filterOrder, role: ParameterRole.Weight), weights.Type,
                DimLayout.Ordered(weights.Shape, filterOrder));
        Shape output = new(n, filters, depth, window.Output[1], window.Output[2]);
        Shape stored = (n * depth, window.Output[1], window.Output[2], filters);
        Operand? sum = null;
        for (int k = 0; k < window.Kernel[0]; k++)
        {
            Operand plane = MovementMappings.Cut(node, padded, [2], [k * window.Dilations[0]], [depth], [window.Strides[0]]);
            Operand filter = MovementMappings.Cut(node, weights.Constant is null ? slices : weights, [2], [k], [1], [1]);
            GraphValue picture = node.Graph.Arrange(plane, order, (n * depth, height, width, input.Shape[1]));
            GraphValue matrix = node.Graph.Arrange(
                filter, [0, 2, 3, 4, 1], (filters, window.Kernel[1], window.Kernel[2], weights.Shape[1]), ParameterRole.Weight);
            DimLayout layout = DimLayout.Ordered(output, order);
            sum = sum is null
                ? node.Apply(convolution, layout, picture, matrix, Bias(node, bias))
                : node.Apply(convolution, layout, picture, matrix, null, node.Graph.Arrange(sum, order, stored));
        }

        return sum!;
    }

    private static Operand ConvTranspose(OnnxNode node)
    {
        Operand input = node.Input(0), weights = node.Input(1);
        Require(node, input, weights);
        int rank = input.Rank - 2, groups = node.Int("group", 1);
        int[] sizes = Spatial(input.Shape), kernel = Spatial(weights.Shape);
        int[] strides = WindowAttributes.List(node, "strides", rank, 1), dilations =
            WindowAttributes.List(node, "dilations", rank, 1);
        int[] extra = WindowAttributes.List(node, "output_padding", rank, 0), pads =
            WindowAttributes.List(node, "pads", 2 * rank, 0);
        int[] before = pads[..rank], after = pads[rank..], output = new int[rank];
        int[]? asked = node.Ints("output_shape") is { Length: > 0 } shape ? shape[^rank..] : null;
        string padding = node.Text("auto_pad", "NOTSET");
        for (int d = 0; d < rank; d++)
        {
            int full = (sizes[d] - 1) * strides[d] + (kernel[d] - 1) * dilations[d] + 1 + extra[d];
            if (asked is not null || padding is "SAME_UPPER" or "SAME_LOWER")
            {
                output[d] = asked?[d] ?? sizes[d] * strides[d];
                int total = Math.Max(0, full - output[d]), small = total / 2;
                (before[d], after[d]) = padding == "SAME_UPPER" ? (small, total - small) : (total - small, small);
            }
            else
            {
                (before[d], after[d]) = padding == "VALID" ? (0, 0) : (before[d], after[d]);
                output[d] = full - before[d] - after[d];
            }

            if (output[d] < 1)
            {
                throw node.Wrong($"dimension {d} of the output would be {output[d]}, expected at least 1");
            }
        }

        WindowAttributes window = new(sizes, kernel, strides, dilations, before, after, output, CeilMode: false);
        return Fits2d(window, extra, asked is not null) && input.Type == ElementType.Float32
            ? Transpose2d(node, input, weights, window, extra, groups)
            : node.ApplyPlain("Typed.ConvTranspose", window.ToSet().With("groups", groups), input, weights, node.Optional(2));
    }

    /// <summary>Whether the kernel can do it: one or two dimensions, and an output that its own rule gives.</summary>
    private static bool Fits2d(WindowAttributes window, int[] extra, bool isAsked)
    {
        bool fits = window.Rank <= 2;
        for (int d = 0; d < window.Rank && fits; d++)
        {
            int own = (window.Input[d] - 1) * window.Strides[d] + (window.Kernel[d] - 1) * window.Dilations[d] + 1 + extra[d]
                - window.Before[d] - window.After[d];
            fits = own == window.Output[d] && (extra[d] == 0 || extra[d] < window.Strides[d]) && window.Before[d] >= 0 &&
                window.After[d] >= 0;
        }

        return fits;
    }

    private static Operand Transpose2d(OnnxNode node, Operand input, Operand weights, WindowAttributes window, int[] extra,
        int groups)
    {
        int[] order = DimLayout.ChannelsLast(input.Rank);
        (_, Size2d strides, Size2d dilations, Padding padding) = window.In2d();
        Size2d outputPadding = window.Rank == 1 ? (0, extra[0]) : (extra[0], extra[1]);
        ConvTranspose2dOperator convolution = new(
            new ConvTranspose2dAttributes(strides, dilations, padding, outputPadding, groups, default));
        Shape output = new([input.Shape[0], weights.Shape[1] * groups, .. window.Output]);
        return node.Apply(
            convolution, DimLayout.Ordered(output, order), node.Graph.Arrange(input, order, Lifted(input.Shape)),
            node.Graph.Arrange(weights, order, Lifted(weights.Shape), ParameterRole.Weight), Bias(node, node.Optional(2)));
    }

    private static Operand DeformConv(OnnxNode node)
    {
        Operand input = node.Input(0), weights = node.Input(1);
        Require(node, input, weights);
        if (input.Rank != 4)
        {
            throw node.Unsupported($"a deformable convolution of {input.Rank - 2} dimensions");
        }

        WindowAttributes window = WindowAttributes.Read(node, Spatial(input.Shape), Spatial(weights.Shape));
        return node.ApplyPlain(
            "Typed.DeformConv", window.ToSet().With("groups", node.Int("group", 1)).With("offset_groups",
                node.Int("offset_group", 1)), input,
            weights, node.Input(2), node.Optional(3), node.Optional(4));
    }
}
