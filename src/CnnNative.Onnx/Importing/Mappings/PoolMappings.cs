// Pooling in one, two and three dimensions. Maxima and means over a volume are those over its planes, and then over its depth.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class PoolMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["MaxPool"] = MaxPool;
        all["AveragePool"] = AveragePool;
        all["LpPool"] = node => [node.ApplyPlain("Typed.LpPool", Read(node).ToSet().With("p", node.Int("p", 2)), node.Input(0))];
        all["MaxUnpool"] = MaxUnpool;
        all["Col2Im"] = Col2Im;
    }

    private static WindowAttributes Read(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] kernel = node.Ints("kernel_shape") ?? throw node.Wrong("kernel_shape is missing");
        return input.Rank == kernel.Length + 2
            ? WindowAttributes.Read(node, input.Shape.ToArray()[2..], kernel)
            : throw node.Wrong(
                $"the input is {input.Shape}, the window has {kernel.Length} dimensions; expected two less than the input");
    }

    private static Operand[] MaxPool(OnnxNode node)
    {
        WindowAttributes window = Read(node);
        if (!node.HasOutput(1) && HasKernel(node, window))
        {
            return [InPlanes(node, window, (kernel, stride, dilation, padding) =>
                new MaxPool2dOperator(new Pool2dAttributes(kernel, stride, dilation, padding, window.CeilMode,
                    CountIncludePad: false)))];
        }

        AttributeSet attributes = window.ToSet().With("storage_order", node.Flag("storage_order"));
        return node.Graph.Apply(node.Name, TypedFunctions.Operator("Typed.MaxPool", attributes),
            [node.Graph.Plain(node.Input(0))]);
    }

    private static Operand[] AveragePool(OnnxNode node)
    {
        WindowAttributes window = Read(node);
        bool counts = node.Flag("count_include_pad");
        return HasKernel(node, window)
            ? [InPlanes(node, window, (kernel, stride, dilation, padding) =>
                new AveragePool2dOperator(new Pool2dAttributes(kernel, stride, dilation, padding, window.CeilMode, counts)))]
            : [node.ApplyPlain("Typed.AveragePool", window.ToSet().With("count_include_pad", counts), node.Input(0))];
    }

    /// <summary>Whether the kernel can do it: every window has to see some of the input.</summary>
    private static bool HasKernel(OnnxNode node, WindowAttributes window)
    {
        bool can = node.Input(0).Type == ElementType.Float32 && window.Rank is >= 1 and <= 3 &&
            node.Input(0).Shape.ElementCount > 0;
        for (int d = 0; d < window.Rank && can; d++)
        {
            int covered = (window.Kernel[d] - 1) * window.Dilations[d] + 1;
            can = window.Before[d] < covered && window.After[d] < covered;
        }

        return can;
    }

    private static Operand InPlanes(OnnxNode node, WindowAttributes window, Func<Size2d, Size2d, Size2d, Padding, Operator> make)
    {
        Operand input = node.Input(0);
        int[] order = DimLayout.ChannelsLast(input.Rank);
        (int n, int channels) = (input.Shape[0], input.Shape[1]);
        (Size2d kernel, Size2d strides, Size2d dilations, Padding padding) = window.In2d();
        DimLayout layout = DimLayout.Ordered(new Shape([n, channels, .. window.Output]), order);
        int depth = window.Rank == 3 ? window.Input[0] : 1;
        Shape planes = window.Rank == 1
            ? (n, 1, window.Input[0], channels)
            : (checked(n * depth), window.Input[^2], window.Input[^1], channels);
        GraphValue value = node.Graph.Arrange(input, order, planes);
        if (window.Rank < 3)
        {
            return node.Apply(make(kernel, strides, dilations, padding), layout, value);
        }

        int pixels = checked(window.Output[1] * window.Output[2]);
        Operand pooled = node.Apply(
            make(kernel, strides, dilations, padding),
                DimLayout.Ordered(new Shape(n, channels, depth, window.Output[1], window.Output[2]), order), value);
        Padding along = Padding.Explicit(window.Before[0], 0, window.After[0], 0);
        return node.Apply(
            make((window.Kernel[0], 1), (window.Strides[0], 1), (window.Dilations[0], 1), along), layout,
            node.Graph.Arrange(pooled, order, (n, depth, pixels, channels)));
    }

    private static Operand[] MaxUnpool(OnnxNode node)
    {
        Operand input = node.Input(0);
        int rank = input.Rank - 2;
        int[] kernel = node.Ints("kernel_shape") ?? throw node.Wrong("kernel_shape is missing");
        int[] strides = WindowAttributes.List(node, "strides", rank, 1), pads = WindowAttributes.List(node, "pads", 2 * rank, 0);
        int[] pooled = input.Shape.ToArray();
        for (int d = 0; d < rank; d++)
        {
            pooled[2 + d] = (pooled[2 + d] - 1) * strides[d] - pads[d] - pads[rank + d] + kernel[d];
        }

        int[] output = node.Has(2) ? node.KnownInts(2) : pooled;
        return [node.ApplyPlain(
            "Typed.MaxUnpool", new AttributeSet().With("pooled", (ReadOnlySpan<int>)pooled).With("output",
                (ReadOnlySpan<int>)output), input,
            node.Input(1))];
    }

    private static Operand[] Col2Im(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] image = node.KnownInts(1), block = node.KnownInts(2);
        WindowAttributes window = WindowAttributes.Read(node, image, block);
        int count = window.Output.Aggregate(1, (product, size) => product * size);
        if (input.Rank != 3 || input.Shape[2] != count ||
            input.Shape[1] % block.Aggregate(1, (product, size) => product * size) != 0)
        {
            throw node.Wrong($"the input is {input.Shape}, expected three dimensions with {count} places as the last");
        }

        AttributeSet attributes = (window with { Output = image }).ToSet().With("places", (ReadOnlySpan<int>)window.Output);
        return [node.ApplyPlain("Typed.Col2Im", attributes, input)];
    }
}
