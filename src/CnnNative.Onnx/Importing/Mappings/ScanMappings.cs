// Scan: a graph that is run for each element of sequences, and carries states along. The sequences' lengths are known, so that it
// is written out like any other loop.

using CnnNative.Onnx.Schema;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ScanMappings
{
    /// <summary>As it is since operator set 9.</summary>
    public static Operand[] Of(OnnxNode node)
    {
        Plan plan = Plan.Of(node, first: 0);
        Operand[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Input)];
        for (int i = 0; i < plan.Sequences; i++)
        {
            plan.InputAxes[i] = node.Axis(plan.InputAxes[i], inputs[plan.States + i].Rank);
        }

        return Run(node, plan, inputs[..plan.States], inputs[plan.States..], "step");
    }

    /// <summary>As it was in operator set 8: everything has a batch before the sequence, and each sample is a scan of its
    /// own.</summary>
    public static Operand[] OfBatch(OnnxNode node)
    {
        if (node.Has(0))
        {
            throw node.Unsupported("sequences of different lengths");
        }

        Plan plan = Plan.Of(node, first: 1);
        Operand[] inputs = [.. Enumerable.Range(1, node.InputCount - 1).Select(node.Input)];
        int batch = inputs[0].Rank > 0 ? inputs[0].Shape[0] : throw node.Wrong("the first input is a scalar, expected a batch");
        if (batch == 0 || inputs.Any(input => input.Rank == 0 || input.Shape[0] != batch))
        {
            throw node.Wrong($"not every input has a batch of {batch}, at least 1");
        }

        ControlMappings.RequireRounds(node, batch);
        Operand[][] samples =
        [
            .. Enumerable.Range(0, batch).Select(sample =>
            {
                Operand[] parts = [.. inputs.Select(input => Element(node, input, 0, sample))];
                return Run(node, plan, parts[..plan.States], parts[plan.States..], $"sample {sample}, step");
            }),
        ];
        return [.. samples[0].Select((_, i) => ControlMappings.Stack(node, samples.Select(sample => sample[i]), axis: 0))];
    }

    private static Operand[] Run(OnnxNode node, Plan plan, Operand[] state, Operand[] sequences, string label)
    {
        int length = LengthOf(node, plan, sequences);
        ControlMappings.RequireRounds(node, length);
        List<Operand>[] collected = [.. plan.OutputAxes.Select(_ => new List<Operand>())];
        for (int step = 0; step < length; step++)
        {
            Operand[] elements =
            [
                .. sequences.Select((sequence, i) =>
                    Element(node, sequence, plan.InputAxes[i], plan.InputsBackwards[i] ? length - 1 - step : step)),
            ];
            Operand[] results = node.Importer.RunSubgraph(node, plan.Body, $"{label} {step}", [.. state, .. elements]);
            state = results[..plan.States];
            for (int i = 0; i < collected.Length; i++)
            {
                collected[i].Insert(plan.OutputsBackwards[i] ? 0 : step, results[plan.States + i]);
            }
        }

        return
        [
            .. state,
            .. collected.Select((rounds, i) =>
                ControlMappings.Stack(node, rounds, node.Axis(plan.OutputAxes[i], rounds[0].Rank + 1))),
        ];
    }

    private static int LengthOf(OnnxNode node, Plan plan, Operand[] sequences)
    {
        int[] lengths =
        [
            .. sequences.Select((sequence, i) => sequence.Rank > plan.InputAxes[i]
                ? sequence.Shape[plan.InputAxes[i]]
                : throw node.Wrong($"sequence {i} is {sequence.Shape}, which has no dimension {plan.InputAxes[i]}")),
        ];
        return lengths.Distinct().Count() != 1
            ? throw node.Wrong($"sequences have lengths {string.Join(", ", lengths)}, expected one")
            : lengths[0] > 0 ? lengths[0] : throw node.Unsupported("a scan of sequences without elements");
    }

    private static Operand Element(OnnxNode node, Operand sequence, int axis, int index)
    {
        Operand cut = MovementMappings.Cut(node, sequence, [axis], [index], [1], [1]);
        return Views.Reshape(node, cut, new Shape([.. sequence.Shape.Where((_, i) => i != axis)]));
    }

    /// <summary>What the attributes say.</summary>
    private sealed record Plan(
        GraphProto Body, int States, int Sequences, int[] InputAxes, bool[] InputsBackwards, int[] OutputAxes,
        bool[] OutputsBackwards)
    {
        public static Plan Of(OnnxNode node, int first)
        {
            int sequences = node.Int("num_scan_inputs", 0), states = node.InputCount - first - sequences;
            if (sequences < 1 || states < 0)
            {
                throw node.Wrong(
                    $"{node.InputCount - first} inputs have {sequences} sequences, expected at least one, and no more");
            }

            GraphProto body = ControlMappings.Body(node, states);
            int outputs = body.Output.Count - states;
            string directions = first == 0 ? "scan_input_directions" : "directions";
            return new Plan(
                body, states, sequences, List(node, "scan_input_axes", sequences),
                [.. List(node, directions, sequences).Select(direction => direction != 0)],
                List(node, "scan_output_axes", outputs),
                [.. List(node, "scan_output_directions", outputs).Select(direction => direction != 0)]);
        }

        private static int[] List(OnnxNode node, string attribute, int count)
        {
            int[] list = node.Ints(attribute) ?? new int[count];
            return list.Length == count ? list
                : throw node.Wrong($"{attribute} has {list.Length} numbers, expected {count}");
        }
    }
}
