// Every operator of the registry as a node: gradients against difference quotients on each set of kernels, in graphs where memory
// is shared and gradients are added; results that are computed again; memory that a step must not allocate; attributes as data.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Operators;

public sealed class OperatorGradientTests
{
    /// <summary>Outputs of unit size are rounded at 2^-24 each, so over a step of 0.004 the weighted sum of 300 of them moves by
    /// at most 300 * 6e-8 / 0.004 = 4.5e-3 for that alone, and by 2.6e-4, a root of 300, as roundings cancel. A kink that the
    /// check cannot see moves it by at most 1e-3, and Winograd's algorithm by 1e-4.</summary>
    private const double Tolerance = 1.5e-3;

    /// <summary>Small enough that few of the maxima and ReLUs that an element reaches change sides.</summary>
    private const float Difference = 0.004f;

    private static readonly RunState State = new(Seed: 3, Step: 1);

    public static TheoryData<string, Backend, InstructionSet?, OperatorPlace> Runs
    {
        get
        {
            TheoryData<string, Backend, InstructionSet?, OperatorPlace> runs = [];
            foreach (string kind in OperatorCases.All.Select(c => c.Kind).Distinct())
            {
                foreach (OperatorPlace place in Enum.GetValues<OperatorPlace>())
                {
                    runs.Add(kind, Backend.Managed, null, place);
                    runs.Add(kind, Backend.Native, InstructionSet.Scalar, place);
                    runs.Add(kind, Backend.Native, InstructionSet.Avx2, place);
                    runs.Add(kind, Backend.Native, null, place);
                }
            }

            return runs;
        }
    }

    public static TheoryData<string> Names => [.. OperatorCases.All.Select(c => c.ToString())];

    /// <summary>The cases that do in training what they do afterwards.</summary>
    public static TheoryData<string> NamesWithoutTraining =>
        [.. OperatorCases.All.Where(c => c.Kind is not ("Dropout" or "SpatialDropout" or "BatchNorm")).Select(c => c.ToString())];

    [Fact]
    public void Every_operator_has_a_case() =>
        Assert.Equal(OperatorRegistry.Kinds.Order(), OperatorCases.All.Select(c => c.Kind).Distinct().Order());

