// ONNX's training operators: the step of an optimiser, for several tensors at once.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class TrainingMappings
{
    private const string Domain = "ai.onnx.preview.training";

    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all[$"{Domain}.Momentum"] = node => Steps(node, "Typed.Momentum", states: 1, 0);
        all[$"{Domain}.Adagrad"] = node => Steps(node, "Typed.Adagrad", states: 1, 1e-6f);
        all[$"{Domain}.Adam"] = node => Steps(node, "Typed.Adam", states: 2, 1e-6f);
    }

    /// <summary>Inputs are the rate, the step, and then all values, all gradients, and all of each state.</summary>
    private static Operand[] Steps(OnnxNode node, string kind, int states, float epsilon)
    {
        AttributeSet attributes = new AttributeSet()
            .With("alpha", node.Float("alpha", kind == "Typed.Adam" ? 0.9f : 0)).With("beta",
                node.Float("beta", kind == "Typed.Adam" ? 0.999f : 0))
            .With("epsilon", node.Float("epsilon", epsilon)).With("norm_coefficient", node.Float("norm_coefficient", 0))
            .With("norm_coefficient_post", node.Float("norm_coefficient_post", 0)).With("decay_factor",
                node.Float("decay_factor", 0))
            .With("mode", (AttributeValue)node.Text("mode", "standard"));
        int count = (node.InputCount - 2) / (2 + states);
        Operand[] outputs = new Operand[count * (1 + states)];
        for (int i = 0; i < count; i++)
        {
            GraphValue[] values = [node.Graph.Plain(node.Input(0)), node.Graph.Plain(node.Input(1)),
                .. Enumerable.Range(0, 2 + states).Select(part => node.Graph.Plain(node.Input(2 + part * count + i)))];
            Operand[] results = node.Graph.Apply(node.Name, TypedFunctions.Operator(kind, attributes), values);
            for (int part = 0; part <= states; part++)
            {
                outputs[part * count + i] = results[part];
            }
        }

        return outputs;
    }
}
