// The order of work of one training step: all nodes forwards, the losses, then the nodes backwards, with the lifetime of every
// value, gradient and intermediate result. Values that are not kept are computed again where a gradient reads them.
// The gradient of a value is the sum over its readers (reverse-mode differentiation; Griewank and Walther 2008, chapter 3).

using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>What a training run is asked for.</summary>
/// <param name="OutputGradients">For each output of the graph whether the caller gives its gradient.</param>
/// <param name="InputGradients">For each input of the graph whether its gradient is wanted.</param>
/// <param name="AccumulateParameters">Whether gradients of parameters are added to what is there.</param>
/// <param name="Keeps">Whether the outputs of a node are kept for the gradients, rather than computed again.</param>
internal sealed record TrainingRequest(
    bool[] OutputGradients, bool[] InputGradients, bool AccumulateParameters, Func<GraphNode, bool> Keeps);

/// <summary>Makes the schedule.</summary>
internal sealed class TrainingSchedule
{
    private readonly Graph _graph;
    private readonly GraphShapes _shapes;
    private readonly TrainingRequest _request;
    private readonly List<ScheduledStep> _forward = [];
    private readonly List<ScheduledStep> _backward = [];
    private readonly Dictionary<GraphValue, MemoryItem> _items = [];
    private readonly Dictionary<GraphValue, MemoryItem> _gradients = [];
    private readonly Dictionary<GraphNode, WorkingItem[]> _saved = [];
    private readonly Dictionary<GraphNode, int> _numbers = [];
    private readonly HashSet<GraphValue> _differentiated = [];
    private readonly HashSet<Parameter> _written = [];
    private int _time;

    public TrainingSchedule(Graph graph, GraphShapes shapes, TrainingRequest request)
    {
        _graph = graph;
        _shapes = shapes;
        _request = request;
        foreach (GraphNode node in graph.Nodes)
        {
            _numbers[node] = _numbers.Count;
        }

        MarkDifferentiated();
        ScheduleForward();
        ScheduleLosses();
        ScheduleBackward();
        Plan.Place();
    }

    /// <summary>Where everything lies.</summary>
    public MemoryPlan Plan { get; } = new();

    /// <summary>The nodes forwards.</summary>
    public IReadOnlyList<ScheduledStep> Forward => _forward;

    /// <summary>The nodes backwards, and forwards again where values were not kept.</summary>
    public IReadOnlyList<ScheduledStep> Backward => _backward;

    /// <summary>The items of the graph's inputs.</summary>
    public MemoryItem[] Inputs { get; private set; } = [];

    /// <summary>The items of the graph's outputs; null for one that is a parameter.</summary>
    public MemoryItem?[] Outputs { get; private set; } = [];

    /// <summary>The gradients of the graph's outputs; null where the caller gives none.</summary>
    public MemoryItem?[] OutputGradients { get; private set; } = [];

    /// <summary>The gradients of the graph's inputs; null where they are not wanted, or the outputs do not depend on them.</summary>
    public MemoryItem?[] InputGradients { get; private set; } = [];

    private static string NameOfGradient(GraphValue value) => $"gradient of {value.Name}";

    private void MarkDifferentiated()
    {
        for (int i = 0; i < _graph.Inputs.Count; i++)
        {
            if (_request.InputGradients[i])
            {
                _differentiated.Add(_graph.Inputs[i]);
            }
        }

        foreach (GraphNode node in _graph.Nodes)
        {
            if (WantedInputs(node) != default)
            {
                _differentiated.UnionWith(node.Outputs);
            }
        }
    }

    /// <summary>The inputs of a node by which a gradient is wanted and exists.</summary>
    private InputSet WantedInputs(GraphNode node)
    {
        InputSet wanted = default;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            bool wants = node.Inputs[i] is { } input && (input.Parameter?.Trainable ?? _differentiated.Contains(input));
            if (wants && node.Operator.WritesGradient(i) != GradientWrite.None)
            {
                wanted = wanted.With(i);
            }
        }

