// Max pooling as a node of a graph. The gradient finds the maxima again in the input, which the operator before mostly keeps
// anyway, so that no positions have to be stored.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The largest element of each window, channel by channel.</summary>
internal sealed class MaxPool2dOperator(Pool2dAttributes attributes) : Operator
{
    private const string Name = "MaxPool2d";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => attributes.ToSet(isAverage: false);

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new MaxPool2dOperator(Pool2dAttributes.From(attributes));

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Pool2dGeometry geometry = Pool2dRule.Resolve(Name, inputs[0]!.Value.Shape, in attributes);
        outputs[0] = Pool2dRule.OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) => new(
        0, outputs[0].Shape.ElementCount * attributes.Window.Height * attributes.Window.Width, Traffic(inputs, outputs));

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(InputSet.Of(0));

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Pool2dGeometry geometry = Pool2dRule.Resolve(Name, request.Input(0), in attributes);
        return new SimpleOperator(
            tensors => kernels.MaxPool2d(in geometry, tensors.Input(), tensors.Output()),
            tensors => kernels.MaxPool2dBackward(
                in geometry, tensors.Input(), positions: null, tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
