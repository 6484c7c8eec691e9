// Operators of one element: activations, functions, conversions.

using CnnNative.Onnx.Reading;
using CnnNative.Operators;
using static CnnNative.Onnx.Schema.TensorProto.Types;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class UnaryMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        Activation(all, "Relu", _ => CnnNative.Activation.Relu);
        Activation(all, "LeakyRelu", node => CnnNative.Activation.LeakyRelu(node.Float("alpha", 0.01f)));
        Activation(all, "Tanh", _ => CnnNative.Activation.Tanh);
        Activation(all, "Sigmoid", _ => CnnNative.Activation.Sigmoid);
        Activation(all, "Elu", node => CnnNative.Activation.Elu(node.Float("alpha", 1)));
        Activation(all, "HardSigmoid", node => CnnNative.Activation.HardSigmoid(node.Float("alpha", 0.2f),
            node.Float("beta", 0.5f)));
        Activation(all, "HardSwish", _ => CnnNative.Activation.HardSwish);
        Activation(all, "Mish", _ => CnnNative.Activation.Mish);
        Activation(all, "Softplus", _ => CnnNative.Activation.Softplus);
        foreach (string kind in (string[])["Exp", "Log", "Sqrt", "Reciprocal", "Ceil", "Floor", "Round", "Sin", "Cos", "Tan",
            "Asin", "Acos", "Atan",
            "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Erf", "Softsign", "Abs", "Neg", "Sign", "Not", "BitwiseNot", "IsNaN"])
        {
            all[kind] = node => [
                Elementwise.Map(node, Choice.Unary(kind, node.Input(0).Type, node.Input(0).Shape), node.Input(0))];
        }

        all["Selu"] = Selu;
        all["Gelu"] = node => [node.Text("approximate", "none") == "tanh"
            ? Elementwise.Map(node, "Typed.GeluTanh", node.Input(0))
            : Activate(node, CnnNative.Activation.Gelu)];
        all["Celu"] = node => [WithParameters(node, "Typed.Celu", node.Float("alpha", 1), 0)];
        all["ThresholdedRelu"] = node => [WithParameters(node, "Typed.ThresholdedRelu", node.Float("alpha", 1), 0)];
        all["Swish"] = node => [node.Float("alpha", 1) == 1
            ? Activate(node, CnnNative.Activation.Silu)
            : WithParameters(node, "Typed.Swish", node.Float("alpha", 1), 0)];
        all["Shrink"] = node => [WithParameters(node, "Typed.Shrink", node.Float("bias", 0), node.Float("lambd", 0.5f))];
        all["IsInf"] = node => [Elementwise.Map(node, "Typed.IsInf", node.Input(0), new AttributeSet()
            .With("detect_negative", node.Flag("detect_negative", true)).With("detect_positive",
                node.Flag("detect_positive", true)))];
        all["Clip"] = Clip;
        all["Cast"] = node => [Cast(node, node.Input(0), TargetOf(node))];
        all["CastLike"] = node => [Convert(node, node.Input(0), node.Input(1).Type)];
        all["Identity"] = node => [node.Input(0)];
        all["Dropout"] = Dropout;
    }

    /// <summary>Applies an activation to the first input.</summary>
    public static Operand Activate(OnnxNode node, Activation activation) => Activate(node, node.Input(0), activation);

    /// <summary>Applies an activation.</summary>
    public static Operand Activate(OnnxNode node, Operand operand, Activation activation) => operand.Type == ElementType.Float32
        ? Elementwise.Map(node, new ActivationOperator(activation), operand)
        : Convert(node, Elementwise.Map(node, new ActivationOperator(activation), Convert(node, operand, ElementType.Float32)),
            operand.Type);

    /// <summary>The value with elements of another type.</summary>
    public static Operand Convert(OnnxNode node, Operand operand, ElementType type) => operand.Type == type
        ? operand
        : Elementwise.Map(node, "Typed.Cast", operand, new AttributeSet().With("to", (AttributeValue)type.ToString()));

    private static void Activation(Dictionary<string, MappingFunction> all, string kind, Func<OnnxNode, Activation> make) =>
        all[kind] = node => [Activate(node, make(node))];

    private static Operand WithParameters(OnnxNode node, string kind, float alpha, float beta) =>
        Elementwise.Map(node, kind, node.Input(0), new AttributeSet().With("alpha", alpha).With("beta", beta));

    private static Operand[] Selu(OnnxNode node)
    {
        // ONNX lets both constants be chosen; the usual ones have a kernel.
        const float Alpha = 1.67326319217681884765625f, Gamma = 1.05070102214813232421875f;
        float alpha = node.Float("alpha", Alpha), gamma = node.Float("gamma", Gamma);
        if (Math.Abs(alpha - Alpha) < 1e-5f && Math.Abs(gamma - Gamma) < 1e-5f)
        {
            return [Activate(node, CnnNative.Activation.Selu)];
        }

        Operand elu = Activate(node, CnnNative.Activation.Elu(alpha));
        return [BinaryMappings.Multiply(node, elu, node.Graph.Constant(node.Name, Tensor.Full(default, gamma)))];
    }

    private static Operand[] Clip(OnnxNode node)
    {
        Operand input = node.Input(0);
        bool isFixed = node.Optional(1) is null or { Constant: not null } && node.Optional(2) is null or { Constant: not null };
        if (input.Type == ElementType.Float32 && isFixed)
        {
            float low = Limit(node, 1, "min", float.NegativeInfinity), high = Limit(node, 2, "max", float.PositiveInfinity);
            return low == 0 && float.IsPositiveInfinity(high)
                ? [Activate(node, CnnNative.Activation.Relu)]
                : [Activate(node, CnnNative.Activation.Clip(low, high))];
        }

        Operand result = node.Has(1) ? BinaryMappings.Apply(node, "Max", input, node.Input(1)) : input;
        return [node.Has(2) ? BinaryMappings.Apply(node, "Min", result, node.Input(2)) : result];
    }

    private static float Limit(OnnxNode node, int input, string attribute, float absent) => node.Has(input)
        ? (float)node.KnownDoubles(input)[0]
        : node.Float(attribute, absent);

    /// <summary>The type of a cast, which was a name before version 6.</summary>
    private static int TargetOf(OnnxNode node) =>
        node.Text("to", "") is { Length: > 0 } name && Enum.TryParse(name, ignoreCase: true, out DataType type)
            ? (int)type
            : node.Int("to", 0);

    private static Operand Cast(OnnxNode node, Operand operand, int to)
    {
        ElementType type = ElementTypeMap.ToElementType(to, $"{node.Importer.Model.Name}: node '{node.Name}'");
        string rounding = (DataType)to switch { DataType.Float16 => "half", DataType.Bfloat16 => "bfloat16", _ => "" };
        if (rounding.Length == 0)
        {
            return Convert(node, operand, type);
        }

        return Elementwise.Map(node, "Typed.Cast", Convert(node, operand, type), new AttributeSet()
            .With("to", (AttributeValue)type.ToString()).With("rounding", (AttributeValue)rounding));
    }

    private static Operand[] Dropout(OnnxNode node)
    {
        bool trains = node.Has(2) && node.KnownLong(2) != 0;
        double ratio = node.Has(1) ? node.KnownDoubles(1)[0] : node.Opset >= 12 ? 0.5 : node.Float("ratio", 0.5f);
        if (!node.HasOutput(1) && (!trains || ratio == 0))
        {
            return [node.Input(0)];
        }

        // The mask is that of ONNX's reference: it depends on the seed alone, so that a model gives the same results every time.
        Shape shape = node.Input(0).Shape;
        bool[] kept = new bool[shape.ElementCount];
        MersenneTwister random = new(unchecked((uint)node.Long("seed", 0)));
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = !trains || random.NextDouble() >= ratio;
        }

        Operand mask = node.Graph.Constant(node.Name, Tensor.From<bool>(kept, shape));
        Operand result = node.Input(0);
        if (trains && ratio != 0)
        {
            float scale = ratio < 1 ? (float)(1 / (1 - ratio)) : 0;
            Operand factors = BinaryMappings.Multiply(
                node, Convert(node, mask, ElementType.Float32), node.Graph.Constant(node.Name, Tensor.Full(default, scale)));
            result = BinaryMappings.Multiply(node, result, factors);
        }

        return [result, node.Opset < 10 ? Convert(node, mask, node.Input(0).Type) : mask];
    }
}
