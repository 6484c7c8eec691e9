// Einstein's summation of two values is most often a batch of matrix products under another name: attention is written so. Names
// in both values and in the result count the products, names that are summed are the depth, and the others rows and columns.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class EinsumMapping
{
    /// <summary>A matrix product where the equation is one, else the plain sum.</summary>
    public static Operand[] Apply(OnnxNode node)
    {
        Operand[] inputs = node.AllInputs();
        string equation = node.Text("equation", "");
        return [inputs.Length == 2 && Parse(equation, inputs) is { } parts
            ? Product(node, parts, inputs)
            : node.ApplyPlain("Typed.Einsum", new AttributeSet().With("equation", (AttributeValue)equation), inputs)];
    }

    private static Operand Product(OnnxNode node, Labels labels, Operand[] inputs)
    {
        Dictionary<char, int> sizes = [];
        foreach ((string own, Operand input) in ((string, Operand)[])[(labels.Left, inputs[0]), (labels.Right, inputs[1])])
        {
            for (int i = 0; i < own.Length; i++)
            {
                sizes[own[i]] = input.Shape[i];
            }
        }

        Operand left = Arrange(node, inputs[0], labels.Left, sizes, labels.Products, labels.Rows, labels.Depth);
        Operand right = Arrange(node, inputs[1], labels.Right, sizes, labels.Products, labels.Depth, labels.Columns);
        string order = labels.Products + labels.Rows + labels.Columns;
        Operand product = Views.Reshape(
            node, ProductMappings.MatMul(node, left, right), new Shape([.. order.Select(label => sizes[label])]));
        return Views.Transpose(product, [.. labels.Result.Select(label => order.IndexOf(label, StringComparison.Ordinal))]);
    }

    /// <summary>The value as a batch of matrices.</summary>
    private static Operand Arrange(
        OnnxNode node, Operand operand, string own, Dictionary<char, int> sizes, string products, string rows, string columns)
    {
        Operand ordered = Views.Transpose(
            operand, [.. (products + rows + columns).Select(label => own.IndexOf(label, StringComparison.Ordinal))]);
        return Views.Reshape(node, ordered, (Count(products), Count(rows), Count(columns)));

        int Count(string labels) => labels.Aggregate(1, (count, label) => checked(count * sizes[label]));
    }

    /// <summary>Takes an equation apart; null where it is no matrix product.</summary>
    private static Labels? Parse(string equation, Operand[] inputs)
    {
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] factors = sides[0].Split(',');
        if (sides.Length != 2 || factors.Length != 2)
        {
            return null;
        }

        (string left, string right, string result) = (factors[0], factors[1], sides[1]);
        string[] all = [left, right, result];
        if (all.Any(labels => !labels.All(char.IsAsciiLetter) || labels.Distinct().Count() != labels.Length) ||
            left.Length != inputs[0].Rank || right.Length != inputs[1].Rank || !Match(left, right, inputs) ||
            !result.All(label => left.Contains(label) || right.Contains(label)))
        {
            return null;
        }

        string products = Only(result, label => left.Contains(label) && right.Contains(label));
        string depth = Only(left, label => right.Contains(label) && !result.Contains(label));
        string rows = Only(left, label => !right.Contains(label)), columns = Only(right, label => !left.Contains(label));
        bool isProduct = depth.Length > 0 && rows.All(result.Contains) && columns.All(result.Contains);
        return isProduct ? new Labels(left, right, result, products, rows, columns, depth) : null;
    }

    /// <summary>Whether kernels can multiply the values, and sizes of one name are the same: a size of 1 is not repeated
    /// here.</summary>
    private static bool Match(string left, string right, Operand[] inputs)
    {
        for (int i = 0; i < left.Length; i++)
        {
            int place = right.IndexOf(left[i], StringComparison.Ordinal);
            if (place >= 0 && inputs[0].Shape[i] != inputs[1].Shape[place])
            {
                return false;
            }
        }

        return inputs.All(input => input.Type == ElementType.Float32 && input.Shape.ElementCount > 0);
    }

    private static string Only(string labels, Func<char, bool> condition) => string.Concat(labels.Where(condition));

    private sealed record Labels(
        string Left, string Right, string Result, string Products, string Rows, string Columns, string Depth);
}
