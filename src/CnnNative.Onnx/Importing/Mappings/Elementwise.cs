// Operators that work element by element follow the layout of their operands, so that nothing moves for them. With several
// operands the largest one leads; the others, which are mostly constants or broadcast, follow it.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class Elementwise
{
    /// <summary>Applies an operator of one input.</summary>
    public static Operand Map(OnnxNode node, Operator operation, Operand operand) => operand.Value is null
        ? node.Apply(operation, null, node.Graph.Plain(operand))
        : node.Apply(operation, operand.Layout, operand.Value);

    /// <summary>Applies a function of one input.</summary>
    public static Operand Map(OnnxNode node, string kind, Operand operand, AttributeSet? attributes = null) =>
        Map(node, TypedFunctions.Operator(kind, attributes), operand);

    /// <summary>Applies a function of several inputs, which are broadcast.</summary>
    public static Operand Broadcast(OnnxNode node, string kind, params ReadOnlySpan<Operand> operands) =>
        Broadcast(node, _ => TypedFunctions.Operator(kind), operands);

    /// <summary>Applies an operator of several inputs, which is chosen when their shapes in the graph are known.</summary>
    public static Operand Broadcast(OnnxNode node, Func<Shape[], Operator> choose, params ReadOnlySpan<Operand> operands)
    {
        int rank = 0, lead = -1;
        for (int i = 0; i < operands.Length; i++)
        {
            rank = Math.Max(rank, operands[i].Rank);
            if (operands[i].Value is not null && (lead < 0 || operands[i].Shape.ElementCount > operands[lead].Shape.ElementCount))
            {
                lead = i;
            }
        }

        GraphValue[] values = new GraphValue[operands.Length];
        DimLayout layout = lead < 0 ? DimLayout.Plain(default) : operands[lead].Layout.Extend(rank);
        bool follows = lead >= 0 && layout.Memory.Length <= Shape.MaxRank;
        for (int i = 0; i < values.Length && follows; i++)
        {
            follows = TryFollow(node, operands[i], layout, rank, out values[i]);
        }

        if (!follows)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = node.Graph.Plain(operands[i]);
            }
        }

        Shape[] shapes = [.. values.Select(value => node.Graph.SpecOf(value).Shape)];
        try
        {
            Shape stored = RowLoop.BroadcastShape(node.Kind, shapes);
            return node.Apply(choose(shapes), follows ? Views.Resized(layout, stored) : null, [.. values]);
        }
        catch (ShapeException error)
        {
            throw node.Wrong(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>The operand with its factors in the order of the leading one's memory.</summary>
    private static bool TryFollow(OnnxNode node, Operand operand, DimLayout lead, int rank, out GraphValue value)
    {
        value = null!;
        DimLayout extended = operand.Layout.Extend(rank);
        for (int d = 0; d < rank; d++)
        {
            // Sizes that do not fit are reported by the operator, in ONNX's order.
            if (extended.Shape[d] != 1 && lead.Shape[d] != 1 && extended.Shape[d] != lead.Shape[d])
            {
                return false;
            }
        }

        if (extended.CutLike(lead) is not { } cut)
        {
            return false;
        }

        Dictionary<Factor, Factor> pairs = new(ReferenceEqualityComparer.Instance);
        for (int d = 0; d < rank; d++)
        {
            Factor[] own = [.. cut.Dims[d].Where(factor => factor.Size != 1)];
            Factor[] others = lead.Shape[d] == 1 ? lead.Dims[d] : [.. lead.Dims[d].Where(factor => factor.Size != 1)];
            if (cut.Shape[d] == 1)
            {
                continue;
            }

            if (own.Length > others.Length || (lead.Shape[d] == 1 && own.Length > 1))
            {
                return false;
            }

            for (int k = 0; k < own.Length; k++)
            {
                pairs[others[k]] = own[k];
            }
        }

        List<Factor> factors = [];
        int[] sizes = new int[lead.Memory.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = 1;
            if (pairs.TryGetValue(lead.Memory[i], out Factor? factor))
            {
                sizes[i] = factor.Size;
                factors.Add(factor);
            }
        }

        Operand follower = operand.Value is null ? operand : Operand.Of(operand.Value, operand.Type, cut);
        value = node.Graph.Arrange(follower, cut, factors, new Shape(sizes), ParameterRole.Constant);
        return true;
    }
}
