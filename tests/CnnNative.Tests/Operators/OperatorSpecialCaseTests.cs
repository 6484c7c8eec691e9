// What single operators do besides the table of cases: comparisons, ties, indices of both types, gradients that cannot be, and
// the public functions that run an operator once.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;
using CnnNative.Tests.Graphs;
using CnnNative.Tests.Kernels;

namespace CnnNative.Tests.Operators;

public sealed class OperatorSpecialCaseTests
{
    private static readonly RunState State = new(Seed: 1, Step: 1);

    [Theory]
    [InlineData("Less", new float[] { 1, 0, 0, 0 })]
    [InlineData("Equal", new float[] { 0, 1, 0, 0 })]
    public void A_comparison_gives_ones_and_zeros_and_has_no_gradient(string operation, float[] expected)
    {
        Operator compare = OperatorRegistry.Create("Binary", new AttributeSet { { "operation", operation } });
        GraphValue left = Input("left", 4), right = Input("right", 4);
        GraphNode node = new("compare", compare, left, right);
        using Graph graph = new([left, right], [new GraphOutput("output", node.Output)]);
        using ParameterArena arena = new(graph);
        using TrainingExecutor executor = new(
            graph, [4, 4], ComputeContext.Default.Kernels, arena, new TrainingRequest([true], [true, true], false, _ => true));
        executor.Input(0).CopyFrom([1, 2, 3, float.NaN]);
        executor.Input(1).CopyFrom([2, 2, 2, float.NaN]);

        executor.Forward(in State);

        Assert.Equal(expected, executor.Output(0).ToArray());
        Assert.Null(executor.InputGradient(0));
        Assert.Null(executor.OutputGradient(0));
    }

    [Theory]
    [InlineData("Minimum", new float[] { 1, 0, 1 }, new float[] { 0, 1, 0 })]
    [InlineData("Maximum", new float[] { 0, 1, 1 }, new float[] { 1, 0, 0 })]
    public void Of_two_equal_elements_the_left_one_gets_the_gradient(string operation, float[] byLeft, float[] byRight)
    {
        Operator choose = OperatorRegistry.Create("Binary", new AttributeSet { { "operation", operation } });
        (float[] left, float[] right) = Gradients(choose, [1, 5, 3], [2, 4, 3]);

        Assert.Equal(byLeft, left);
        Assert.Equal(byRight, right);
    }

    [Fact]
    public void The_slope_of_an_absolute_value_is_zero_at_zero()
    {
        (float[] gradient, _) = Gradients(new UnaryOperator(UnaryOperation.Absolute), [-2, 0, 3], null);

        Assert.Equal([-1f, 0f, 1f], gradient);
    }

    [Fact]
    public void The_power_zero_has_no_slope_anywhere()
    {
        (float[] gradient, _) = Gradients(new UnaryOperator(UnaryOperation.Power, 0), [-2, 0, 3], null);

        Assert.Equal([0f, 0f, 0f], gradient);
    }

