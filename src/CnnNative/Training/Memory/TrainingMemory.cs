// The memory of a training before it runs: the plan that the trainer would make, without taking any of the memory.

using CnnNative.Graphs;
using CnnNative.Training;

namespace CnnNative;

/// <summary>Plans the memory of trainings. Safe to call from several threads at once.</summary>
public static class TrainingMemory
{
    /// <summary>Plans a training without running it.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="options">How it is trained, with the memory budget; the defaults if null.</param>
    /// <returns>What it would take.</returns>
    /// <exception cref="ShapeException">An input has open dimensions other than the batch.</exception>
    /// <exception cref="InsufficientMemoryException">No plan fits the budget; the message has both numbers.</exception>
    public static MemoryReport Plan(Graph graph, int batchSize, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        options ??= new TrainerOptions();
        options.Check();
        return Plan(graph, GraphShapes.ForBatch(graph, batchSize), options);
    }

    /// <summary>Plans for given shapes of the inputs, batch first.</summary>
    internal static MemoryReport Plan(Graph graph, Shape[] inputs, TrainerOptions options)
    {
        (Graph trained, TrainedOutput[] outputs) = TrainingGraph.Create(graph, options.Loss);
        TrainingRequest request = TrainingGraph.Request(trained, outputs, options.AccumulationSteps > 1);
        GraphShapes shapes = new(trained, inputs);
        (long values, long gradients) = ParameterArena.BytesFor(trained);
        MemoryReport report = Report(values, gradients, options);
        long rest = report.Total;
        RecomputationPlan plan = RecomputationPlan.Choose(
            trained, shapes, request, options.MemoryBudget is { } budget ? budget - rest : long.MaxValue, rest);
        return report with
        {
            BatchSize = inputs[0][0],
            Workspace = plan.Schedule.Plan.Bytes,
            WorkspaceUnshared = plan.Schedule.Plan.Items.Sum(item => item.Bytes),
            Recomputation = plan.Name,
            RecomputedLayers = plan.Schedule.Backward.Count(step => step.IsRecomputation && !step.Node.Operator.IsView),
        };
    }

    /// <summary>Plans a training of a model without running it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="options">How it is trained, with the memory budget; the defaults if null.</param>
    /// <inheritdoc cref="Plan(Graph, int, TrainerOptions?)"/>
    public static MemoryReport Plan(Model model, int batchSize, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Plan(model.Graph, batchSize, options);
    }

    /// <summary>Everything but the block in which layers work.</summary>
    internal static long WithoutWorkspace(ParameterArena arena, TrainerOptions options) => Report(
        arena.Values.ElementCount * (long)sizeof(float), arena.Gradients.ElementCount * (long)sizeof(float), options).Total;

    private static MemoryReport Report(long values, long gradients, TrainerOptions options) => new()
    {
        BatchSize = 0,
        Parameters = values,
        Gradients = gradients,
        OptimizerState = OptimizerState.BytesFor(options.Optimizer, gradients / sizeof(float)),
        Average = options.Average is null ? 0 : values,
        Workspace = 0,
        WorkspaceUnshared = 0,
        Recomputation = "none",
        RecomputedLayers = 0,
    };
}
