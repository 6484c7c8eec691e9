// Summaries: every figure against what the definition gives by hand, and the three ways of writing them.

using System.Text.Json;

namespace CnnNative.Tests.Models;

public sealed class SummaryTests
{
    [Fact]
    public void Rows_have_the_costs_of_the_definition()
    {
        using Model model = Network();
        IReadOnlyList<SummaryRow> rows = model.Summarize().Rows;

        // 3x3x1 weights and a bias for each of 8 filters; each of 28x28x8 results is a sum of 9 products.
        SummaryRow conv = rows[0];
        Assert.Equal(("conv1", "Conv2d", (28, 28, 8)), (conv.Name, conv.Kind, conv.OutputShape));
        Assert.Equal((80, 28 * 28 * 8 * 9, 28 * 28 * 8 * 4), (conv.Parameters, conv.MultiplyAccumulates, conv.ActivationBytes));
        Assert.Equal(["input"], conv.Inputs);

        Assert.Equal(("bn1", 16), (rows[1].Name, rows[1].Parameters));
        Assert.Equal(("relu1", "Relu"), (rows[2].Name, rows[2].Kind));
        Assert.Equal(("flatten1", 0), (rows[4].Name, rows[4].ActivationBytes));
        Assert.Equal(("fc1", 15_680 + 10, 15_680), (rows[5].Name, rows[5].Parameters, rows[5].MultiplyAccumulates));
    }

    [Fact]
    public void Totals_are_the_sums_of_the_rows()
    {
        using Model model = Network();
        model.Freeze("fc1");
        ModelSummary summary = model.Summarize(batchSize: 4);

        Assert.Equal(model.ParameterCount, summary.Parameters);
        Assert.Equal(96, summary.TrainedParameters);
        Assert.Equal(16, summary.Statistics);
        Assert.Equal(4 * (model.ParameterCount + 16), summary.ParameterBytes);
        Assert.Equal(summary.Rows.Sum(row => row.ActivationBytes), summary.ActivationBytes);
        Assert.Equal(summary.ParameterBytes + summary.InferenceBytes, summary.InferenceTotal);
    }

    /// <summary>What predictions need at least is the busiest layer's input and output; in training, nothing that a gradient
    /// reads may be given up.</summary>
    [Fact]
    public void Memory_grows_with_the_batch_and_is_larger_in_training()
    {
        using Model model = Network();
        ModelSummary one = model.Summarize(1), many = model.Summarize(16);

        Assert.InRange(many.InferenceBytes, 15 * one.InferenceBytes, 17 * one.InferenceBytes);
        Assert.True(many.TrainingBytes > many.InferenceBytes);
        Assert.True(one.InferenceBytes < one.ActivationBytes);
    }

    [Fact]
    public void The_memory_of_predictions_is_what_a_session_takes()
    {
        using Model model = Zoo.ResNet20();
        using CompiledModel compiled = model.Compile();
        using Session session = compiled.CreateSession(batch: 3);

        Assert.Equal(session.WorkspaceBytes, model.Summarize(batchSize: 3).InferenceBytes);
    }

    public static TheoryData<string, int?> Fields => new()
    {
        { "3x3", 3 },
        { "3x3 dilated by 2", 5 },
        { "3x3, stride 2, then 3x3", 7 },
        { "3x3, pooled, then 3x3", 8 },
        { "residual", 5 },
        { "pooled, then doubled", 2 },
        { "pooled, then transposed", 2 },
        { "activation", 1 },
        { "global", null },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void An_element_sees_what_windows_let_it_see(string name, int? expected)
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (32, 32, 2));
        x = name switch
        {
            "3x3" => b.Conv2d(x, 2, 3),
            "3x3 dilated by 2" => b.Conv2d(x, 2, 3, dilation: 2),
            "3x3, stride 2, then 3x3" => b.Conv2d(b.Conv2d(x, 2, 3, stride: 2), 2, 3),
            "3x3, pooled, then 3x3" => b.Conv2d(b.MaxPool2d(b.Conv2d(x, 2, 3), 2), 2, 3),
            "residual" => b.Add(b.Conv2d(b.Conv2d(x, 2, 3, Padding.Same), 2, 3, Padding.Same), x),
            "pooled, then doubled" => b.Upsample(b.MaxPool2d(x, 2), 2),
            "pooled, then transposed" => b.ConvTranspose2d(b.MaxPool2d(x, 2), 2, 2, stride: 2),
            "activation" => b.Relu(x),
            _ => b.GlobalAvgPool(x, keepDimensions: true),
        };
        b.Output("maps", x);
        using Model model = b.Build();

