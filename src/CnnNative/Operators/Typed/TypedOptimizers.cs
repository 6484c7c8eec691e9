// Steps of optimisers as ONNX's training operators define them; models that hold a training step have them. Training here has its
// own optimisers, on kernels.

namespace CnnNative.Operators;

internal static class TypedOptimizers
{
    public static TypedFunction[] All =>
    [
        new("Typed.Momentum", ["rate", "step", "value", "gradient", "momentum"], InferTwo, Momentum) { Outputs = 2, Singles =
            InputSet.Of(0, 2, 3, 4, 5) },
        new("Typed.Adagrad", ["rate", "step", "value", "gradient", "squares"], InferTwo, Adagrad) { Outputs = 2, Singles =
            InputSet.Of(0, 2, 3, 4, 5) },
        new("Typed.Adam", ["rate", "step", "value", "gradient", "first", "second"], InferThree, Adam) { Outputs = 3, Singles =
            InputSet.Of(0, 2, 3, 4, 5) },
    ];

    private static void InferTwo(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = outputs[1] = inputs[2]!.Value;

    private static void InferThree(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = outputs[1] = outputs[2] = inputs[2]!.Value;

    private static void Momentum(AttributeSet attributes, NodeTensors tensors)
    {
        float rate = tensors.Input(0).ToArray()[0], alpha = attributes.Single("alpha", 0), decay =
            attributes.Single("norm_coefficient", 0);
        float beta = tensors.Input(1).ToLongs()[0] > 0 ? attributes.Single("beta", 0) : 1;
        bool nesterov = attributes.Text("mode", "standard") == "nesterov";
        Step(tensors, (x, gradient, v) =>
        {
            float g = gradient + decay * x, next = alpha * v + beta * g;
            return (x - rate * (nesterov ? g + alpha * next : next), next);
        });
    }

    private static void Adagrad(AttributeSet attributes, NodeTensors tensors)
    {
        float decay = attributes.Single("norm_coefficient", 0), epsilon = attributes.Single("epsilon", 1e-6f);
        float rate = tensors.Input(0).ToArray()[0] / (1 + tensors.Input(1).ToLongs()[0] * attributes.Single("decay_factor", 0));
        Step(tensors, (x, gradient, squares) =>
        {
            float g = gradient + decay * x, next = squares + g * g;
            return (x - rate * g / (MathF.Sqrt(next) + epsilon), next);
        });
    }

    private static void Step(NodeTensors tensors, Func<float, float, float, (float Value, float State)> step)
    {
        using TensorAccess values = tensors.Input(2).Access();
        using TensorAccess gradients = tensors.Input(3).Access();
        using TensorAccess states = tensors.Input(4).Access();
        using TensorAccess newValues = tensors.Output(0).Access();
        using TensorAccess newStates = tensors.Output(1).Access();
        for (int i = 0; i < values.Values.Length; i++)
        {
            (newValues.Values[i], newStates.Values[i]) = step(values.Values[i], gradients.Values[i], states.Values[i]);
        }
    }

    private static void Adam(AttributeSet attributes, NodeTensors tensors)
    {
        float rate = tensors.Input(0).ToArray()[0];
        float alpha = attributes.Single("alpha", 0.9f), beta = attributes.Single("beta", 0.999f), epsilon =
            attributes.Single("epsilon", 1e-6f);
        float decay = attributes.Single("norm_coefficient", 0), after = attributes.Single("norm_coefficient_post", 0);
        long step = tensors.Input(1).ToLongs()[0];
        float corrected = step > 0 ? rate * MathF.Sqrt(1 - MathF.Pow(beta, step)) / (1 - MathF.Pow(alpha, step)) : rate;
        using TensorAccess second = tensors.Input(5).Access();
        using TensorAccess newSecond = tensors.Output(2).Access();
        float[] old = second.Values.ToArray(), next = new float[old.Length];
        int at = 0;
        Step(tensors, (x, gradient, m) =>
        {
            float g = gradient + decay * x, first = alpha * m + (1 - alpha) * g;
            next[at] = beta * old[at] + (1 - beta) * g * g;
            float value = x - corrected * first / (MathF.Sqrt(next[at++]) + epsilon);
            return ((1 - after) * value, first);
        });
        next.CopyTo(newSecond.Values);
    }
}
