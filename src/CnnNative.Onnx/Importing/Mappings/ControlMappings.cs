// Branches and loops. Which branch is taken and how often a loop runs must be known when the model is imported; then only what is
// really done becomes part of the graph.

using CnnNative.Onnx.Schema;
using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ControlMappings
{
    /// <summary>The most rounds of a loop that are written out.</summary>
    private const long MaxRounds = 10_000;

    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["If"] = If;
        all["Loop"] = Loop;
    }

    private static Operand[] If(OnnxNode node)
    {
        string branch = node.KnownLong(0) != 0 ? "then_branch" : "else_branch";
        GraphProto graph = node.GraphAttribute(branch) ?? throw node.Wrong($"{branch} is missing");
        return node.Importer.RunSubgraph(node, graph, branch, []);
    }

    private static Operand[] Loop(OnnxNode node)
    {
        GraphProto body = node.GraphAttribute("body") ?? throw node.Wrong("the body is missing");
        long limit = node.Has(0) ? node.KnownLong(0) : long.MaxValue;
        bool goesOn = !node.Has(1) || node.KnownLong(1) != 0;
        Operand[] state = [.. Enumerable.Range(2, Math.Max(0, node.InputCount - 2)).Select(node.Input)];
        int scans = body.Output.Count - 1 - state.Length;
        List<Operand>[] collected = [.. Enumerable.Range(0, Math.Max(0, scans)).Select(_ => new List<Operand>())];
        for (long round = 0; goesOn && round < limit; round++)
        {
            if (round == MaxRounds)
            {
                throw node.Unsupported($"a loop of more than {MaxRounds} rounds");
            }

            Operand counter = node.Graph.Constant(node.Name, Tensor.From<long>([round], default));
            Operand flag = node.Graph.Constant(node.Name, Tensor.From<bool>([true], default));
            Operand[] results = node.Importer.RunSubgraph(node, body, $"round {round}", [counter, flag, .. state]);
            goesOn = results[0].Constant is { } condition
                ? condition.ToLongs()[0] != 0
                : throw new ValueNeededException(results[0], $"node '{node.Name}' (Loop) needs the values of its condition");
            state = results[1..(1 + state.Length)];
            for (int i = 0; i < collected.Length; i++)
            {
                Operand result = results[1 + state.Length + i];
                collected[i].Add(Views.Reshape(node, result, new Shape([1, .. result.Shape])));
            }
        }

        return [.. state, .. collected.Select(parts => Stack(node, parts))];
    }

    private static Operand Stack(OnnxNode node, List<Operand> parts) => parts.Count switch
    {
        0 => throw node.Unsupported("a loop without rounds that collects values"),
        1 => parts[0],
        _ => node.ApplyPlain("Typed.Concat", new AttributeSet().With("axis", 0), [.. parts]),
    };
}
