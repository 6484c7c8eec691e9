// Matrix products. Where one side is constant it is the weights of a fully connected layer; the other side then need not be in
// ONNX's order, because the weights can be put into its order instead.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ProductMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["MatMul"] = node => [MatMul(node, node.Input(0), node.Input(1))];
        all["Gemm"] = Gemm;
        all["Einsum"] = EinsumMapping.Apply;
    }

    /// <summary>A product by NumPy's rules.</summary>
    public static Operand MatMul(OnnxNode node, Operand left, Operand right)
    {
        if (right.Constant is not null && right.Rank == 2 && left.Value is not null && left.Rank >= 2 && IsFull(left, right) &&
            left.Shape[^1] == right.Shape[0])
        {
            return Linear(node, left, Views.Transpose(right, [1, 0]), null);
        }

        Shape a = left.Shape, b = right.Shape;
        bool sameOuter = a.Rank > 1 && b.Rank > 1 && (a.Rank == 2 || b.Rank == 2 || a.SkipLast(2).SequenceEqual(b.SkipLast(2)));
        if (IsFull(left, right) && sameOuter && a[^1] == b[^2])
        {
            Shape output = TypedProducts.OutputShape(a, b);
            return node.Apply(new MatMulOperator(), DimLayout.Plain(output), node.Graph.Plain(left), node.Graph.Plain(right));
        }

        return node.ApplyPlain("Typed.MatMul", null, left, right);
    }

    private static bool IsFull(Operand left, Operand right) =>
        left.Type == ElementType.Float32 && left.Shape.ElementCount > 0 && right.Shape.ElementCount > 0;

    /// <summary>left times the transposed weights, plus a bias; the rows of the left side are everything before its last
    /// dimension. </summary>
    private static Operand Linear(OnnxNode node, Operand left, Operand weights, Operand? bias)
    {
        int features = left.Shape[^1], outputs = weights.Shape[0];
        int rows = checked((int)(left.Shape.ElementCount / features));
        Shape output = new([.. left.Shape.SkipLast(1), outputs]);

        // The features stand in the order of memory, and the weights follow it.
        Factor[] order = [.. left.Layout.Dims[^1].OrderBy(factor => Array.IndexOf(left.Layout.Memory, factor))];
        List<Factor> wanted = [.. left.Layout.Dims.SkipLast(1).SelectMany(dim => dim), .. order];
        GraphValue input = node.Graph.Arrange(left, left.Layout, wanted, (rows, features), ParameterRole.Constant);
        DimLayout cut = weights.Layout.Reshape(new Shape([outputs, .. left.Layout.Dims[^1].Select(factor => factor.Size)]))!;
        Factor[] parts = [.. order.Select(factor => cut.Dims[1 + Array.IndexOf(left.Layout.Dims[^1], factor)][0])];
        GraphValue matrix = node.Graph.Arrange(
            weights.With(cut), cut, [.. cut.Dims[0], .. parts], (outputs, features), ParameterRole.Weight);
        return node.Apply(
            new LinearOperator(), DimLayout.Plain(output), input, matrix, bias is null ? null
                : node.Graph.Plain(bias, ParameterRole.Bias));
    }

    private static Operand[] Gemm(OnnxNode node)
    {
        Operand left = node.Input(0), right = node.Input(1);
        Operand? addend = node.Optional(2);
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        if (left.Rank != 2 || right.Rank != 2)
        {
            throw node.Wrong($"the factors are {left.Shape} and {right.Shape}, expected two dimensions of each");
        }

        left = node.Flag("transA") ? Views.Transpose(left, [1, 0]) : left;
        int columns = node.Flag("transB") ? right.Shape[0] : right.Shape[1], depth = node.Flag("transB") ? right.Shape[1]
            : right.Shape[0];
        if (left.Shape[1] != depth)
        {
            throw node.Wrong($"the factors are {left.Shape} and {right.Shape}, which do not fit together");
        }

        bool isBias = addend is null || (addend.Constant is not null && addend.Shape.ElementCount == columns &&
            addend.Shape[^1] == columns);
        if (alpha == 1 && (beta == 1 || addend is null) && isBias && right.Constant is not null && left.Value is not null &&
            IsFull(left, right))
        {
            Operand weights = node.Flag("transB") ? right : Views.Transpose(right, [1, 0]);
            return [Linear(node, left, weights, addend)];
        }

        right = node.Flag("transB") ? Views.Transpose(right, [1, 0]) : right;
        Operand product = Scaled(node, MatMul(node, left, right), alpha);
        return [addend is null || beta == 0 ? product : BinaryMappings.Sum(node, product, Scaled(node, addend, beta))];
    }

    private static Operand Scaled(OnnxNode node, Operand operand, float factor) => factor == 1
        ? operand
        : BinaryMappings.Multiply(
            node, operand, UnaryMappings.Convert(node, node.Graph.Constant(node.Name, Tensor.Full(default, factor)),
                operand.Type));
}
