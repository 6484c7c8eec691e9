// Reductions follow the layout of what they reduce: a sum over pixels does not care that channels are innermost.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ReductionMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        foreach (string kind in (string[])["Sum", "Mean", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp", "Max", "Min"])
        {
            all[$"Reduce{kind}"] = node => [Reduce(node, kind)];
        }

        all["GlobalAveragePool"] = node => [
            Reduce(node, "Mean", [.. Enumerable.Range(2, Math.Max(0, node.Input(0).Rank - 2))], keepsDims: true)];
        all["GlobalMaxPool"] = node => [
            Reduce(node, "Max", [.. Enumerable.Range(2, Math.Max(0, node.Input(0).Rank - 2))], keepsDims: true)];
        all["GlobalLpPool"] = node => [GlobalLp(node)];
    }

    private static Operand Reduce(OnnxNode node, string kind)
    {
        Operand input = node.Input(0);
        int[] given = node.IntsFrom("axes", 1) ?? [];
        if (given.Length == 0 && node.Flag("noop_with_empty_axes"))
        {
            // Nothing is summed, but each element is treated as a sum of its own is.
            return kind is "Sum" or "Mean" or "Prod" or "Max" or "Min" ? input : Reduce(node, kind, [], keepsDims: true);
        }

        int[] dims = given.Length == 0 ? [.. Enumerable.Range(0, input.Rank)] : node.Axes(given, input.Rank);
        return Reduce(node, kind, dims, node.Flag("keepdims", true));
    }

    /// <summary>Reduces dimensions, which stay as 1 or go away.</summary>
    public static Operand Reduce(OnnxNode node, string kind, int[] dims, bool keepsDims)
    {
        Operand input = node.Input(0);
        DimLayout layout = input.Value is null ? DimLayout.Plain(input.Shape) : input.Layout;
        int[] axes = layout.AxesOf(dims);
        GraphValue value = node.Graph.AsStored(input);
        Shape stored = node.Graph.SpecOf(value).Shape;
        DimLayout reduced = layout.WithSizes([.. stored.Select((size, i) => axes.Contains(i) ? 1 : size)]);
        Operator operation = Choose(kind, input.Type, stored, axes);
        Operand result = node.Apply(operation, reduced, value);
        int[] sizes = [
            .. input.Shape.Select((size, d) => dims.Contains(d) ? 1 : size).Where((_, d) => keepsDims || !dims.Contains(d))];
        return Views.Reshape(node, result, new Shape(sizes));
    }

    private static Operator Choose(string kind, ElementType type, Shape stored, int[] axes)
    {
        if (axes.Length > 0 && Choice.CanCompute(type, stored))
        {
            bool isPicture = stored.Rank == 4 && axes is [1, 2];
            switch (kind)
            {
                case "Mean" when isPicture: return GlobalAveragePoolOperator.Instance;
                case "Max" when isPicture: return AdaptiveMaxPool2dOperator.Global;
                case "Mean": return new ReduceOperator(isMean: true, axes);
                case "Sum": return new ReduceOperator(isMean: false, axes);
            }
        }

        AttributeSet attributes = new AttributeSet().With("axes", (ReadOnlySpan<int>)axes).With("keepdims", true);
        return TypedFunctions.Operator($"Typed.Reduce{kind}", attributes);
    }

    private static Operand GlobalLp(OnnxNode node)
    {
        int[] dims = [.. Enumerable.Range(2, Math.Max(0, node.Input(0).Rank - 2))];
        return node.Int("p", 2) switch
        {
            1 => Reduce(node, "L1", dims, keepsDims: true),
            2 => Reduce(node, "L2", dims, keepsDims: true),
            int p => throw node.Unsupported($"the norm of order {p}"),
        };
    }
}