        return wanted;
    }

    private void ScheduleForward()
    {
        Inputs = [.. _graph.Inputs.Select(input =>
        {
            MemoryItem item = _items[input] = Plan.Add(input.Name, _shapes[input].Bytes);
            item.Write(_time);
            return item;
        })];
        foreach (GraphNode node in _graph.Nodes)
        {
            _forward.Add(ForwardStep(node, recomputation: false));
        }
    }

    private ScheduledStep ForwardStep(GraphNode node, bool recomputation)
    {
        MemoryItem?[] inputs = [.. node.Inputs.Select(input => input is null || input.Parameter is not null ? null : _items[input])];
        int time = ++_time;
        foreach (MemoryItem? input in inputs)
        {
            input?.Read(time);
        }

        ValueSpec?[] inputSpecs = _shapes.InputsOf(node);
        ValueSpec[] outputSpecs = _shapes.OutputsOf(node);
        MemoryItem[] outputs = [.. node.Outputs.Select(output => _items[output] = Plan.Add(output.Name, _shapes[output].Bytes))];
        List<ValueSpec> saved = [];
        node.Operator.Save(inputSpecs, outputSpecs, WantedInputs(node), saved);
        WorkingItem[] savedItems = _saved[node] = Plan.AddWorking($"{node.Name}, saved", saved, time);
        if (node.Operator.IsView && inputs[0] is { } viewed)
        {
            outputs[0].Read(time);
            Plan.View(outputs[0], viewed, time);
        }
        else
        {
            foreach (MemoryItem output in outputs)
            {
                output.Write(time);
            }

            Plan.WishInPlace(node.Operator, inputs, outputs[0], time);
        }

        return new ScheduledStep
        {
            Node = node,
            NodeNumber = _numbers[node],
            IsRecomputation = recomputation,
            Inputs = inputs,
            Outputs = outputs,
            Saved = savedItems,
        };
    }

    private void ScheduleLosses()
    {
        int time = ++_time;
        Outputs = [.. _graph.Outputs.Select(output => output.Value.Parameter is null ? _items[output.Value] : null)];
        OutputGradients = new MemoryItem?[Outputs.Length];
        for (int i = 0; i < Outputs.Length; i++)
        {
            GraphValue value = _graph.Outputs[i].Value;
            Outputs[i]?.Read(time);
            if (_request.OutputGradients[i] && _differentiated.Contains(value))
            {
                OutputGradients[i] = Gradient(value, out bool isNew);
                if (!isNew)
                {
                    throw new ArgumentException(
                        $"Output '{_graph.Outputs[i].Name}' is the same value as another output with a gradient; give the gradient once.");
                }

                OutputGradients[i]!.Write(time);
            }
        }
    }

    private void ScheduleBackward()
    {
        for (int i = _graph.Nodes.Count - 1; i >= 0; i--)
        {
            GraphNode node = _graph.Nodes[i];
            if (WantedInputs(node) is var wanted && wanted != default && node.Outputs.Any(_gradients.ContainsKey))
            {
                RequireGradient(node);
                BackwardStep(node, wanted);
            }
        }

        InputGradients = new MemoryItem?[_graph.Inputs.Count];
        for (int i = 0; i < InputGradients.Length; i++)
        {
            if (_request.InputGradients[i] && _gradients.TryGetValue(_graph.Inputs[i], out MemoryItem? gradient))
            {
                gradient.Read(_time + 1);
                InputGradients[i] = gradient;
            }
        }
    }

    private static void RequireGradient(GraphNode node)
    {
        if (!node.Operator.IsDifferentiable)
        {
            throw new NotSupportedException(
                $"{node} has no gradient with these attributes ({node.Operator.Attributes}), but an output with a gradient depends on " +
                "it; make its activation a node of its own, or freeze all parameters before it.");
        }
    }

    private void BackwardStep(GraphNode node, InputSet wanted)
    {
        GradientReads reads = node.Operator.ReadsForGradient(wanted);
        MemoryItem?[] inputs = [.. node.Inputs.Select((input, i) => reads.Inputs.Contains(i) ? Available(input) : null)];
        MemoryItem?[] outputs = [.. node.Outputs.Select((output, i) => reads.Outputs.Contains(i) ? Available(output) : null)];
        int time = ++_time;
        MemoryItem?[] outputGradients = [.. node.Outputs.Select(output => _gradients.GetValueOrDefault(output))];
        IEnumerable<MemoryItem> saved = _saved[node].Select(working => working.Item);
        foreach (MemoryItem? item in (MemoryItem?[])[.. inputs, .. outputs, .. saved, .. outputGradients])
        {
            item?.Read(time);
        }

        if (node.Operator.OverwritesOutputGradient)
        {
            outputGradients[0]?.Write(time);
        }

        List<ValueSpec> scratch = [];
        node.Operator.Scratch(_shapes.InputsOf(node), _shapes.OutputsOf(node), wanted, scratch);
        GradientTarget?[] targets = new GradientTarget?[node.Inputs.Count];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = wanted.Contains(i) ? Target(node, i, outputGradients[0], time) : null;
        }

        _backward.Add(new ScheduledStep
        {
            Node = node,
            NodeNumber = _numbers[node],
            IsBackward = true,
            Inputs = inputs,
            Outputs = outputs,
            Saved = _saved[node],
            Scratch = Plan.AddWorking($"{node.Name}, scratch", scratch, time),
            OutputGradients = outputGradients,
            Targets = targets,
        });
    }

    /// <summary>The item of a value that a gradient reads, computed again where it was not kept.</summary>
    private MemoryItem? Available(GraphValue? value)
    {
        if (value is null || value.Parameter is not null)
        {
            return null;
        }

        if (value.Producer is { } node && !_request.Keeps(node) && !_recomputed.Contains(node))
        {
            // Without recursion: a chain of nodes that are not kept may be long.
            Stack<GraphNode> open = new([node]);
            while (open.TryPeek(out GraphNode? next))
            {
                GraphNode? missing = next.Inputs
                    .Select(input => input?.Producer)
                    .FirstOrDefault(producer => producer is not null && !_request.Keeps(producer) && !_recomputed.Contains(producer));
                if (missing is not null)
                {
                    open.Push(missing);
                    continue;
                }

                open.Pop();
                if (_recomputed.Add(next))
                {
                    _backward.Add(ForwardStep(next, recomputation: true));
                }
            }
        }

        return _items[value];
    }

    private readonly HashSet<GraphNode> _recomputed = [];

    private MemoryItem Gradient(GraphValue value, out bool isNew)
    {
        isNew = !_gradients.TryGetValue(value, out MemoryItem? item);
        return item ?? (_gradients[value] = Plan.Add(NameOfGradient(value), _shapes[value].Bytes));
    }

    private GradientTarget Target(GraphNode node, int input, MemoryItem? outputGradient, int time)
    {
        GraphValue value = node.Inputs[input]!;
        GradientWrite write = node.Operator.WritesGradient(input);
        bool fromOutput = write == GradientWrite.IsOutputGradient;
        if (value.Parameter is { } parameter)
        {
            bool add = !_written.Add(parameter) || _request.AccumulateParameters;
            return new GradientTarget(null, parameter, ScratchFor(node, value, write, add, time), add, fromOutput);
        }

        MemoryItem item = Gradient(value, out bool isFirst);
        if (!isFirst || !fromOutput)
        {
            item.Write(time);
        }
        else
        {
            item.Read(time);
        }

        if (isFirst && outputGradient is not null && (fromOutput || write == GradientWrite.OverwritesInPlace) && item.Bytes == outputGradient.Bytes)
        {
            Plan.Wish(item, outputGradient, time);
        }

        return new GradientTarget(item, null, ScratchFor(node, value, write, !isFirst, time), !isFirst, fromOutput);
    }

    private MemoryItem? ScratchFor(GraphNode node, GraphValue value, GradientWrite write, bool add, int time)
    {
        if (!add || write is GradientWrite.Accumulates or GradientWrite.IsOutputGradient)
        {
            return null;
        }

        MemoryItem scratch = Plan.Add($"gradient of {value.Name} by {node.Name}", _shapes[value].Bytes);
        scratch.Write(time);
        return scratch;
    }
}