        Assert.Equal(expected is { } size ? (Size2d)size : null, model.Summarize().Rows[^1].ReceptiveField);
    }

    [Fact]
    public void A_model_that_no_pass_changes_is_the_same_after_a_summary()
    {
        using Model model = new Sequential((4, 4, 1)) { new Flatten(), new Linear(3) }.Build(seed: 1);
        float[][] before = [.. model.Parameters.Select(parameter => parameter.Value.ToArray())];

        string first = model.Summarize().ToString(), second = model.Summarize().ToString();

        Assert.Equal(first, second);
        Assert.Equal(before, model.Parameters.Select(parameter => parameter.Value.ToArray()));
    }

    [Fact]
    public void A_shared_parameter_counts_once()
    {
        GraphBuilder b = new();
        GraphValue x = b.Input("image", (6, 6, 2)), weights = b.Parameter("shared", (2, 3, 3, 2));
        b.Output("maps", b.Conv2d(b.Conv2d(x, weights, padding: Padding.Same), weights, padding: Padding.Same));
        using Model model = b.Build();

        Assert.Equal([36L, 0L], model.Summarize().Rows.Select(row => row.Parameters));
    }

    [Fact]
    public void The_table_is_aligned()
    {
        using Model model = Network();
        string[] lines = model.Summarize(batchSize: 2).ToString().Split('\n');

        Assert.Equal(
            """
            Layer     Kind       Output   Parameters    MACs  Activations  Sees
            -------------------------------------------------------------------
            input     input      28x28x1
            conv1     Conv2d     28x28x8          80  56,448     24.5 KiB  3x3
            bn1       BatchNorm  28x28x8          16   6,272     24.5 KiB  3x3
            relu1     Relu       28x28x8                         24.5 KiB  3x3
            pool1     MaxPool2d  14x14x8                          6.1 KiB  4x4
            flatten1  Reshape    1568                                      all
            fc1       Linear     10           15,690  15,680         40 B  all
            """.Split('\n'),
            lines[..9]);
        Assert.Equal("Parameters: 15,786, of which 15,786 are trained, besides 16 running statistics", lines[10]);
        Assert.Equal("Multiply-accumulates of one sample: 78,400", lines[11]);
        Assert.StartsWith("Memory to train batches of 2: ", lines[14]);
    }

    [Fact]
    public void Markdown_and_json_say_the_same()
    {
        using Model model = Network();
        ModelSummary summary = model.Summarize(batchSize: 2);
        string[] markdown = summary.ToMarkdown().Split('\n');
        using JsonDocument json = JsonDocument.Parse(summary.ToJson());
        JsonElement layer = json.RootElement.GetProperty("layers")[0];

        Assert.Equal("| Layer | Kind | Output | Parameters | MACs | Activations | Sees |", markdown[0]);
        Assert.Equal("| --- | --- | --- | ---: | ---: | ---: | --- |", markdown[1]);
        Assert.Equal("| conv1 | Conv2d | 28x28x8 | 80 | 56,448 | 24.5 KiB | 3x3 |", markdown[3]);
        Assert.Equal("conv1", layer.GetProperty("name").GetString());
        Assert.Equal([28, 28, 8], layer.GetProperty("output_shape").EnumerateArray().Select(size => size.GetInt32()));
        Assert.Equal(56448, layer.GetProperty("macs").GetInt64());
        Assert.Equal(15786, json.RootElement.GetProperty("parameters").GetInt64());
        Assert.Equal(summary.TrainingTotal, json.RootElement.GetProperty("training_bytes").GetInt64());
        Assert.False(json.RootElement.GetProperty("layers")[5].TryGetProperty("receptive_field", out _));
    }

    private static Model Network() => new Sequential((28, 28, 1))
    {
        new Conv2d(8, 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(10),
    }.Build();
}
