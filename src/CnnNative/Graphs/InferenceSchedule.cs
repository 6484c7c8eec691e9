// The order of work of a run without gradients, with the lifetime of every value: what a program binds to memory, and what tells
// how much memory it will be before anything is prepared.

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>Makes the schedule.</summary>
internal sealed class InferenceSchedule
{
    private readonly GraphShapes _shapes;
    private readonly GraphPasses _enabled;
    private readonly List<PassReport> _passes = [];

    public InferenceSchedule(Graph graph, GraphShapes shapes, GraphPasses enabled = GraphPasses.All)
    {
        _shapes = shapes;
        _enabled = enabled;
        Slices = enabled.HasFlag(GraphPasses.PlaceConcatenations) ? new ConcatSlices(graph, shapes) : ConcatSlices.None;
        Dictionary<GraphValue, MemoryItem> items = [];
        Inputs = [.. graph.Inputs.Select(value => Add(items, value, time: 0))];
        Steps = new ScheduledStep[graph.Nodes.Count];
        for (int i = 0; i < Steps.Length; i++)
        {
            Steps[i] = Schedule(items, graph.Nodes[i], i);
        }

        Outputs = [.. graph.Outputs.Select(output => items.GetValueOrDefault(output.Value))];
        foreach (MemoryItem? output in Outputs)
        {
            output?.Read(Steps.Length + 1);
        }

        Plan.Place();
        Report(graph, GraphPasses.PlaceConcatenations, step => Slices.Of(step.Node.Output) is not null);
        Report(graph, GraphPasses.RunInPlace, step =>
            !step.Node.Operator.IsViewInInference && Slices.Of(step.Node.Output) is null &&
            step.Inputs.Any(input =>
                input is not null && MemoryPlan.Share(step.Outputs[0]!, input) && input.Last == step.NodeNumber + 1));
    }

    /// <summary>What the passes that concern memory did.</summary>
    public IReadOnlyList<PassReport> Passes => _passes;

    /// <summary>Where everything lies.</summary>
    public MemoryPlan Plan { get; } = new();

    /// <summary>The nodes in order.</summary>
    public ScheduledStep[] Steps { get; }

    /// <summary>The items of the graph's inputs.</summary>
    public MemoryItem[] Inputs { get; }

    /// <summary>The items of the graph's outputs; null for one that is a parameter.</summary>
    public MemoryItem?[] Outputs { get; }

    /// <summary>The values that are written straight into concatenations.</summary>
    public ConcatSlices Slices { get; }

    /// <summary>The item of a value that is written at a time. A part of a concatenation lies in the item of the whole, which is
    /// born with its first part.</summary>
    private MemoryItem Add(Dictionary<GraphValue, MemoryItem> items, GraphValue value, int time)
    {
        GraphValue whole = Slices.Of(value)?.Concat.Output ?? value;
        if (!items.TryGetValue(whole, out MemoryItem? item))
        {
            item = items[whole] = Plan.Add(whole.Name, _shapes[whole].Bytes);
        }

        items[value] = item;
        item.Write(time);
        return item;
    }

    private ScheduledStep Schedule(Dictionary<GraphValue, MemoryItem> items, GraphNode node, int number)
    {
        int time = number + 1;
        MemoryItem?[] inputs =
            [.. node.Inputs.Select(input => input is null || input.Parameter is not null ? null : items[input])];
        foreach (MemoryItem? input in inputs)
        {
            input?.Read(time);
        }

        bool isView = node.Operator.IsViewInInference && inputs[0] is not null;
        MemoryItem[] outputs = new MemoryItem[node.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            if (isView)
            {
                outputs[i] = items[node.Outputs[i]] = Plan.Add(node.Outputs[i].Name, _shapes[node.Outputs[i]].Bytes);
                outputs[i].Read(time);
                Plan.View(outputs[i], inputs[0]!, time);
            }
            else
            {
                outputs[i] = Add(items, node.Outputs[i], time);
            }
        }

        if (!isView && _enabled.HasFlag(GraphPasses.RunInPlace))
        {
            Plan.WishInPlace(node.Operator, inputs, outputs[0], time);
        }

        // What an operator would keep for its gradient it computes in any case, so it gets memory for as long as it runs.
        List<ValueSpec> saved = [];
        node.Operator.Save(_shapes.InputsOf(node), _shapes.OutputsOf(node), wanted: default, saved);
        return new ScheduledStep
        {
            Node = node,
            NodeNumber = number,
            Inputs = inputs,
            Outputs = outputs,
            Saved = Plan.AddWorking($"{node.Name}, saved", saved, time),
        };
    }

    private void Report(Graph graph, GraphPasses pass, Func<ScheduledStep, bool> isConcerned)
    {
        if (_enabled.HasFlag(pass))
        {
            string[] concerned = [.. Steps.Where(isConcerned).Select(step => step.Node.Name)];
            _passes.Add(new PassReport(pass, graph.Nodes.Count, graph.Nodes.Count, concerned));
        }
    }
}
