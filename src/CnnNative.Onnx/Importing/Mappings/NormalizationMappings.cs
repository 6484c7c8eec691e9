// Normalisations. Those over channels have kernels where the channels are innermost; the others work by their definition.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class NormalizationMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["BatchNormalization"] = BatchNorm;
        all["InstanceNormalization"] = node => [GroupNorm(node, node.Input(0).Shape[1])];
        all["GroupNormalization"] = node => [GroupNorm(node, node.Int("num_groups", 1))];
        all["LayerNormalization"] = LayerNorm;
        all["RMSNormalization"] = node => [node.ApplyPlain("Typed.RmsNorm", Row(node), node.Input(0), node.Input(1))];
        all["LpNormalization"] = node => [node.ApplyPlain("Typed.LpNorm", new AttributeSet()
            .With("axis", node.Axis(node.Long("axis", -1), node.Input(0).Rank)).With("p", node.Int("p", 2)), node.Input(0))];
        all["MeanVarianceNormalization"] = MeanVarianceNorm;
        all["LRN"] = node => [LocalResponseNorm(node)];
    }

    private static AttributeSet Row(OnnxNode node) => new AttributeSet()
        .With("axis", node.Axis(node.Long("axis", -1), node.Input(0).Rank)).With("epsilon", node.Float("epsilon", 1e-5f));

    private static Operand[] BatchNorm(OnnxNode node)
    {
        Operand input = node.Input(0);
        float epsilon = node.Float("epsilon", 1e-5f), momentum = node.Float("momentum", 0.9f);
        bool trains = node.Opset >= 14 ? node.Flag("training_mode") : node.Opset < 7 && !node.Flag("is_test") &&
            node.OutputCount > 1;
        if (trains)
        {
            AttributeSet attributes = new AttributeSet().With("epsilon", epsilon).With("momentum", momentum);
            GraphValue[] values = [.. node.AllInputs().Select(operand => node.Graph.Plain(operand))];
            return node.Graph.Apply(node.Name, TypedFunctions.Operator("Typed.BatchNormTraining", attributes), values);
        }

        if (node.Opset < 9 && !node.Flag("spatial", true))
        {
            return [PerElement(node, epsilon)];
        }

        (GraphValue value, DimLayout layout) = input.Rank > 1
            ? Views.ChannelsInnermost(node, input)
            : (node.Graph.Reshape(node.Graph.Plain(input), (input.Shape[0], 1)), DimLayout.Plain(input.Shape));
        BatchNormOperator norm = new(new BatchNormAttributes(epsilon, 1 - momentum, Relu: false));
        return
        [
            node.Apply(
                norm, layout, value, node.Graph.Plain(node.Input(3), ParameterRole.Statistic),
                    node.Graph.Plain(node.Input(4), ParameterRole.Statistic),
                node.Graph.Plain(node.Input(1), ParameterRole.Bias), node.Graph.Plain(node.Input(2), ParameterRole.Bias)),
        ];
    }

    /// <summary>Each element has statistics of its own, as versions before 9 can have it.</summary>
    private static Operand PerElement(OnnxNode node, float epsilon)
    {
        Operand constant = node.Graph.Constant(node.Name, Tensor.Full(default, epsilon));
        Operand variance = BinaryMappings.Sum(node, node.Input(4), constant);
        Operand deviation = Elementwise.Map(node, "Typed.Sqrt", variance);
        Operand centred = BinaryMappings.Apply(node, "Sub", node.Input(0), node.Input(3));
        Operand scaled = BinaryMappings.Multiply(node, BinaryMappings.Apply(node, "Div", centred, deviation), node.Input(1));
        return BinaryMappings.Sum(node, scaled, node.Input(2));
    }

    private static Operand GroupNorm(OnnxNode node, int groups)
    {
        Operand input = node.Input(0), scale = node.Input(1), bias = node.Input(2);
        int channels = input.Shape[1];
        if (groups < 1 || channels % groups != 0)
        {
            throw node.Wrong($"{groups} groups do not divide {channels} channels");
        }

        float epsilon = node.Float("epsilon", 1e-5f);
        if (input.Rank < 3 || input.Type != ElementType.Float32 || scale.Shape.ElementCount != channels ||
            input.Shape.ElementCount == 0)
        {
            AttributeSet attributes = new AttributeSet().With("groups", groups).With("epsilon", epsilon);
            return node.ApplyPlain("Typed.GroupNorm", attributes, input, scale, bias);
        }

        int[] order = DimLayout.ChannelsLast(input.Rank);
        Operator norm = new GroupNormOperator(new GroupNormAttributes(groups == channels ? 0 : groups, epsilon));
        return node.Apply(
            norm, DimLayout.Ordered(input.Shape, order), node.Graph.Arrange(input, order),
                node.Graph.Plain(scale, ParameterRole.Bias),
            node.Graph.Plain(bias, ParameterRole.Bias));
    }

    private static Operand[] LayerNorm(OnnxNode node)
    {
        Operand input = node.Input(0), scale = node.Input(1);
        int axis = node.Axis(node.Long("axis", -1), input.Rank), length = 1;
        for (int i = axis; i < input.Rank; i++)
        {
            length *= input.Shape[i];
        }

        bool isPlainScale = scale.Shape.ElementCount == length && (node.Optional(2)?.Shape.ElementCount ?? length) == length;
        if (isPlainScale && !node.HasOutput(1) && !node.HasOutput(2) && Choice.CanCompute(input.Type, input.Shape))
        {
            // What is normalised may lie in any order as long as the scale does too; channels innermost is the usual case.
            GraphValue value = node.Graph.Plain(input);
            return
            [
                node.Apply(
                    new LayerNormOperator(input.Rank - axis, node.Float("epsilon", 1e-5f)), DimLayout.Plain(input.Shape), value,
                    node.Graph.Plain(scale, ParameterRole.Bias), node.Has(2) ? node.Graph.Plain(node.Input(2), ParameterRole.Bias)
                        : null),
            ];
        }

        GraphValue?[] values = [node.Graph.Plain(input), node.Graph.Plain(scale), node.Has(2) ? node.Graph.Plain(node.Input(2))
            : null];
        return node.Graph.Apply(node.Name, TypedFunctions.Operator("Typed.LayerNorm", Row(node)), values);
    }

    private static Operand[] MeanVarianceNorm(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] axes = node.Axes(node.Ints("axes") ?? [0, 2, 3], input.Rank);
        return [node.ApplyPlain("Typed.MeanVarianceNorm", new AttributeSet().With("axes", (ReadOnlySpan<int>)axes), input)];
    }

    private static Operand LocalResponseNorm(OnnxNode node)
    {
        Operand input = node.Input(0);
        float alpha = node.Float("alpha", 1e-4f), beta = node.Float("beta", 0.75f), bias = node.Float("bias", 1);
        int size = node.Int("size", 1);
        if (Choice.CanCompute(input.Type, input.Shape) && input.Rank > 1 && size % 2 == 1)
        {
            (GraphValue value, DimLayout layout) = Views.ChannelsInnermost(node, input);
            return node.Apply(new LocalResponseNormOperator(new LocalResponseAttributes(size, alpha, beta, bias)), layout, value);
        }

        return node.ApplyPlain("Typed.LocalResponseNorm", new AttributeSet()
            .With("size", size).With("alpha", alpha).With("beta", beta).With("bias", bias), input);
    }
}
