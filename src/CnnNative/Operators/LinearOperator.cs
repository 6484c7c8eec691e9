// The fully connected layer as a node of a graph. It is a 1x1 convolution over its rows, and runs and is differentiated as one.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = activation(input x transposed weights + bias + residual); rows x features.</summary>
internal sealed class LinearOperator(Activation activation = default) : Operator
{
    private const string Name = "Linear";
    private const int InputIndex = 0, WeightsIndex = 1, BiasIndex = 2, ResidualIndex = 3;
    private static readonly string[] Names = ["input", "weights", "bias", "residual"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("activation", Activation);

    /// <summary>What is applied to each output.</summary>
    public Activation Activation => activation;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override int RequiredInputs => 2;

    internal override bool OverwritesOutputGradient => activation.Kind != ActivationKind.None;

    internal override bool IsDifferentiable => activation.HasGradientFromOutput;

    public static Operator Create(AttributeSet attributes) => new LinearOperator(attributes.Activation("activation"));

    internal override bool RunsInPlace(int input) => input == ResidualIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = inputs[InputIndex]!.Value.Shape, weights = inputs[WeightsIndex]!.Value.Shape;
        if (input.Rank != 2)
        {
            throw new ShapeException($"{Name}: input is {input}, expected rows x features; put a Flatten before it.");
        }

        if (input[1] == 0 || weights.ElementCount == 0)
        {
            throw new ShapeException($"{Name}: input is {input}, weights are {weights}; expected at least one feature on each side.");
        }

        if (weights.Rank != 2 || weights[1] != input[1])
        {
            throw new ShapeException(
                $"{Name}: input has {input[1]} features, weights are {weights}; expected output features x {input[1]}.");
        }

        if (inputs.Length > BiasIndex && inputs[BiasIndex] is { } bias && bias.Shape.ElementCount != weights[0])
        {
            throw new ShapeException($"{Name}: bias is {bias}, expected {weights[0]}, one for each output feature.");
        }

        outputs[0] = (Shape)(input[0], weights[0]);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        long elements = outputs[0].Shape.ElementCount;
        int extra = (inputs.Length > BiasIndex && inputs[BiasIndex] is not null ? 1 : 0) +
            (activation.Kind != ActivationKind.None ? 1 : 0);
        return new OperatorCost(elements * inputs[InputIndex]!.Value.Shape[1], elements * extra, Traffic(inputs, outputs));
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(
        wanted.Contains(WeightsIndex) ? InputSet.Of(InputIndex, WeightsIndex) : InputSet.Of(WeightsIndex),
        OverwritesOutputGradient ? InputSet.Of(0) : default);

    internal override GradientWrite WritesGradient(int input) =>
        input == ResidualIndex ? GradientWrite.IsOutputGradient : GradientWrite.Accumulates;

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        Shape input = request.Input(InputIndex);
        var geometry = Conv2dGeometry.Linear(input[0], input[1], request.Output()[1]);
        return new PreparedConv2d(in request, in geometry, activation);
    }
}
