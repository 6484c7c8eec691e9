// Passes: a rewritten graph has the same outputs and gradients as the one it was made of, and no more nodes.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

public sealed class PassTests
{
    /// <summary>Fused operators compute the same sums in the same order; folded weights are rounded once more, which over sums of
    /// 60 terms is less than 60 * 2^-24 of the largest.</summary>
    private const double Tolerance = 4e-6;

    public static TheoryData<string> Graphs => [.. SampleGraphs.Names];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Training_passes_change_neither_outputs_nor_gradients(string name)
    {
        using Graph graph = SampleGraphs.Create(name);
        Graph fused = TrainingPasses.Apply(graph);
        using ParameterArena arena = new(graph);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(4), seed: 8);

        (float[] output, float[] gradients) = Run(graph, arena, input);
        (float[] fusedOutput, float[] fusedGradients) = Run(fused, arena, input);

        AreClose(output, fusedOutput);
        AreClose(gradients, fusedGradients);
        Assert.True(fused.Nodes.Count <= graph.Nodes.Count, $"{fused.Nodes.Count} nodes of {graph.Nodes.Count}");
    }

    [Fact]
    public void A_ReLU_moves_behind_max_pooling()
    {
        using Graph graph = SampleGraphs.Create("chain no norm");
        Graph moved = TrainingPasses.Apply(graph);

        Assert.Equal(["Conv2d", "MaxPool2d", "Activation", "Reshape", "Linear"], moved.Nodes.Select(node => node.Operator.Kind));
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Inference_passes_do_not_change_outputs(string name)
    {
        using Graph graph = SampleGraphs.Create(name);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(4), seed: 8);
        Graph fused = InferencePasses.Apply(graph, ComputeContext.Default.Kernels);

        float[] expected = Infer(graph, input), actual = Infer(fused, input);

        AreClose(expected, actual);
        Assert.True(fused.Nodes.Count(node => node.Operator.Kind is "BatchNorm") <= (name == "chain" ? 1 : 0));
        fused.Dispose();
        AreClose(expected, Infer(graph, input));
    }

    [Fact]
    public void Inference_leaves_only_convolutions_of_residual_blocks()
    {
        using Graph graph = SampleGraphs.Create("residual");
        Graph fused = InferencePasses.Apply(graph, ComputeContext.Default.Kernels);

        Assert.Equal(["Conv2d", "Conv2d", "Reshape", "Linear"], fused.Nodes.Select(node => node.Operator.Kind));
        fused.Dispose();
    }

    [Fact]
    public void Convolutions_write_straight_into_a_concatenation()
    {
        using Graph graph = SampleGraphs.Create("branches");
        Graph fused = InferencePasses.Apply(graph, ComputeContext.Default.Kernels);
        using InferenceProgram program = new(fused, [fused.Inputs[0].Input!.ForBatch(2)], ComputeContext.Default.Kernels);
        ConcatSlices slices = new(fused, program.Shapes);

        Assert.Equal(
            [(0, 16), null, (9, 16)],
            fused.Nodes.Single(node => node.Operator.Kind == "Concat").Inputs.Select(input => slices.Of(input) is { } slice
                ? (slice.Offset, slice.Stride)
                : ((int, int)?)null));
        fused.Dispose();
    }

    [Fact]
    public void A_concatenation_of_a_hundred_parts_copies_only_those_that_are_not_in_place()
    {
        using Graph graph = SampleGraphs.Create("hundred branches");
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(2), seed: 8);
        Graph fused = InferencePasses.Apply(graph, ComputeContext.Default.Kernels);

        AreClose(Unplanned(graph, input), Infer(fused, input));
        fused.Dispose();
    }

    /// <summary>The output of a training run, which writes nothing straight into a concatenation.</summary>
    private static float[] Unplanned(Graph graph, Tensor input)
    {
        using ParameterArena arena = new(graph);
        return Run(graph, arena, input).Output;
    }

    private static float[] Infer(Graph graph, Tensor input)
    {
        using InferenceProgram program = new(graph, [input.Shape], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        ComputeContext.Default.Kernels.Copy(input, run.Input(0));
        run.Execute();
        return run.Output(0).ToArray();
    }

    private static (float[] Output, float[] Gradients) Run(Graph graph, ParameterArena arena, Tensor input)
    {
        IKernels kernels = ComputeContext.Default.Kernels;
        TrainingRequest request = new([.. graph.Outputs.Select(_ => true)], [false], false, _ => true);
        using TrainingExecutor executor = new(graph, [input.Shape], kernels, arena, request);
        RunState state = new(1, 1);
        kernels.Copy(input, executor.Input(0));
        executor.Forward(in state);
        float[] output = executor.Output(0).ToArray();
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            kernels.RandomUniform(new RandomSequence(4), -1f, 1f, executor.OutputGradient(i)!);
        }

        executor.Backward(in state);
        return (output, arena.Gradients.ToArray());
    }

    private static void AreClose(float[] expected, float[] actual)
    {
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], Tolerance * Math.Max(1, largest));
        }
    }
}
