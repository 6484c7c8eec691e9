// Activations in ONNX: nodes where there is an operator in the operator set, and what it stands for where there is none.

namespace CnnNative.Onnx.Writing;

internal static class ExportActivations
{
    /// <summary>Writes an activation of a value.</summary>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxWriter writer, string name, Activation activation, string x)
    {
        switch (activation.Kind)
        {
            case ActivationKind.LeakyRelu:
                return writer.Node("LeakyRelu", name, [x],
                OnnxWriter.Float("alpha", activation.Alpha));
            case ActivationKind.Elu: return writer.Node("Elu", name, [x], OnnxWriter.Float("alpha", activation.Alpha));
            case ActivationKind.Silu: return writer.Node("Mul", name, [x, writer.Node("Sigmoid", $"{name}/sigmoid", [x])]);
            case ActivationKind.Mish:
                string softplus = writer.Node("Softplus", $"{name}/softplus", [x]);
                return writer.Node("Mul", name, [x, writer.Node("Tanh", $"{name}/tanh", [softplus])]);
            case ActivationKind.HardSigmoid:
                return writer.Node("HardSigmoid", name, [x], OnnxWriter.Float("alpha", activation.Alpha),
                    OnnxWriter.Float("beta", activation.Beta));
            case ActivationKind.Clip:
                return writer.Node("Clip", name, [x, writer.Scalar($"{name}/low", activation.Alpha),
                    writer.Scalar($"{name}/high", activation.Beta)]);
            case ActivationKind.Gelu: return Gelu(writer, name, x);
            default: return writer.Node(activation.Kind.ToString(), name, [x]);
        }
    }

    /// <summary>x (1 + erf(x / sqrt 2)) / 2, as version 20 has it in one operator.</summary>
    private static string Gelu(OnnxWriter writer, string name, string x)
    {
        string scaled = writer.Node("Mul", $"{name}/scaled", [x, writer.Scalar($"{name}/factor", MathF.Sqrt(0.5f))]);
        string erf = writer.Node("Erf", $"{name}/erf", [scaled]);
        string sum = writer.Node("Add", $"{name}/sum", [erf, writer.Scalar($"{name}/one", 1)]);
        string product = writer.Node("Mul", $"{name}/product", [x, sum]);
        return writer.Node("Mul", name, [product, writer.Scalar($"{name}/half", 0.5f)]);
    }
}
