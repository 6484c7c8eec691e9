// A graph prepared for runs without gradients: shapes known, weights packed, memory planned. The program is immutable and shared;
// each run works in tensors of its own.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Graphs;

/// <summary>What runs of a graph with given shapes have in common. Safe to use from several threads at once.</summary>
internal sealed class InferenceProgram : IDisposable
{
    private readonly InferenceSchedule _schedule;
    private readonly PreparedOperator[] _prepared;

    /// <summary>Infers shapes, plans memory, prepares all operators and packs their weights.</summary>
    /// <param name="graph">The graph; it outlives the program, and its parameters do not change meanwhile.</param>
    /// <param name="inputShapes">The shapes of its inputs.</param>
    /// <param name="kernels">What computes; it outlives the program.</param>
    /// <param name="passes">Which of the passes that concern memory are used.</param>
    /// <exception cref="ShapeException">The shapes do not fit the graph.</exception>
    public InferenceProgram(
        Graph graph, IReadOnlyList<Shape> inputShapes, IKernels kernels, GraphPasses passes = GraphPasses.All)
    {
        Graph = graph;
        Shapes = new GraphShapes(graph, inputShapes);
        _schedule = new InferenceSchedule(graph, Shapes, passes);
        _prepared = new PreparedOperator[graph.Nodes.Count];
        try
        {
            PrepareOperators(kernels);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>The shapes of all values.</summary>
    public GraphShapes Shapes { get; }

    /// <summary>What the passes that concern memory did.</summary>
    public IReadOnlyList<PassReport> Passes => _schedule.Passes;

    /// <summary>What lies where in the workspace of a run.</summary>
    public MemoryPlan Plan => _schedule.Plan;

    /// <summary>Tensors for runs, one run at a time.</summary>
    /// <param name="shared">A workspace to work in as well, if it is large enough; it outlives the run.</param>
    public InferenceRun CreateRun(Workspace? shared = null)
    {
        Workspace workspace = new(Plan, shared);
        try
        {
            return new InferenceRun(
                workspace,
                [.. _schedule.Steps.Select((step, i) => Bind(workspace, step, _prepared[i]))],
                [.. Graph.Inputs.Select((value, i) => View(workspace, _schedule.Inputs[i], value)!)],
                [.. Graph.Outputs.Select((o, i) => o.Value.Parameter?.Value ?? View(workspace, _schedule.Outputs[i], o.Value)!)]);
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Frees packed weights and plans.</summary>
    public void Dispose()
    {
        foreach (PreparedOperator? prepared in _prepared)
        {
            prepared?.Dispose();
        }
    }

    private void PrepareOperators(IKernels kernels)
    {
        WeightPacker packer = new();
        for (int i = 0; i < _prepared.Length; i++)
        {
            GraphNode node = _schedule.Steps[i].Node;
            PrepareRequest request = new(
                kernels, Shapes.InputsOf(node), Shapes.OutputsOf(node), [.. node.Inputs.Select(input => input?.Parameter?.Value)],
                Training: false, default)
            {
                OutputStride = _schedule.Slices.Of(node.Output)?.Stride ?? 0,
                Placed = _schedule.Slices.Placed(node),
                Packer = packer,
            };
            _prepared[i] = node.Operator.Prepare(in request);
        }

        if (kernels is NativeKernels native)
        {
            packer.Run(native.Threads, native.Isa);
        }
    }

    private Tensor? View(Workspace workspace, MemoryItem? item, GraphValue value)
    {
        if (item is null || _schedule.Slices.Of(value) is not { } slice)
        {
            return item is null ? null : workspace.View(item, Shapes[value]);
        }

        // From its first channel of the first pixel to its last channel of the last one.
        Shape shape = Shapes[value].Shape;
        long length = (shape.ElementCount / shape[^1] - 1) * slice.Stride + shape[^1];
        return workspace.View(item, (Shape)checked((int)length), slice.Offset * sizeof(float));
    }

    private BoundStep Bind(Workspace workspace, ScheduledStep step, PreparedOperator prepared)
    {
        GraphNode node = step.Node;
        NodeTensors tensors = new()
        {
            NodeNumber = step.NodeNumber,
            Inputs = [.. node.Inputs.Select((value, i) => value?.Parameter?.Value ?? View(workspace, step.Inputs[i], value!))],
            Outputs = [.. node.Outputs.Select((value, i) => View(workspace, step.Outputs[i], value))],
            Saved = workspace.Views(step.Saved),
        };
        bool isView = node.Operator.IsViewInInference && step.Inputs[0] is not null;
        return new BoundStep(node, prepared, tensors, [], IsBackward: false, Computes: !isView);
    }
}

/// <summary>The tensors of one run at a time. Not safe to use from several threads at once.</summary>
internal sealed class InferenceRun(Workspace workspace, BoundStep[] steps, Tensor[] inputs, Tensor[] outputs) : IDisposable
{
    /// <summary>The steps, for profiles.</summary>
    public BoundStep[] Steps => steps;

    /// <summary>The memory that runs work in.</summary>
    public Workspace Workspace => workspace;

    /// <summary>Where an input goes; undefined after a run.</summary>
    public Tensor Input(int index) => inputs[index];

    /// <summary>An output, until the next run.</summary>
    public Tensor Output(int index) => outputs[index];

    /// <summary>Computes the outputs.</summary>
    public void Execute()
    {
        RunState state = default;
        foreach (BoundStep step in steps)
        {
            step.Forward(in state);
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (BoundStep step in steps)
        {
            step.Tensors.Dispose();
        }

        workspace.Dispose();
    }
}
