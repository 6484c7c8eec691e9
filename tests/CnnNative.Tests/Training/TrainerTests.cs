// Single steps of training: what changes and what does not, accumulation, clipping, averages, and what is left after an error.

using CnnNative.Tests.Graphs;

namespace CnnNative.Tests.Training;

public sealed class TrainerTests
{
    private const int Classes = 3;

    [Fact]
    public void A_few_steps_make_the_loss_smaller()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 6);
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = new Sgd(0.05) { Momentum = 0.9 } });

        double first = trainer.Step(problem.Input, problem.Labels).Loss, last = first;
        for (int i = 0; i < 30; i++)
        {
            last = trainer.Step(problem.Input, problem.Labels).Loss;
        }

        Assert.True(last < 0.1 * first, $"The loss went from {first} to {last}.");
        Assert.Equal(31, trainer.Steps);
    }

    [Fact]
    public void A_step_allocates_nothing_after_the_first_of_its_shape()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 6), smaller = new(graph, samples: 4);
        TrainerOptions options = new() { ClipNorm = 1, AccumulationSteps = 2, Average = new ExponentialMovingAverage() };
        using Trainer trainer = new(graph, options);
        for (int i = 0; i < 6; i++)
        {
            trainer.Step(problem.Input, problem.Labels);
            trainer.Step(smaller.Input, smaller.Labels);
        }

        // The runtime itself may allocate a little at any time, so one quiet run of several is asked for.
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            trainer.Step(problem.Input, problem.Labels);
            trainer.Step(smaller.Input, smaller.Labels);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_frozen_layer_keeps_its_bits_and_the_others_change()
    {
        using Graph graph = SampleGraphs.Create("residual");
        graph.Parameter("conv1.weight").Trainable = false;
        graph.Parameter("conv1.bias").Trainable = false;
        using Problem problem = new(graph, samples: 4);
        Dictionary<string, float[]> before = Values(graph);
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = new AdamW { WeightDecay = 0.1 } });
        for (int i = 0; i < 3; i++)
        {
            trainer.Step(problem.Input, problem.Labels);
        }

        Assert.Equal(before["conv1.weight"], graph.Parameter("conv1.weight").Value.ToArray());
        Assert.Equal(before["conv1.bias"], graph.Parameter("conv1.bias").Value.ToArray());
        Assert.NotEqual(before["conv2.weight"], graph.Parameter("conv2.weight").Value.ToArray());

        // Set free in the middle of a training, it joins in.
        graph.Parameter("conv1.weight").Trainable = true;
        trainer.Step(problem.Input, problem.Labels);
        Assert.NotEqual(before["conv1.weight"], graph.Parameter("conv1.weight").Value.ToArray());
        Assert.Equal(before["conv1.bias"], graph.Parameter("conv1.bias").Value.ToArray());
    }

    [Fact]
    public void A_network_without_anything_to_train_is_refused()
    {
        using Graph graph = SampleGraphs.Create("two outputs");
        foreach (Parameter parameter in graph.Parameters)
        {
            parameter.Trainable = false;
        }

        using Problem problem = new(graph, samples: 4);
        using Trainer trainer = new(graph, new TrainerOptions { Loss = new LossSet { { "output1", new CrossEntropyLoss() } } });
        ArgumentException error = Assert.Throws<ArgumentException>(() => trainer.Step(problem.Input, problem.Labels));
        Assert.Contains("'output1'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_that_are_treated_alike_are_one_run_of_memory()
    {
        using Graph graph = SampleGraphs.Create("residual");
        Assert.Equal(2, RunsOf(graph, new AdamW()));
        Assert.Equal(1, RunsOf(graph, new Sgd { DecaysBiases = true, WeightDecay = 0.1 }));
        Assert.Equal(4, RunsOf(graph, new AdamW { Groups = [new ParameterGroup("conv2.weight") { RateFactor = 0.1 }] }));
        graph.Parameter("fc.bias").Trainable = false;
        graph.Parameter("conv1.weight").Trainable = false;
        Assert.Equal(2, RunsOf(graph, new AdamW()));
    }

    [Fact]
    public void A_group_that_matches_nothing_is_refused_with_the_names_that_there_are()
    {
        using Graph graph = SampleGraphs.Create("residual");
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => RunsOf(graph, new AdamW { Groups = [new ParameterGroup("head.*")] }));
        Assert.Contains("'head.*'", error.Message, StringComparison.Ordinal);
        Assert.Contains("conv1.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Accumulated_batches_are_one_larger_batch()
    {
        // "nested" has no batch normalisation, whose statistics are those of each small batch.
        float[] whole = TrainInParts("nested", [6], 1);
        float[] parts = TrainInParts("nested", [2, 2, 2], 3), uneven = TrainInParts("nested", [4, 2], 2);

        // Gradients of some 50 products each are summed in another order, which moves a weight by some 50 roundings of rate times
        // a gradient of about 1, and a rounding of the weight itself.
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], parts[i], 1e-5);
            Assert.Equal(whole[i], uneven[i], 1e-5);
        }
    }

    [Fact]
    public void Gradients_that_wait_are_used_by_a_flush()
    {
        using Graph graph = SampleGraphs.Create("nested");
        using Problem problem = new(graph, samples: 4);
        using Trainer trainer = new(graph, new TrainerOptions { AccumulationSteps = 4 });
        TrainingStep step = trainer.Step(problem.Input, problem.Labels);
        Assert.False(step.Updated);
        Assert.Equal(0, trainer.Steps);
        trainer.Flush();
        Assert.Equal(1, trainer.Steps);
        trainer.Flush();
        Assert.Equal(1, trainer.Steps);
    }

    [Fact]
    public void Clipping_makes_a_step_as_long_as_the_limit()
    {
        using Graph graph = SampleGraphs.Create("nested");
        using Problem problem = new(graph, samples: 4);
        float[] before = All(graph);
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = new Sgd(1), ClipNorm = 0.01 });
        TrainingStep step = trainer.Step(problem.Input, problem.Labels);
        float[] after = All(graph);

        double length = Math.Sqrt(before.Zip(after, (a, b) => (double)(a - b) * (a - b)).Sum());
        Assert.True(step.GradientNorm > 0.1, $"The norm is {step.GradientNorm}; the test needs one that is clipped.");

        // Each weight of at most 1 is rounded by 2^-25, of some 400 weights: a root of 400 times that of a length of 0.01. The
        // factor is 0.01 / (norm + 1e-6), as PyTorch has it.
        Assert.Equal(0.01, length, 0.01 * 1e-6 / step.GradientNorm + 20 * 3e-8);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_average_of_the_weights_is_the_formula_written_out(bool warmUp)
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 4);
        ExponentialMovingAverage average = new(0.6) { WarmUp = warmUp };
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = new Sgd(0.1), Average = average });
        double[] expected = [.. trainer.Arena.Values.ToArray().Select(value => (double)value)];
        for (int step = 1; step <= 5; step++)
        {
            trainer.Step(problem.Input, problem.Labels);
            double decay = warmUp ? Math.Min(0.6, (1.0 + step) / (10.0 + step)) : 0.6;
            float[] weights = trainer.Arena.Values.ToArray();
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] = decay * expected[i] + (1 - decay) * weights[i];
            }
        }

        // Each step rounds once to float32, values of at most 2.
        float[] actual = trainer.Average!.Values.ToArray();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 5 * 2.4e-7);
        }

        float[] now = trainer.Arena.Values.ToArray();
        trainer.Average.Exchange();
        Assert.Equal(actual, trainer.Arena.Values.ToArray());
        trainer.Average.Exchange();
        Assert.Equal(now, trainer.Arena.Values.ToArray());
    }

    [Fact]
    public void A_label_out_of_range_is_named_and_changes_nothing()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 4);
        using Trainer trainer = new(graph);
        trainer.Step(problem.Input, problem.Labels);
        float[] before = trainer.Arena.Values.ToArray();
        problem.Labels[2] = Classes;

        ArgumentException error = Assert.Throws<ArgumentException>(() => trainer.Step(problem.Input, problem.Labels));
        Assert.Contains("sample 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("label 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, trainer.Arena.Values.ToArray());
    }

    [Theory]
    [InlineData("input", "input")]
    [InlineData("weight", "conv2")]
    [InlineData("parameter", "conv2.weight")]
    public void A_loss_that_is_not_finite_names_where_it_came_from_and_changes_nothing(string where, string expected)
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 4);
        using Trainer trainer = new(graph);
        trainer.Step(problem.Input, problem.Labels);
        switch (where)
        {
            case "input":
                problem.Input[1, 2, 3, 0] = float.NaN;
                break;
            case "weight":
                // Products of finite numbers that are not finite any more.
                graph.Parameter("conv1.weight").Value.Fill(1e30f);
                graph.Parameter("conv2.weight").Value.Fill(1e30f);
                break;
            default:
                graph.Parameter("conv2.weight").Value[0, 0, 0, 0] = float.PositiveInfinity;
                break;
        }

        float[] before = trainer.Arena.Values.ToArray();
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(
            () => trainer.Step(problem.Input, problem.Labels));
        Assert.Equal(expected, error.Origin);
        Assert.Equal(1, error.Step);
        Assert.Equal(before, trainer.Arena.Values.ToArray());
    }

    [Fact]
    public void Native_and_managed_kernels_agree_over_twenty_steps()
    {
        double[] native = Losses(Backend.Native), managed = Losses(Backend.Managed);

        // Each of the 20 steps moves weights by its own rounding error of the gradient, some 2^-24 times a root of 200 products;
        // later gradients follow the weights, which on this well-conditioned problem multiplies errors by less than 10 a step
        // at first and damps them as the loss falls.
        for (int i = 0; i < native.Length; i++)
        {
            Assert.Equal(managed[i], native[i], 1e-4 * Math.Max(managed[i], 1e-2));
        }
    }

    private static double[] Losses(Backend backend)
    {
        using Graph graph = SampleGraphs.Create("residual");
        using Problem problem = new(graph, samples: 6);
        using ComputeContext context = new(backend);
        using Trainer trainer = new(
            graph, new TrainerOptions { Optimizer = new Sgd(0.02) { Momentum = 0.9 }, Context = context });
        return [.. Enumerable.Range(0, 20).Select(_ => trainer.Step(problem.Input, problem.Labels).Loss)];
    }

    private static float[] TrainInParts(string name, int[] sizes, int accumulation)
    {
        using Graph graph = SampleGraphs.Create(name);
        using Problem problem = new(graph, samples: 6);
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = new Sgd(0.1), AccumulationSteps = accumulation });
        for (int step = 0; step < 2; step++)
        {
            int start = 0;
            foreach (int size in sizes)
            {
                using Tensor input = problem.Input.Slice(start, size), labels = problem.Labels.Slice(start, size);
                trainer.Step(input, labels);
                start += size;
            }
        }

        Assert.Equal(2, trainer.Steps);
        return All(graph);
    }

    private static int RunsOf(Graph graph, Optimizer optimizer)
    {
        using Trainer trainer = new(graph, new TrainerOptions { Optimizer = optimizer });
        return trainer.Optimizer.RunCount;
    }

    private static Dictionary<string, float[]> Values(Graph graph) =>
        graph.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.ToArray());

    private static float[] All(Graph graph) => [.. graph.Parameters.SelectMany(parameter => parameter.Value.ToArray())];

    private sealed class Problem : IDisposable
    {
        public Problem(Graph graph, int samples)
        {
            Input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(samples), seed: 11);
            Labels = Tensor.FromSpan([.. Enumerable.Range(0, samples).Select(i => (float)(i % 2))], samples);
        }

        public Tensor Input { get; }

        public Tensor Labels { get; }

        public void Dispose()
        {
            Input.Dispose();
            Labels.Dispose();
        }
    }
}
