// Max pooling as a node of a graph. A run with gradients stores the positions of the maxima instead of finding them again in the
// input: on the shapes of LeNet, VGG, ResNet and Inception both directions together take 1.1 to 1.6 times as long without, and
// the positions, as many as outputs, outlive a larger input where the operator before does not keep it.

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

    internal override void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
        if (wanted.Contains(0))
        {
            saved.Add(outputs[0] with { Type = ElementType.Int32 });
        }
    }

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Pool2dGeometry geometry = Pool2dRule.Resolve(Name, request.Input(0), in attributes);
        if (!request.Wanted.Contains(0))
        {
            return new SimpleOperator(tensors => kernels.MaxPool2d(in geometry, tensors.Input(), tensors.Output()));
        }

        return new SimpleOperator(
            tensors => kernels.MaxPool2dIndexed(in geometry, tensors.Input(), tensors.Output(), tensors.Saved[0]),
            tensors => kernels.MaxPool2dBackward(
                in geometry, input: null, tensors.Saved[0], tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
