// The losses that ONNX knows as operators: the negative log-likelihood of classes, and softmax with it.

namespace CnnNative.Operators;

internal static class TypedLosses
{
    public static TypedFunction[] All =>
    [
        new("Typed.NegativeLogLikelihood", ["input", "target", "weight"], InferLikelihood, Likelihood) { Required = 2, Singles =
            InputSet.Of(0, 2) },
        new("Typed.LogSoftmaxOf", ["input"], (_, inputs, outputs) => outputs[0] = inputs[0]!.Value, LogSoftmax) { Singles =
            InputSet.All },
        new("Typed.SoftmaxOf", ["input"], (_, inputs, outputs) => outputs[0] = inputs[0]!.Value, Softmax) { Singles =
            InputSet.All },
    ];

    private static void InferLikelihood(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value, target = inputs[1]!.Value;
        if (input.Shape.Rank < 2 || target.Shape.Rank != input.Shape.Rank - 1)
        {
            throw new ShapeException(
                $"Loss: the input is {input}, the target is {target}; expected one dimension less, that of the classes.");
        }

        outputs[0] = attributes.Text("reduction", "mean") == "none" ? target with { Type = ElementType.Float32 }
            : new ValueSpec(default);
    }

    private static void Likelihood(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        TypedOrder.AxisView view = TypedOrder.AxisView.Of(tensors.Input().Shape, 1);
        long[] targets = tensors.Input(1).ToLongs();
        float[]? weights = tensors.OptionalInput(2)?.ToArray();
        long ignored = attributes.TryGet("ignore_index", out AttributeValue index) ? index.ToInteger() : long.MinValue;
        string reduction = attributes.Text("reduction", "mean");
        double sum = 0, total = 0;
        for (int line = 0; line < targets.Length; line++)
        {
            long label = targets[line];
            if (label != ignored && (label < 0 || label >= view.Size))
            {
                throw new ArgumentException($"Loss: a target is {label}, expected 0 to {view.Size - 1}.");
            }

            double weight = label == ignored ? 0 : weights?[label] ?? 1;
            double loss = label == ignored ? 0 : -input.Values[view.Start(line) + (int)label * view.Inner] * weight;
            sum += loss;
            total += weight;
            if (reduction == "none")
            {
                output.Values[line] = (float)loss;
            }
        }

        if (reduction != "none")
        {
            output.Values[0] = (float)(reduction == "sum" ? sum : sum / total);
        }
    }

    private static void LogSoftmax(AttributeSet attributes, NodeTensors tensors) => Soften(attributes, tensors, logarithm: true);

    private static void Softmax(AttributeSet attributes, NodeTensors tensors) => Soften(attributes, tensors, logarithm: false);

    private static void Soften(AttributeSet attributes, NodeTensors tensors, bool logarithm)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        TypedOrder.AxisView view = TypedOrder.AxisView.Of(tensors.Input().Shape, attributes.Integer("axis", 0));
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            double largest = double.NegativeInfinity, sum = 0;
            for (int k = 0; k < view.Size; k++)
            {
                largest = Math.Max(largest, input.Values[view.Start(line) + k * view.Inner]);
            }

            for (int k = 0; k < view.Size; k++)
            {
                sum += Math.Exp(input.Values[view.Start(line) + k * view.Inner] - largest);
            }

            for (int k = 0; k < view.Size; k++)
            {
                int at = view.Start(line) + k * view.Inner;
                double distance = input.Values[at] - largest;
                output.Values[at] = (float)(logarithm ? distance - Math.Log(sum) : Math.Exp(distance) / sum);
            }
        }
    }
}
