// Predictions of models: the same for any size of batch, from any number of threads, and never with weights of before.

namespace CnnNative.Tests.Models;

public sealed class PredictionTests
{
    private static readonly Shape _sample = (8, 8, 3);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    public void The_size_of_a_batch_changes_nothing(int batchSize)
    {
        using Model model = Network();
        using Tensor input = Random((7, 8, 8, 3));
        using Tensor output = model.Predict(input, batchSize);
        float[] single = [.. Enumerable.Range(0, 7).SelectMany(i => PredictOne(model, input, i))];

        // Convolutions may take another algorithm for another batch, so bits may differ: sums of 75 products of unit size are
        // rounded by 2^-24 of their parts at most 75 times.
        Assert.Equal((7, 5), output.Shape);
        Assert.All(output.ToArray().Zip(single), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void The_managed_kernels_predict_the_same()
    {
        using Model model = Network();
        using ComputeContext managed = new(Backend.Managed);
        using Tensor input = Random((2, 8, 8, 3));
        using Tensor native = model.Predict(input), other = model.Predict(input, context: managed);

        Assert.True(native.IsClose(other, 1e-5f, 1e-4f));
    }

    [Fact]
    public void Many_threads_with_many_shapes_get_what_one_gets()
    {
        using Model model = Network();
        using Tensor input = Random((16, 8, 8, 3));
        float[][] expected = [.. Enumerable.Range(1, 16).Select(count => PredictFirst(model, input, count))];

        Parallel.For(0, 96, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
            Assert.Equal(expected[i % 16], PredictFirst(model, input, i % 16 + 1)));
    }

    [Fact]
    public void Predictions_go_on_while_what_was_compiled_is_forgotten_and_other_shapes_do_not_fit()
    {
        using Model model = Network();
        using ComputeContext one = new(threads: 1), two = new(threads: 2), three = new(threads: 3);
        ComputeContext[] contexts = [one, two, three];
        using Tensor input = Random((4, 8, 8, 3)), wrong = Random((4, 8, 8, 2));
        float[][] expected = [.. Enumerable.Range(1, 4).Select(count => PredictFirst(model, input, count))];

        Parallel.For(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            if (i % 7 == 0)
            {
                model.WeightsChanged();
            }

            if (i % 5 == 0)
            {
                Assert.Throws<ShapeException>(() => model.Predict(wrong, context: contexts[i % 3]));
            }

            using Tensor part = input.Slice(0, i % 4 + 1);
            using Tensor output = model.Predict(part, context: contexts[i % 3]);
            Assert.Equal(expected[i % 4], output.ToArray());
        });
    }

    [Fact]
    public void Weights_that_were_changed_by_hand_count_after_telling_so()
    {
        using Model model = Network();
        using Tensor input = Random((1, 8, 8, 3));
        model.Predict(input).Dispose();

        model.Graph.Parameter("fc1.weight").Value.Fill(0f);
        model.Graph.Parameter("fc1.bias").Value.Fill(2f);
        model.WeightsChanged();
        using Tensor output = model.Predict(input);

        Assert.All(output.ToArray(), value => Assert.Equal(2f, value));
    }

    [Fact]
    public void Several_outputs_come_by_name()
    {
        GraphBuilder b = new();
        GraphValue left = b.Input("left", 3), right = b.Input("right", 3);
        b.Output("sum", b.Add(left, right));
        b.Output("tanh", b.Tanh(left));
        using Model model = b.Build();
        using Tensor ones = Tensor.Full((5, 3), 1f), zeros = Tensor.Zeros((5, 3));

        using TensorCollection outputs = model.Predict([zeros, ones], batchSize: 2);

        Assert.Equal(["sum", "tanh"], outputs.Keys);
        Assert.All(outputs["sum"].ToArray(), value => Assert.Equal(1f, value));
        Assert.All(outputs["tanh"].ToArray(), value => Assert.Equal(0f, value));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => model.Predict(ones));
        Assert.Contains("2 inputs and 2 outputs", error.Message, default);
    }

    [Fact]
    public void An_input_that_does_not_fit_is_named_and_leaves_the_model_usable()
    {
        using Model model = Network();
        using Tensor wrong = Random((2, 9, 9, 3)), right = Random((2, 8, 8, 3));

        Assert.Equal(
            "Input 'input' is 2x9x9x3, expected batchx8x8x3.", Assert.Throws<ShapeException>(() => model.Predict(wrong)).Message);
        using Tensor output = model.Predict(right);
        Assert.Equal((2, 5), output.Shape);
    }

    [Fact]
    public void Patterns_freeze_layers_and_scopes()
    {
        using Model model = new Sequential(_sample)
        {
            new Sequential("body") { new Conv2d(4, 3), new BatchNorm(), new Conv2d(4, 3) }, new Flatten(), new Linear(2),
        }.Build();

        Assert.Equal(6, model.Freeze("body"));
        Assert.Equal(["fc1.weight", "fc1.bias"], Trainable(model));
        Assert.Equal(2, model.Unfreeze("body.conv?.weight"));
        Assert.Equal(["body.conv1.weight", "body.conv2.weight", "fc1.weight", "fc1.bias"], Trainable(model));
        Assert.Equal(3, model.Freeze("*.bias"));
        Assert.Contains("'head'", Assert.Throws<ArgumentException>(() => model.Freeze("head")).Message, default);
    }

    [Theory]
    [InlineData("conv1", "conv1.weight", true)]
    [InlineData("conv1", "conv10.weight", false)]
    [InlineData("conv*", "conv10.weight", true)]
    [InlineData("*", "a.b.c", true)]
    [InlineData("*.bias", "a.b.bias", true)]
    [InlineData("*.bias", "a.bias2", false)]
    [InlineData("a.*.w", "a.b.c.w", true)]
    [InlineData("block?", "block1.conv1.weight", true)]
    [InlineData("block?", "block12.conv1.weight", false)]
    [InlineData("weight", "conv1.weight", false)]
    public void A_pattern_fits_whole_names_and_scopes(string pattern, string name, bool expected) =>
        Assert.Equal(expected, CnnNative.Models.NamePattern.Matches(pattern, name));

    private static IEnumerable<string> Trainable(Model model) =>
        model.Parameters.Where(parameter => parameter.Trainable).Select(parameter => parameter.Name);

    private static float[] PredictOne(Model model, Tensor input, int index)
    {
        using Tensor one = input.Slice(index, 1);
        using Tensor output = model.Predict(one);
        return output.ToArray();
    }

    private static float[] PredictFirst(Model model, Tensor input, int count)
    {
        using Tensor part = input.Slice(0, count);
        using Tensor output = model.Predict(part);
        return output.ToArray();
    }

    private static Model Network() => new Sequential(_sample)
    {
        new Conv2d(4, 3, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(5),
    }.Build(seed: 2);

    private static Tensor Random(Shape shape) => CnnNative.Tests.Graphs.SampleGraphs.Random(shape, seed: 3);
}
