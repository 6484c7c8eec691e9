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
        all["Scan"] = node => node.Opset < 9 ? ScanMappings.OfBatch(node) : ScanMappings.Of(node);
    }

    /// <summary>The graph that is run again and again, with at least as many outputs as it must have.</summary>
    public static GraphProto Body(OnnxNode node, int outputs)
    {
        GraphProto body = node.GraphAttribute("body") ?? throw node.Wrong("the body is missing");
        return body.Output.Count >= outputs ? body : throw node.Wrong(
            $"the body has {body.Output.Count} outputs, expected at least {outputs}");
    }

    /// <summary>Values of all rounds along a new dimension.</summary>
    public static Operand Stack(OnnxNode node, IEnumerable<Operand> rounds, int axis)
    {
        Operand[] parts =
        [
            .. rounds.Select(round => Views.Reshape(
                node, round, new Shape([.. round.Shape.Take(axis), 1, .. round.Shape.Skip(axis)]))),
        ];
        return parts.Length == 1 ? parts[0]
            : node.ApplyPlain("Typed.Concat", new AttributeSet().With("axis", axis), [.. parts]);
    }

    /// <summary>Refuses a loop that would become too many nodes.</summary>
    public static void RequireRounds(OnnxNode node, long rounds)
    {
        if (rounds > MaxRounds)
        {
            throw node.Unsupported($"a loop of more than {MaxRounds} rounds");
        }
    }

    private static Operand[] If(OnnxNode node)
    {
        string branch = node.KnownLong(0) != 0 ? "then_branch" : "else_branch";
        GraphProto graph = node.GraphAttribute(branch) ?? throw node.Wrong($"{branch} is missing");
        return node.Importer.RunSubgraph(node, graph, branch, []);
    }

    private static Operand[] Loop(OnnxNode node)
    {
        Operand[] state = [.. Enumerable.Range(2, Math.Max(0, node.InputCount - 2)).Select(node.Input)];
        GraphProto body = Body(node, 1 + state.Length);
        long limit = node.Has(0) ? node.KnownLong(0) : long.MaxValue;
        bool goesOn = !node.Has(1) || node.KnownLong(1) != 0;
        List<Operand>[] collected =
            [.. Enumerable.Range(0, body.Output.Count - 1 - state.Length).Select(_ => new List<Operand>())];
        for (long round = 0; goesOn && round < limit; round++)
        {
            RequireRounds(node, round + 1);
            Operand[] results = Round(node, body, round, state);
            goesOn = results[0].Constant is { } condition
                ? condition.ToLongs() is [not 0, ..]
                : throw new ValueNeededException(results[0], $"node '{node.Name}' (Loop) needs the values of its condition");
            state = results[1..(1 + state.Length)];
            for (int i = 0; i < collected.Length; i++)
            {
                collected[i].Add(results[1 + state.Length + i]);
            }
        }

        return collected is [{ Count: 0 }, ..]
            ? [.. state, .. Round(node, body, 0, state)[(1 + state.Length)..].Select(result => Nothing(node, result))]
            : [.. state, .. collected.Select(rounds => Stack(node, rounds, axis: 0))];
    }

    private static Operand[] Round(OnnxNode node, GraphProto body, long round, Operand[] state)
    {
        Operand counter = node.Graph.Constant(node.Name, Tensor.From<long>([round], default));
        Operand flag = node.Graph.Constant(node.Name, Tensor.From<bool>([true], default));
        return node.Importer.RunSubgraph(node, body, $"round {round}", [counter, flag, .. state]);
    }

    /// <summary>What no round put out. A round that nobody asked for told its type and shape; nothing of it stays in the
    /// graph.</summary>
    private static Operand Nothing(OnnxNode node, Operand result) =>
        node.Graph.Constant(node.Name, Tensor.Uninitialized(new Shape([0, .. result.Shape]), result.Type));
}
