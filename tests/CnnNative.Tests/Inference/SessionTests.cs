// Compiled models and sessions: the same results as the graph they were made of, from any thread, in any layout, without
// allocation and whatever is disposed first.

using CnnNative.Tests.Graphs;

namespace CnnNative.Tests.Inference;

public sealed class SessionTests
{
    /// <summary>See PassTests: folding rounds weights once more.</summary>
    private const double Tolerance = 4e-6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_session_gives_what_the_unfused_graph_gives()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel fused = CompiledModel.Compile(graph);
        using CompiledModel plain = CompiledModel.Compile(graph, new CompileOptions { Optimize = false });

        AreClose(Run(plain, batch: 3), Run(fused, batch: 3));
        Assert.True(fused.Graph.Nodes.Count < plain.Graph.Nodes.Count);
    }

    [Fact]
    public void Every_sample_of_a_batch_gives_what_it_gives_alone()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel model = CompiledModel.Compile(graph);
        float[] input = Input(model, batch: 5), batch = Run(model, batch: 5);
        using Session single = model.CreateSession();
        int samples = 5, inputs = input.Length / samples, outputs = batch.Length / samples;
        float[] output = new float[outputs];
        for (int i = 0; i < samples; i++)
        {
            single.Run(input.AsSpan(i * inputs, inputs), output, Token);

            AreClose(batch[(i * outputs)..((i + 1) * outputs)], output);
        }
    }

    [Fact]
    public void Pictures_can_be_given_channels_first()
    {
        using Graph graph = SampleGraphs.Create("chain");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession(2);
        float[] input = Input(model, batch: 2), expected = Run(model, batch: 2), actual = new float[expected.Length];
        Shape shape = session.InputShape();
        float[] channelsFirst = new float[input.Length];
        for (int n = 0; n < shape[0]; n++)
        {
            for (int pixel = 0; pixel < shape[1] * shape[2]; pixel++)
            {
                for (int c = 0; c < shape[3]; c++)
                {
                    int pixels = shape[1] * shape[2];
                    channelsFirst[(n * shape[3] + c) * pixels + pixel] = input[(n * pixels + pixel) * shape[3] + c];
                }
            }
        }

        session.SetInput(0, channelsFirst, TensorLayout.Nchw);
        session.Run(Token);
        session.GetOutput(0, actual);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Inputs_and_outputs_have_names_and_any_type()
    {
        GraphValue table = new(new GraphInput("table", [4, 3])), rows = new(new GraphInput("rows", [2], ElementType.Int64));
        GraphNode node = new("take", new CnnNative.Operators.GatherOperator(0), table, rows);
        using Graph graph = new([table, rows], [new GraphOutput("taken", node.Output)]);
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession([(4, 3), 2]);
        float[] found = new float[6];

        session.SetInput("table", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        session.SetInput<long>(session.InputIndex("rows"), [3L, 1L]);
        session.Run(Token);
        session.GetOutput("taken", found);

        Assert.Equal([9, 10, 11, 3, 4, 5], found);
        using (Tensor copy = session.GetOutput("taken"))
        {
            Assert.Equal(found, copy.ToArray());
        }

        Assert.Equal(
            "Session: the model has no input 'row'; it has 'table', 'rows'. (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => session.SetInput("row", [1f])).Message);
        Assert.Equal(
            "Session: 1 elements were given for input 'table', expected 12: 4x3.",
            Assert.Throws<ShapeException>(() => session.SetInput("table", [1f])).Message);
        Assert.Equal(
            "Session: input 'rows' has elements of Int64, those given are Float32.",
            Assert.Throws<ShapeException>(() => session.SetInput("rows", [1f, 2f])).Message);
        Assert.Contains(
            "only a batch of pictures has the layout Nchw",
            Assert.Throws<ShapeException>(() => session.SetInput("table", new float[12], TensorLayout.Nchw)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_in_another_layout_allocate_nothing_after_the_first()
    {
        using Graph graph = SampleGraphs.Create("chain");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession(2);
        float[] input = Input(model, batch: 2);
        long least = long.MaxValue;
        for (int i = 0; i < 8; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.SetInput(0, input, TensorLayout.Nchw);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task A_run_in_the_background_gives_the_same_and_can_be_cancelled()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession(2);
        float[] input = Input(model, batch: 2), expected = Run(model, batch: 2), actual = new float[expected.Length];

        await session.RunAsync(input, actual, Token);

        Assert.Equal(expected, actual);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => session.RunAsync(input, actual, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Sessions_outlive_the_graph_and_the_compiled_model()
    {
        Graph graph = SampleGraphs.Create("residual");
        CompiledModel model = CompiledModel.Compile(graph);
        float[] input = Input(model, batch: 1), expected = Run(model, batch: 1), actual = new float[expected.Length];
        using Session session = model.CreateSession();
        graph.Dispose();
        model.Dispose();

        session.Run(input, actual, Token);

        Assert.Equal(expected, actual);
        Assert.Throws<ObjectDisposedException>(() => model.CreateSession());
    }

    [Fact]
    public async Task Sessions_on_many_threads_give_the_same_bits()
    {
        using Graph graph = SampleGraphs.Create("nested");
        using CompiledModel model = CompiledModel.Compile(graph);
        float[] expected = Run(model, batch: 2);

        float[][] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Run(model, batch: 2), Token)));

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession();
        float[] input = Input(model, batch: 1), output = new float[session.OutputShape().ElementCount];
        long least = long.MaxValue;
        for (int i = 0; i < 8; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.Run(input, output, Token);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_cancelled_run_stops()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession();

        Assert.Throws<OperationCanceledException>(() => session.Run(new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_profile_names_every_node_and_its_work()
    {
        using Graph graph = SampleGraphs.Create("residual");
        using CompiledModel model = CompiledModel.Compile(graph);
        using Session session = model.CreateSession();

        SessionProfile profile = session.Profile(runs: 3);

        Assert.Equal(model.Graph.Nodes.Select(node => node.Name), profile.Nodes.Select(node => node.Name));
        Assert.Equal(6 * 5 * 4 * 3 * 3 * 2, profile.Nodes[0].Cost.MultiplyAccumulates);
        Assert.Contains("conv1", profile.ToTable(), StringComparison.Ordinal);
        Assert.Equal(profile.Nodes.Count, System.Text.Json.JsonDocument.Parse(profile.ToJson()).RootElement.GetArrayLength());
        Assert.Contains("traceEvents", profile.ToChromeTrace(), StringComparison.Ordinal);
    }

    private static float[] Input(CompiledModel model, int batch)
    {
        using Tensor input = SampleGraphs.Random(model.Inputs[0].ForBatch(batch), seed: 11);
        return input.ToArray();
    }

    private static float[] Run(CompiledModel model, int batch)
    {
        using Session session = model.CreateSession(batch);
        float[] output = new float[session.OutputShape().ElementCount];
        session.Run(Input(model, batch), output, Token);
        return output;
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
