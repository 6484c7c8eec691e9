// Losses as values: what they compute is the kernels' business and tested there; here it is shapes, labels, options, and the ends
// of networks that a loss contains.

namespace CnnNative.Tests.Training;

public sealed class LossTests
{
    [Fact]
    public void Labels_and_rows_of_probabilities_mean_the_same()
    {
        using Tensor logits = Tensor.FromSpan([1, 2, 3, 0, -1, 4], (2, 3)), labels = Tensor.FromSpan([2, 0], 2);
        using Tensor column = Tensor.FromSpan([2, 0], (2, 1)), rows = Tensor.FromSpan([0, 0, 1, 1, 0, 0], (2, 3));
        using Tensor first = Tensor.Zeros((2, 3)), second = Tensor.Zeros((2, 3));
        CrossEntropyLoss loss = new() { LabelSmoothing = 0.1f };

        double expected = loss.Compute(logits, labels, first);
        Assert.Equal(expected, loss.Compute(logits, column));

        using Tensor whole = Tensor.From<int>([2, 0], 2), wide = Tensor.From<long>([2, 0], 2);
        Assert.Equal(expected, loss.Compute(logits, whole));
        Assert.Equal(expected, loss.Compute(logits, wide));

        // One sum of exponentials in each, of which each term may differ by a rounding.
        Assert.Equal(expected, loss.Compute(logits, rows, second), 1e-6);
        Assert.True(first.IsClose(second));
    }

    [Fact]
    public void An_ignored_label_counts_for_nothing()
    {
        using Tensor logits = Tensor.FromSpan([1, 2, 3, 0, -1, 4], (2, 3)), labels = Tensor.FromSpan([2, 255], 2);
        using Tensor one = Tensor.FromSpan([1, 2, 3], (1, 3)), label = Tensor.FromSpan([2], 1), gradient = Tensor.Zeros((2, 3));
        Assert.Equal(
            new CrossEntropyLoss().Compute(one, label),
            new CrossEntropyLoss { IgnoreIndex = 255 }.Compute(logits, labels, gradient), 1e-6);
        Assert.Equal([0, 0, 0], gradient.ToArray()[3..]);
    }

    [Fact]
    public void Every_pixel_may_have_a_label()
    {
        using Tensor logits = Tensor.Zeros((2, 3, 3, 4)), labels = Tensor.Full((2, 3, 3), 1);
        Assert.Equal(Math.Log(4), new CrossEntropyLoss().Compute(logits, labels), 1e-6);
        labels[1, 0, 2] = 4;
        ArgumentException error = Assert.Throws<ArgumentException>(() => new CrossEntropyLoss().Compute(logits, labels));
        Assert.Contains("element 2 of sample 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3f)]
    [InlineData(-1f)]
    [InlineData(1.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e20f)]
    public void A_label_that_is_no_class_is_refused_with_its_sample(float label)
    {
        using Tensor logits = Tensor.Zeros((2, 3)), labels = Tensor.FromSpan([0, label], 2);
        ArgumentException error = Assert.Throws<ArgumentException>(() => new CrossEntropyLoss().Compute(logits, labels));
        Assert.Contains("sample 1 of the batch has the label", error.Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_and_options_that_do_not_fit_are_refused_with_what_was_found()
    {
        using Tensor logits = Tensor.Zeros((2, 3)), labels = Tensor.Zeros(2);
        using Tensor values = Tensor.Zeros((2, 2)), one = Tensor.Zeros((2, 1));
        Refused<ShapeException>(() => new CrossEntropyLoss().Compute(logits, values), "the target 2x2");
        Refused<ArgumentException>(() => new CrossEntropyLoss().Compute(one, labels), "BinaryCrossEntropyLoss");
        Refused<ArgumentException>(
            () => new CrossEntropyLoss { ClassWeights = [1, 1] }.Compute(logits, labels), "2 class weights");
        Refused<ArgumentException>(() => new CrossEntropyLoss { ClassWeights = [1, -1, 1] }.Compute(logits, labels), "negative");
        Refused<ArgumentException>(() => new CrossEntropyLoss { LabelSmoothing = 1.5f }.Compute(logits, labels), "1.5");
        Refused<ShapeException>(() => new MeanSquaredErrorLoss().Compute(logits, values), "expected as many elements");
        Refused<ArgumentException>(() => new HuberLoss { Delta = 0 }.Compute(values, values), "delta is 0");
        Refused<ArgumentException>(() => new FocalLoss { Gamma = -1 }.Compute(values, values), "gamma is -1");
        Refused<ArgumentException>(
            () => new BinaryCrossEntropyLoss { PositiveWeights = [1] }.Compute(values, values), "1 positive weights");
        Refused<ShapeException>(() => new MeanAbsoluteErrorLoss().Compute(values, values, logits), "the gradient is 2x3");
    }

    [Fact]
    public void A_set_refuses_two_losses_of_one_output()
    {
        LossSet losses = new() { { "a", new HuberLoss() }, { "b", new CrossEntropyLoss(), 0.5 } };
        Refused<ArgumentException>(() => losses.Add("a", new HuberLoss()), "'a' has a loss already");
        Refused<ArgumentException>(() => losses.Add("c", new HuberLoss(), double.NaN), "NaN");
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("logsoftmax")]
    [InlineData("sigmoid")]
    public void A_network_that_ends_in_what_its_loss_contains_is_trained_before_it(string end)
    {
        float[] without = Train(null, end), with = Train(end, end);
        Assert.Equal(without, with);
    }

    private static float[] Train(string? end, string loss)
    {
        GraphBuilder b = new();
        GraphValue x = b.Linear(b.Input("x", 4), 3);
        b.Output("y", end switch
        {
            "softmax" => b.Softmax(x),
            "logsoftmax" => b.LogSoftmax(x),
            "sigmoid" => b.Sigmoid(x),
            _ => x,
        });
        using Model model = b.Build(seed: 3);
        using Tensor input = Tensor.FromSpan([1, 2, 3, 4, -1, 0, 1, 2], (2, 4));
        using Tensor target = loss == "sigmoid" ? Tensor.FromSpan([0, 1, 1, 1, 0, 1], (2, 3)) : Tensor.FromSpan([2, 0], 2);
        using Trainer trainer = new(
            model.Graph, new TrainerOptions { Loss = loss == "sigmoid" ? new BinaryCrossEntropyLoss() : new CrossEntropyLoss() });
        trainer.Step(input, target);
        trainer.Step(input, target);
        return [.. model.Parameters.SelectMany(parameter => parameter.Value.ToArray())];
    }

    private static void Refused<T>(Action action, string expected)
        where T : Exception
    {
        T error = Assert.Throws<T>(action);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