    [Theory]
    [MemberData(nameof(Runs))]
    public void Gradients_are_the_slopes_of_the_outputs(string kind, Backend backend, InstructionSet? isa, OperatorPlace place)
    {
        using ComputeContext context = new(backend, threads: 2, isa);
        bool needsWeights = place is OperatorPlace.First or OperatorPlace.Frozen, needsData = place == OperatorPlace.Frozen;
        IEnumerable<OperatorCase> cases = OperatorCases.All.Where(c => c.Kind == kind);
        foreach (OperatorCase c in cases.Where(c => (c.HasWeights || !needsWeights) && (c.HasData || !needsData)))
        {
            using Graph graph = c.CreateGraph(place);
            Tensor[] inputs = c.CreateInputs();
            GradientCheckOptions options = new() { Context = context, Step = Difference, Inputs = place != OperatorPlace.First };
            IReadOnlyList<GradientCheckEntry> entries = GradientCheck.Run(graph, inputs, options);
            Array.ForEach(inputs, input => input.Dispose());

            Assert.NotEmpty(entries);
            Assert.All(entries, entry => Assert.True(entry.Error <= Tolerance, $"{c}, {place}: {entry}"));
            Assert.All(entries, entry => Assert.True(entry.Checked > 0, $"{c}, {place}: {entry}"));
            Assert.True(
                entries.Sum(entry => entry.Checked) > 2 * entries.Sum(entry => entry.Skipped),
                $"{c}, {place}: {string.Join(", ", entries)}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_that_are_computed_again_give_the_same_bits(string name)
    {
        OperatorCase c = Find(name);
        foreach (OperatorPlace place in (OperatorPlace[])[OperatorPlace.Chain, OperatorPlace.Branches])
        {
            Assert.Equal(Gradients(c, place, _ => true), Gradients(c, place, _ => false));
        }
    }

    [Theory]
    [MemberData(nameof(NamesWithoutTraining))]
    public void A_run_without_gradients_gives_the_bits_of_one_with_them(string name)
    {
        OperatorCase c = Find(name);
        using Graph graph = c.CreateGraph(OperatorPlace.Branches);
        using ParameterArena arena = new(graph);
        Tensor[] inputs = c.CreateInputs();
        Shape[] shapes = [.. inputs.Select(input => input.Shape)];
        IKernels kernels = ComputeContext.Default.Kernels;
        using TrainingExecutor executor = new(graph, shapes, kernels, arena, Request(graph, _ => true));
        using InferenceProgram program = new(graph, shapes, kernels);
        using InferenceRun run = program.CreateRun();
        for (int i = 0; i < inputs.Length; i++)
        {
            kernels.Copy(inputs[i], executor.Input(i));
            kernels.Copy(inputs[i], run.Input(i));
            inputs[i].Dispose();
        }

        executor.Forward(in State);
        run.Execute();

        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Assert.Equal(executor.Output(i).ToArray(), run.Output(i).ToArray());
        }
    }

    [Theory]
    [InlineData("Dropout")]
    [InlineData("SpatialDropout")]
    public void Dropout_is_nothing_without_gradients(string kind)
    {
        OperatorCase c = OperatorCases.All.First(c => c.Kind == kind);
        using Graph graph = c.CreateGraph(OperatorPlace.Branches);
        Tensor[] inputs = c.CreateInputs();
        using InferenceProgram program = new(graph, [inputs[0].Shape], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        using Tensor expected = Cnn.Tanh(inputs[0]);
        ComputeContext.Default.Kernels.Copy(inputs[0], run.Input(0));
        inputs[0].Dispose();

        run.Execute();

        Assert.Equal(expected.ToArray(), run.Output(0).ToArray());
        Assert.False(run.Steps.Single(step => step.Node.Name == "first").Computes);
    }

    [Theory]
    [InlineData("Dropout")]
    [InlineData("SpatialDropout")]
    public void Dropout_differs_between_steps_seeds_and_nodes_and_not_between_threads(string kind)
    {
        OperatorCase c = OperatorCases.All.First(c => c.Kind == kind);
        float[] expected = Dropped(c, threads: 1, new RunState(1, 1), output: 0);

        Assert.Equal(expected, Dropped(c, threads: 3, new RunState(1, 1), output: 0));
        Assert.NotEqual(expected, Dropped(c, threads: 1, new RunState(1, 2), output: 0));
        Assert.NotEqual(expected, Dropped(c, threads: 1, new RunState(2, 1), output: 0));
        Assert.NotEqual(expected.Select(x => x != 0), Dropped(c, threads: 1, new RunState(1, 1), output: 2).Select(x => x != 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_allocates_nothing(string name)
    {
        OperatorCase c = Find(name);
        using Graph graph = c.CreateGraph(OperatorPlace.Branches);
        using ParameterArena arena = new(graph);
        Tensor[] inputs = c.CreateInputs();
        using ComputeContext context = new(threads: 1);
        using TrainingExecutor executor = new(
            graph, [.. inputs.Select(input => input.Shape)], context.Kernels, arena, Request(graph, _ => true));
        for (int i = 0; i < 3; i++)
        {
            Step(executor, inputs);
        }

        // The runtime itself may allocate a little at any time, so one quiet run of several is asked for.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Step(executor, inputs);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Array.ForEach(inputs, input => input.Dispose());
        Assert.Equal(0, least);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Attributes_become_the_same_operator_again(string name)
    {
        OperatorCase c = Find(name);
        Operator once = c.CreateOperator(), twice = OperatorRegistry.Create(c.Kind, once.Attributes);

        Assert.Equal(c.Kind, once.Kind);
        Assert.Equal(once.Kind, twice.Kind);
        Assert.Equal(once.Attributes, twice.Attributes);
        Assert.All(c.Attributes, given =>
        {
            Assert.True(once.Attributes.TryGet(given.Key, out AttributeValue kept), $"{given.Key} is not kept.");
            Assert.Equal(given.Value.ToString(), kept.ToString());
        });
    }

    private static OperatorCase Find(string name) => OperatorCases.All.Single(c => c.ToString() == name);

    private static TrainingRequest Request(Graph graph, Func<GraphNode, bool> keeps) => new(
        [.. graph.Outputs.Select(_ => true)], [.. graph.Inputs.Select(input => input.Input!.Type == ElementType.Float32)],
        AccumulateParameters: false, keeps);

    private static void Step(TrainingExecutor executor, Tensor[] inputs)
    {
        IKernels kernels = ComputeContext.Default.Kernels;
        for (int i = 0; i < inputs.Length; i++)
        {
            kernels.Copy(inputs[i], executor.Input(i));
        }

        executor.Forward(in State);
        for (int i = 0; i < executor.Graph.Outputs.Count; i++)
        {
            if (executor.OutputGradient(i) is { } gradient)
            {
                kernels.RandomUniform(new RandomSequence(4 + (ulong)i), -1f, 1f, gradient);
            }
        }

        executor.Backward(in State);
    }

    private static List<float> Gradients(OperatorCase c, OperatorPlace place, Func<GraphNode, bool> keeps)
    {
        using Graph graph = c.CreateGraph(place);
        using ParameterArena arena = new(graph);
        Tensor[] inputs = c.CreateInputs();
        using TrainingExecutor executor = new(
            graph, [.. inputs.Select(input => input.Shape)], ComputeContext.Default.Kernels, arena, Request(graph, keeps));
        Step(executor, inputs);
        List<float> gradients = [.. arena.Gradients.ToArray()];
        for (int i = 0; i < inputs.Length; i++)
        {
            gradients.AddRange(executor.InputGradient(i)?.ToArray() ?? []);
            inputs[i].Dispose();
        }

        return gradients;
    }

    private static float[] Dropped(OperatorCase c, int threads, RunState state, int output)
    {
        using ComputeContext context = new(threads: threads);
        using Graph graph = c.CreateGraph(OperatorPlace.Branches);
        using ParameterArena arena = new(graph);
        Tensor[] inputs = c.CreateInputs();
        using TrainingExecutor executor = new(graph, [inputs[0].Shape], context.Kernels, arena, Request(graph, _ => true));
        context.Kernels.Copy(inputs[0], executor.Input(0));
        inputs[0].Dispose();
        executor.Forward(in state);
        return executor.Output(output).ToArray();
    }
}
