// Gradients of whole graphs: values with several readers, shared parameters, results that are computed again, memory that is
// shared. Each graph is checked against difference quotients through the managed kernels.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

public sealed class TrainingExecutorTests
{
    /// <summary>Outputs of unit size are rounded at 2^-24 of about 4 each, so over a step of 0.003 / 2 a weighted sum of 200 of them
    /// moves by at most 200 * 2.4e-7 / 0.003 = 1.6e-2 for that alone, and by 1.2e-3, a root of 200, as roundings cancel. A kink
    /// that the check cannot see moves it by at most 1e-3.</summary>
    private const double Tolerance = 2e-3;

    /// <summary>Small enough that few of the ReLUs that a weight reaches change sides.</summary>
    private const float Difference = 0.003f;

    public static TheoryData<string> Graphs => [.. SampleGraphs.Names];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Gradients_are_the_slopes_of_the_outputs(string name)
    {
        using Graph graph = SampleGraphs.Create(name);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(3), seed: 5);

        IReadOnlyList<GradientCheckEntry> entries = GradientCheck.Run(graph, [input], new GradientCheckOptions { Step = Difference });

        Assert.All(entries, entry => Assert.True(entry.Error <= Tolerance, $"{name}: {entry}"));
        Assert.True(entries.Sum(entry => entry.Checked) > 2 * entries.Sum(entry => entry.Skipped), string.Join(", ", entries));
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Results_that_are_computed_again_give_the_same_bits(string name)
    {
        using Graph graph = SampleGraphs.Create(name);
        using ParameterArena arena = new(graph);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(4), seed: 6);
        (float[] kept, _) = Gradients(graph, arena, input, _ => true);
        (float[] again, _) = Gradients(graph, arena, input, node => node.Operator.Kind is "Conv2d");

        Assert.Equal(kept, again);
    }

    [Fact]
    public void Results_that_are_computed_again_need_less_memory()
    {
        using Graph graph = SampleGraphs.Create("deep");
        using ParameterArena arena = new(graph);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(4), seed: 6);
        (_, long kept) = Gradients(graph, arena, input, _ => true);
        (_, long again) = Gradients(graph, arena, input, node => node.Operator.Kind is "Conv2d");

        Assert.True(again < 0.8 * kept, $"{again} bytes, expected less than 80 % of {kept}.");
    }

    [Fact]
    public void Accumulated_gradients_are_the_sum_of_two_runs()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using ParameterArena arena = new(graph);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(2), seed: 6);
        (float[] once, _) = Gradients(graph, arena, input, _ => true);
        arena.ClearGradients(ComputeContext.Default.Kernels);
        Gradients(graph, arena, input, _ => true, accumulate: true);
        (float[] twice, _) = Gradients(graph, arena, input, _ => true, accumulate: true);

        for (int i = 0; i < once.Length; i++)
        {
            Assert.Equal(2 * once[i], twice[i], 1e-5 * Math.Max(1, Math.Abs(once[i])));
        }
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using ParameterArena arena = new(graph);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(2), seed: 6);
        using TrainingExecutor executor = Executor(graph, arena, input, _ => true, accumulate: false);
        for (int i = 0; i < 3; i++)
        {
            Step(executor, input);
        }

        // The runtime itself may allocate a little at any time, so one quiet run of several is asked for.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Step(executor, input);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static TrainingExecutor Executor(
        Graph graph, ParameterArena arena, Tensor input, Func<GraphNode, bool> keeps, bool accumulate) => new(
        graph, [input.Shape], ComputeContext.Default.Kernels, arena,
        new TrainingRequest([.. graph.Outputs.Select(_ => true)], [false], accumulate, keeps));

    private static void Step(TrainingExecutor executor, Tensor input)
    {
        RunState state = new(Seed: 3, Step: 1);
        IKernels kernels = ComputeContext.Default.Kernels;
        kernels.Copy(input, executor.Input(0));
        executor.Forward(in state);
        for (int i = 0; i < executor.Graph.Outputs.Count; i++)
        {
            kernels.RandomUniform(new RandomSequence(4), -1f, 1f, executor.OutputGradient(i)!);
        }

        executor.Backward(in state);
    }

    private static (float[] Gradients, long Bytes) Gradients(
        Graph graph, ParameterArena arena, Tensor input, Func<GraphNode, bool> keeps, bool accumulate = false)
    {
        using TrainingExecutor executor = Executor(graph, arena, input, keeps, accumulate);
        Step(executor, input);
        return (arena.Gradients.ToArray(), executor.Plan.Bytes);
    }
}
