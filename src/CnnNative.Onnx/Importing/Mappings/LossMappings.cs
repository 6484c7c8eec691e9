// Softmax and the losses.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class LossMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Softmax"] = node => [Soften(node, SoftmaxOperator.Softmax)];
        all["LogSoftmax"] = node => [Soften(node, SoftmaxOperator.LogSoftmax)];
        all["NegativeLogLikelihoodLoss"] = node => [Likelihood(node, node.Input(0))];
        all["SoftmaxCrossEntropyLoss"] = node =>
        {
            Operand logarithm = node.ApplyPlain("Typed.LogSoftmaxOf", new AttributeSet().With("axis", 1), node.Input(0));
            return [Likelihood(node, logarithm), logarithm];
        };
    }

    /// <summary>Everything before an axis as rows, everything from it on as columns.</summary>
    public static Shape AsRows(Shape shape, int axis)
    {
        int rows = 1, columns = 1;
        for (int i = 0; i < shape.Rank; i++)
        {
            rows *= i < axis ? shape[i] : 1;
            columns *= i < axis ? 1 : shape[i];
        }

        return (rows, columns);
    }

    private static Operand Likelihood(OnnxNode node, Operand input)
    {
        AttributeSet attributes = new AttributeSet().With("reduction", (AttributeValue)node.Text("reduction", "mean"));
        if (node.HasAttribute("ignore_index"))
        {
            attributes.With("ignore_index", (AttributeValue)node.Long("ignore_index", 0));
        }

        return node.ApplyPlain("Typed.NegativeLogLikelihood", attributes, input, node.Input(1), node.Optional(2));
    }

    private static Operand Soften(OnnxNode node, Operator softmax)
    {
        Operand input = node.Input(0);
        if (node.Opset < 13 && input.Rank > 0)
        {
            // Before version 13 everything from the axis on is one row.
            int first = node.Axis(node.Long("axis", 1), Math.Max(input.Rank, 2));
            Operand rows = Views.Reshape(node, input, AsRows(input.Shape, first));
            return Views.Reshape(node, Along(node, rows, 1, softmax), input.Shape);
        }

        return Along(node, input, node.Axis(node.Long("axis", -1), Math.Max(1, input.Rank)), softmax);
    }

    private static Operand Along(OnnxNode node, Operand input, int dim, Operator softmax)
    {
        if (!Choice.CanCompute(input.Type, input.Shape))
        {
            return node.ApplyPlain(softmax.Kind == "Softmax" ? "Typed.SoftmaxOf" : "Typed.LogSoftmaxOf",
                new AttributeSet().With("axis", dim), input);
        }

        // As it lies where the dimension is innermost already, which it is for channels; any order within a row will do.
        Factor[] inner = [.. input.Layout.Dims[dim].Where(factor => factor.Size != 1)];
        Factor[] memory = [.. input.Layout.Memory.Where(factor => factor.Size != 1)];
        if (input.Value is not null && memory.TakeLast(inner.Length).ToHashSet().SetEquals(inner))
        {
            int columns = input.Shape[dim], rows = (int)(input.Shape.ElementCount / columns);
            return node.Apply(softmax, input.Layout, node.Graph.Reshape(input.Value, (rows, columns)));
        }

        int[] order = [.. Enumerable.Range(0, input.Rank).Where(d => d != dim), dim];
        return node.Apply(softmax, DimLayout.Ordered(input.Shape, order), node.Graph.Arrange(input, order));
    }
}
