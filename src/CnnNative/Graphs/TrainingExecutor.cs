// Runs a graph forwards and backwards in one planned block of memory. All tensors and plans are made once for given shapes;
// a step then allocates nothing.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>A graph that is ready for training steps with given shapes. Not safe to use from several threads at once.</summary>
internal sealed class TrainingExecutor : IDisposable
{
    private readonly IKernels _kernels;
    private readonly TrainingSchedule _schedule;
    private readonly GraphShapes _shapes;
    private readonly PreparedOperator[] _prepared;
    private readonly BoundStep[] _forward;
    private readonly BoundStep[] _backward;
    private readonly Tensor[] _inputs;
    private readonly Tensor[] _outputs;
    private readonly Tensor?[] _outputGradients;
    private readonly Tensor?[] _inputGradients;

    /// <summary>Plans and binds everything.</summary>
    /// <param name="graph">The graph; its parameters lie in the arena.</param>
    /// <param name="inputShapes">The shapes of its inputs.</param>
    /// <param name="kernels">What computes; it outlives the executor.</param>
    /// <param name="arena">The parameters and their gradients; it outlives the executor.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="shared">A workspace to work in as well, if it is large enough; it outlives the executor.</param>
    /// <exception cref="ShapeException">The shapes do not fit the graph.</exception>
    /// <exception cref="InsufficientMemoryException">The system gave no memory.</exception>
    public TrainingExecutor(
        Graph graph, IReadOnlyList<Shape> inputShapes, IKernels kernels, ParameterArena arena, TrainingRequest request,
        Workspace? shared = null)
    {
        Graph = graph;
        _kernels = kernels;
        _shapes = new GraphShapes(graph, inputShapes);
        _schedule = new TrainingSchedule(graph, _shapes, request);
        _prepared = new PreparedOperator[graph.Nodes.Count];
        Workspace = new Workspace(_schedule.Plan, shared);
        try
        {
            PrepareOperators();
            _forward = [.. _schedule.Forward.Select(step => Bind(step, arena))];
            _backward = [.. _schedule.Backward.Select(step => Bind(step, arena))];
            _inputs = [.. graph.Inputs.Select((value, i) => View(_schedule.Inputs[i], value))];
            _outputs = [.. graph.Outputs.Select((o, i) => o.Value.Parameter?.Value ?? View(_schedule.Outputs[i]!, o.Value))];
            _outputGradients = [.. graph.Outputs.Select((o, i) => Optional(_schedule.OutputGradients[i], o.Value))];
            _inputGradients = [.. graph.Inputs.Select((value, i) => Optional(_schedule.InputGradients[i], value))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>The memory that runs work in.</summary>
    public Workspace Workspace { get; }

    /// <summary>What lies where.</summary>
    public MemoryPlan Plan => _schedule.Plan;

    /// <summary>The number of nodes that run forwards a second time.</summary>
    public int Recomputations => _schedule.Backward.Count(step => step.IsRecomputation);

    /// <summary>Where an input goes before <see cref="Forward"/>; it is undefined afterwards.</summary>
    public Tensor Input(int index) => _inputs[index];

    /// <summary>An output after <see cref="Forward"/>; undefined after <see cref="Backward"/>.</summary>
    public Tensor Output(int index) => _outputs[index];

    /// <summary>Where the gradient of an output goes before <see cref="Backward"/>; null where none was announced, or no parameter
    /// depends on it.</summary>
    public Tensor? OutputGradient(int index) => _outputGradients[index];

    /// <summary>The gradient of an input after <see cref="Backward"/>; null where it is not wanted or there is none.</summary>
    public Tensor? InputGradient(int index) => _inputGradients[index];

    /// <summary>Computes the outputs.</summary>
    public void Forward(in RunState state)
    {
        foreach (BoundStep step in _forward)
        {
            step.Forward(in state);
        }
    }

    /// <summary>Computes the gradients of parameters, and of inputs where wanted, after <see cref="Forward"/> with the same
    /// state.</summary>
    public void Backward(in RunState state)
    {
        foreach (BoundStep step in _backward)
        {
            if (step.IsBackward)
            {
                step.Backward(_kernels, in state);
            }
            else
            {
                step.Forward(in state);
            }
        }
    }

    /// <summary>Runs forwards and looks for the first node that puts out a NaN or an infinity; null if there is none.</summary>
    public GraphNode? FindNotFinite(in RunState state)
    {
        foreach (BoundStep step in _forward)
        {
            step.Forward(in state);
            for (int i = 0; i < step.Tensors.Outputs.Length; i++)
            {
                bool isNumber = _shapes[step.Node.Outputs[i]].Type == ElementType.Float32;
                if (isNumber && !double.IsFinite(_kernels.SumOfSquares(step.Tensors.Output(i))))
                {
                    return step.Node;
                }
            }
        }

        return null;
    }

    /// <summary>Frees plans and workspace.</summary>
    public void Dispose()
    {
        foreach (PreparedOperator? prepared in _prepared)
        {
            prepared?.Dispose();
        }

        foreach (BoundStep step in (IEnumerable<BoundStep>)[.. _forward ?? [], .. _backward ?? []])
        {
            step.Tensors.Dispose();
        }

        Workspace.Dispose();
    }

    /// <summary>Whether all that gradients could train of a node is frozen: then it runs as it would after training.</summary>
    private static bool IsFrozen(GraphNode node)
    {
        bool any = false;
        foreach (GraphValue? input in node.Inputs)
        {
            if (input?.Parameter is { Role: ParameterRole.Weight or ParameterRole.Bias } parameter)
            {
                any = true;
                if (parameter.Trainable)
                {
                    return false;
                }
            }
        }

        return any;
    }

    private void PrepareOperators()
    {
        Dictionary<int, InputSet> wanted = [];
        foreach (ScheduledStep step in _schedule.Backward.Where(step => step.IsBackward))
        {
            wanted[step.NodeNumber] = step.Wanted;
        }

        for (int i = 0; i < _prepared.Length; i++)
        {
            GraphNode node = Graph.Nodes[i];
            PrepareRequest request = new(
                _kernels, _shapes.InputsOf(node), _shapes.OutputsOf(node), new Tensor?[node.Inputs.Count], !IsFrozen(node),
                wanted.GetValueOrDefault(i));
            _prepared[i] = node.Operator.Prepare(in request);
        }
    }

    private Tensor View(MemoryItem item, GraphValue value) => Workspace.View(item, _shapes[value]);

    private Tensor? Optional(MemoryItem? item, GraphValue value) => item is null ? null : View(item, value);

    private BoundStep Bind(ScheduledStep step, ParameterArena arena)
    {
        GraphNode node = step.Node;
        NodeTensors tensors = new()
        {
            NodeNumber = step.NodeNumber,
            IsRecomputation = step.IsRecomputation,
            Inputs = [.. node.Inputs.Select((value, i) => value?.Parameter?.Value ?? Optional(step.Inputs[i], value!))],
            Outputs = [.. node.Outputs.Select((value, i) => Optional(step.Outputs[i], value))],
            Saved = Workspace.Views(step.Saved),
            Scratch = Workspace.Views(step.Scratch),
            OutputGradients = [.. step.OutputGradients.Select((item, i) => Optional(item, node.Outputs[i]))],
            InputGradients = new Tensor?[step.Targets.Length],
            Accumulate = new bool[step.Targets.Length],
        };
        List<GradientCopy> copies = [];
        bool computes = node.Operator.OverwritesOutputGradient;
        for (int i = 0; i < step.Targets.Length; i++)
        {
            if (step.Targets[i] is not { } target)
            {
                continue;
            }

            Tensor gradient = target.Parameter is { } parameter ? arena.GradientOf(parameter) : View(target.Item!, node.Inputs[i]!);
            if (target.FromOutput)
            {
                if (target.Accumulate || target.Item is null || !MemoryPlan.Share(target.Item, step.OutputGradients[0]!))
                {
                    copies.Add(new GradientCopy(tensors.OutputGradient, gradient, target.Accumulate));
                }

                continue;
            }

            computes = true;
            tensors.InputGradients[i] = target.Scratch is null ? gradient : View(target.Scratch, node.Inputs[i]!);
            tensors.Accumulate[i] = target.Accumulate && target.Scratch is null;
            if (target.Scratch is not null)
            {
                copies.Add(new GradientCopy(tensors.InputGradients[i]!, gradient, Add: true));
            }
        }

        bool isView = node.Operator.IsView && !step.IsBackward && step.Inputs[0] is { } viewed && MemoryPlan.Share(viewed, step.Outputs[0]!);
        return new BoundStep(node, _prepared[step.NodeNumber], tensors, [.. copies], step.IsBackward, step.IsBackward ? computes : !isView);
    }
}
