// A product with a constant for each channel, or a sum with one, is part of the weights and the bias of the convolution or the
// fully connected layer before it: layer scale, biases that are added by a node of their own, normalisations written out.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs.Passes;

internal static class FoldScales
{
    /// <summary>Folds products and sums with constants into weights. The new weights belong to the new graph.</summary>
    public static Graph Apply(PassContext context)
    {
        // Each round folds one operator behind each layer; after a product a sum may follow, seldom more.
        Graph current = context.Graph;
        for (int folded = -1; folded != context.Changed.Count;)
        {
            folded = context.Changed.Count;
            PassContext round = new(current, context.Kernels);
            Graph next = GraphRewriter.Apply(current, (node, rewriter) => Fold(node, rewriter, round), context.Changed);
            foreach (Parameter parameter in current.Parameters.Except(next.Parameters).Except(context.Graph.Parameters))
            {
                parameter.Dispose();
            }

            current = next;
        }

        return current;
    }

    private static GraphValue[]? Fold(GraphNode node, GraphRewriter rewriter, PassContext context)
    {
        if (Operation(node) is not { } operation)
        {
            return null;
        }

        bool isRight = node.Inputs[1]!.Parameter is not null;
        GraphValue input = node.Inputs[isRight ? 0 : 1]!, constant = node.Inputs[isRight ? 1 : 0]!;
        bool isScale = operation is BinaryOperation.Multiply or BinaryOperation.Divide;
        bool commutes = operation is BinaryOperation.Add or BinaryOperation.Multiply;
        if ((!isRight && !commutes) || constant.Parameter is null || rewriter.OnlyProducer(input) is not { } layer ||
            !TakesScales(layer, isScale) || context.ShapeOf(input) is not { } shape || context.ShapeOf(node.Output) != shape)
        {
            return null;
        }

        Parameter weights = layer.Inputs[1]!.Parameter!;
        Parameter? bias = layer.Inputs.Count > 2 ? layer.Inputs[2]?.Parameter : null;
        if (Values(constant, weights.Shape[0]) is not { } values)
        {
            return null;
        }

        if (operation is BinaryOperation.Divide or BinaryOperation.Subtract)
        {
            values = [.. values.Select(value => operation == BinaryOperation.Divide ? 1 / value : -value)];
        }

        GraphValue?[] inputs = [.. layer.Inputs.Select(value => value is null ? null : rewriter.Map(value))];
        GraphValue?[] folded = [.. inputs, .. new GraphValue?[Math.Max(0, 3 - inputs.Length)]];
        folded[1] = isScale ? new GraphValue(Scaled(weights, node, values)) : folded[1];
        folded[2] = !isScale ? new GraphValue(Shifted(bias, weights, node, values))
            : bias is null ? null : new GraphValue(Scaled(bias, node, values));
        return [.. new GraphNode(layer.Name, layer.Operator, folded).Outputs];
    }

    private static BinaryOperation? Operation(GraphNode node) => node.Operator switch
    {
        BinaryOperator { Operation: BinaryOperation.Add or BinaryOperation.Subtract } sum => sum.Operation,
        BinaryOperator { Operation: BinaryOperation.Multiply or BinaryOperation.Divide } product => product.Operation,
        AddOperator { Activation.Kind: ActivationKind.None } => BinaryOperation.Add,
        _ => null,
    };

    /// <summary>Whether nothing stands between the sums of a layer and what is behind it; a residual, which is not weighted, may
    /// be added to but not scaled.</summary>
    private static bool TakesScales(GraphNode layer, bool isScale)
    {
        bool isLinear = layer.Operator is Conv2dOperator { Options.Activation.Kind: ActivationKind.None }
            or LinearOperator { Activation.Kind: ActivationKind.None };
        return isLinear && layer.Inputs[1]!.Parameter is not null &&
            (layer.Inputs.Count < 3 || layer.Inputs[2] is null or { Parameter: not null }) &&
            (!isScale || layer.Inputs.Count < 4 || layer.Inputs[3] is null);
    }

    /// <summary>A value for each output channel.</summary>
    private static float[]? Values(GraphValue constant, int channels)
    {
        if (ValuePattern.IsNumber(constant, out float number))
        {
            return [.. Enumerable.Repeat(number, channels)];
        }

        if (!ValuePattern.IsPerChannel(constant, channels, out Parameter parameter))
        {
            return null;
        }

        using TensorAccess elements = parameter.Value.Access();
        return elements.Values.ToArray();
    }

    /// <summary>Weights or a bias with each output channel, which is outermost, times its factor.</summary>
    private static Parameter Scaled(Parameter parameter, GraphNode node, float[] factors)
    {
        string name = $"{parameter.Name} x {node.Name}";
        if (parameter.Value.Pending is not null)
        {
            // What nobody has read yet is multiplied when it is read.
            double[] exact = [.. factors.Select(factor => (double)factor)];
            ScaledSource product = new(parameter.Value.View(0, parameter.Shape), exact);
            return new Parameter(name, Tensor.Deferred(product, parameter.Shape), parameter.Role);
        }

        Tensor scaled = Tensor.Uninitialized(parameter.Shape);
        using TensorAccess source = parameter.Value.Access();
        using TensorAccess target = scaled.Access();
        int length = source.Values.Length / factors.Length;
        for (int channel = 0; channel < factors.Length; channel++)
        {
            Span<float> row = target.Values.Slice(channel * length, length);
            source.Values.Slice(channel * length, length).CopyTo(row);
            foreach (ref float element in row)
            {
                element *= factors[channel];
            }
        }

        return new Parameter(name, scaled, parameter.Role);
    }

    private static Parameter Shifted(Parameter? bias, Parameter weights, GraphNode node, float[] offsets)
    {
        float[] sums = [.. offsets];
        if (bias is not null)
        {
            using TensorAccess elements = bias.Value.Access();
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += elements.Values[i];
            }
        }

        return new Parameter($"{bias?.Name ?? weights.Name} + {node.Name}", Tensor.From(sums, sums.Length), ParameterRole.Bias);
    }
}