    [Theory]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.Int64)]
    public void Indices_of_both_types_gather_the_same_rows(ElementType type)
    {
        GraphValue table = Input("table", 3, 2), indices = new(new GraphInput("indices", [3], type));
        GraphNode node = new("gather", new GatherOperator(), table, indices);
        using Graph graph = new([table, indices], [new GraphOutput("output", node.Output)]);
        using InferenceProgram program = new(graph, [(3, 2), 3], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        using Tensor chosen = type == ElementType.Int32
            ? IntegerElements.Create([2, 0, -1])
            : IntegerElements.Create([2L, 0L, -1L]);
        run.Input(0).CopyFrom([1, 2, 3, 4, 5, 6]);
        ComputeContext.Default.Kernels.Copy(chosen, run.Input(1));

        run.Execute();

        Assert.Equal([5f, 6f, 1f, 2f, 5f, 6f], run.Output(0).ToArray());
    }

    [Fact]
    public void A_constant_may_hold_indices()
    {
        GraphValue table = Input("table", 3, 2);
        Parameter indices = new("indices", IntegerElements.Create([1, 1]), ParameterRole.Constant);
        GraphNode node = new("gather", new GatherOperator(1), table, new GraphValue(indices));
        using Graph graph = new([table], [new GraphOutput("output", node.Output)]);
        using InferenceProgram program = new(graph, [(3, 2)], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        run.Input(0).CopyFrom([1, 2, 3, 4, 5, 6]);

        run.Execute();

        Assert.Equal([2f, 2f, 4f, 4f, 6f, 6f], run.Output(0).ToArray());
    }

    [Fact]
    public void A_parameter_that_is_trained_holds_no_integers()
    {
        using Tensor values = IntegerElements.Create([1, 2]);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new Parameter("weight", values));

        Assert.StartsWith("Parameter 'weight' is a Weight of Int32, expected Float32 for all but constants.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_through_a_fused_activation_without_one_is_refused_with_a_way_out()
    {
        GraphValue input = Input("input", 2, 3);
        GraphValue weights = new(new Parameter("weights", SampleGraphs.Random((4, 3), seed: 1)));
        GraphNode node = new("fc", new LinearOperator(Activation.Gelu), input, weights);
        using Graph graph = new([input], [new GraphOutput("output", node.Output)]);
        using ParameterArena arena = new(graph);
        TrainingRequest wants = new([true], [false], false, _ => true), wantsNothing = wants with { OutputGradients = [false] };

        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => new TrainingExecutor(graph, [(2, 3)], ComputeContext.Default.Kernels, arena, wants));
        using TrainingExecutor forward = new(graph, [(2, 3)], ComputeContext.Default.Kernels, arena, wantsNothing);

        Assert.Equal(
            "Linear 'fc' has no gradient with these attributes (activation Gelu), but an output with a gradient depends " +
            "on it; make its " +
            "activation a node of its own, or freeze all parameters before it.",
            error.Message);
    }

    [Fact]
    public void Public_functions_give_on_both_sets_of_kernels_what_their_nodes_give()
    {
        using Tensor image = SampleGraphs.Random((2, 5, 6, 4), seed: 1);
        using Tensor weights = SampleGraphs.Random((4, 3, 3, 3), seed: 2);
        using Tensor channels = SampleGraphs.Random(4, seed: 3);
        using Tensor positive = Tensor.Full(4, 0.5f);
        using Tensor bias = SampleGraphs.Random(3, seed: 4);
        Activation gelu = Activation.Gelu;
        (Func<ComputeContext, Tensor> Run, Shape Shape)[] functions =
        [
            (c => Cnn.ConvTranspose2d(image, weights, bias, 2, 1, outputPadding: (1, 0), context: c), (2, 10, 11, 3)),
            (c => Cnn.ConvTranspose2d(image, weights, null, 2, Padding.Same, activation: gelu, context: c), (2, 10, 12, 3)),
            (c => Cnn.GlobalMaxPool(image, c), (2, 1, 1, 4)),
            (c => Cnn.AdaptiveAveragePool2d(image, (2, 4), c), (2, 2, 4, 4)),
            (c => Cnn.AdaptiveMaxPool2d(image, 3, c), (2, 3, 3, 4)),
            (c => Cnn.LogSoftmax(image, c), image.Shape),
            (c => Cnn.PRelu(image, channels, c), image.Shape),
            (c => Cnn.BatchNorm(image, channels, positive, channels, context: c), image.Shape),
            (c => Cnn.LayerNorm(image, channels, channels, context: c), image.Shape),
            (c => Cnn.GroupNorm(image, 2, channels, context: c), image.Shape),
            (c => Cnn.InstanceNorm(image, context: c), image.Shape),
            (c => Cnn.LocalResponseNorm(image, size: 3, alpha: 1, context: c), image.Shape),
            (c => Cnn.Resize(image, (7, 3), ResizeFilter.Bilinear, c), (2, 7, 3, 4)),
            (c => Cnn.Resize(image, 10, ResizeFilter.NearestPixel, c), (2, 10, 10, 4)),
            (c => Cnn.Resize(image, (3, 4), ResizeFilter.Bicubic with { Antialias = true }, c), (2, 3, 4, 4)),
            (c => Cnn.Pad(image, [0, 1, 2, 0], [0, 0, 1, 0], PadMode.Reflect, context: c), (2, 6, 9, 4)),
            (c => Cnn.Transpose(image, [0, 3, 1, 2], c), (2, 4, 5, 6)),
            (c => Cnn.MatMul(image, image, transposeRight: true, context: c), (2, 5, 6, 6)),
        ];
        using ComputeContext native = new(threads: 2), managed = new(Backend.Managed);
        foreach ((Func<ComputeContext, Tensor> run, Shape shape) in functions)
        {
            using Tensor actual = run(native), expected = run(managed);

            Assert.Equal(shape, actual.Shape);

            // Sums of at most 36 products below 1 in single precision are off by 36 * 2^-24 = 2.1e-6, and normalisation divides
            // by deviations above 0.3.
            KernelPair.AreClose(expected, actual, 1e-5, 1e-5, shape.ToString());
        }
    }

    private static GraphValue Input(string name, params int[] shape) =>
        new(new GraphInput(name, [.. shape.Select(size => (Dimension)size)]));

    private static (float[] First, float[] Second) Gradients(Operator operation, float[] first, float[]? second)
    {
        GraphValue[] inputs = [Input("first", first.Length)];
        inputs = second is null ? inputs : [.. inputs, Input("second", second.Length)];
        using Graph graph = new(inputs, [new GraphOutput("output", new GraphNode("node", operation, inputs).Output)]);
        using ParameterArena arena = new(graph);
        TrainingRequest request = new([true], [.. inputs.Select(_ => true)], false, _ => true);
        using TrainingExecutor executor = new(
            graph, [.. inputs.Select(_ => (Shape)first.Length)], ComputeContext.Default.Kernels, arena, request);
        executor.Input(0).CopyFrom(first);
        if (second is not null)
        {
            executor.Input(1).CopyFrom(second);
        }

        executor.Forward(in State);
        executor.OutputGradient(0)!.Fill(1f);
        executor.Backward(in State);
        return (executor.InputGradient(0)!.ToArray(), second is null ? [] : executor.InputGradient(1)!.ToArray());
    }
}
