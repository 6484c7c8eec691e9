// Memory that is known before a training runs, and results that are computed again so that it fits a budget.

using CnnNative.Tests.Graphs;

namespace CnnNative.Tests.Training;

public sealed class TrainingMemoryTests
{
    private const int Batch = 8;
    private const string Chain = "chain of 24 blocks";

    public static TheoryData<string> Graphs => [.. SampleGraphs.Names.Where(name => name != "two outputs"), Chain];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_run_takes_what_was_planned_and_computes_the_same_bits_in_less(string name)
    {
        using Graph graph = Create(name);
        MemoryReport whole = TrainingMemory.Plan(graph, Batch);
        (float[] expected, long bytes) = Train(name, budget: null);
        Assert.Equal(whole.Workspace, bytes);
        Assert.Equal("none", whole.Recomputation);
        Assert.True(whole.Workspace <= whole.WorkspaceUnshared);

        // Budgets between everything and what nothing fits into, each a little smaller than what the last plan took.
        long budget = whole.Total - 1;
        int plans = 0;
        while (TryPlan(graph, budget) is { } report)
        {
            Assert.True(report.Total <= budget, $"{report} of {budget}");
            Assert.NotEqual("none", report.Recomputation);
            (float[] weights, long taken) = Train(name, budget);
            Assert.Equal(report.Workspace, taken);
            Assert.Equal(expected, weights);
            budget = report.Total - 1;
            plans++;
        }

        Assert.True(
            name != Chain || (plans >= 2 && budget < whole.Total / 2),
            $"{plans} plans for '{name}', down to {budget} of {whole.Total}.");
    }

    [Fact]
    public void A_budget_that_nothing_fits_into_is_refused_with_both_numbers()
    {
        using Graph graph = SampleGraphs.Create("deep");
        long least = TrainingMemory.Plan(graph, 1).Total;
        InsufficientMemoryException error = Assert.Throws<InsufficientMemoryException>(
            () => TrainingMemory.Plan(graph, 4096, new TrainerOptions { MemoryBudget = 2 << 20 }));
        Assert.Contains("the budget is 2.0 MB", error.Message, StringComparison.Ordinal);
        Assert.Contains("needs at least", error.Message, StringComparison.Ordinal);
        Assert.True(least < 2 << 20);
    }

    [Fact]
    public void A_report_is_a_table()
    {
        using Graph graph = SampleGraphs.Create("residual");
        MemoryReport report = TrainingMemory.Plan(graph, 4096, new TrainerOptions { Average = new ExponentialMovingAverage() });
        Assert.Equal(2 * report.Gradients, report.OptimizerState);
        Assert.Equal(report.Parameters, report.Average);
        Assert.Contains("batches of 4096", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("computed again     none", report.ToString(), StringComparison.Ordinal);
    }

    private static MemoryReport? TryPlan(Graph graph, long budget)
    {
        try
        {
            return TrainingMemory.Plan(graph, Batch, new TrainerOptions { MemoryBudget = budget });
        }
        catch (InsufficientMemoryException)
        {
            return null;
        }
    }

    private static Graph Create(string name)
    {
        if (name != Chain)
        {
            return SampleGraphs.Create(name);
        }

        GraphBuilder b = new();
        GraphValue x = b.Input("input", (6, 5, 2));
        for (int i = 0; i < 24; i++)
        {
            x = b.Dropout(b.Tanh(b.BatchNorm(b.Conv2d(x, 4, 3, Padding.Same))), 0.1f);
        }

        b.Output("output", b.Flatten(x));
        return b.Build(seed: 1).Graph;
    }

    private static (float[] Weights, long Bytes) Train(string name, long? budget)
    {
        using Graph graph = Create(name);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(Batch), seed: 3);
        using Tensor labels = Tensor.FromSpan([0, 1, 0, 1, 1, 0, 0, 1], Batch);
        using Trainer trainer = new(graph, new TrainerOptions { MemoryBudget = budget });
        trainer.Step(input, labels);
        trainer.Step(input, labels);
        return ([.. graph.Parameters.SelectMany(parameter => parameter.Value.ToArray())], trainer.WorkspaceBytes);
    }
}
