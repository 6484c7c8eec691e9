// Average pooling as a node of a graph. Its gradient reads nothing: every element of a window has the same share.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The mean of each window, channel by channel.</summary>
internal sealed class AveragePool2dOperator(Pool2dAttributes attributes) : Operator
{
    private const string Name = "AveragePool2d";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => attributes.ToSet(isAverage: true);

    /// <summary>The options.</summary>
    public Pool2dAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new AveragePool2dOperator(Pool2dAttributes.From(attributes));

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Pool2dGeometry geometry = Pool2dRule.Resolve(Name, inputs[0]!.Value.Shape, in attributes);
        outputs[0] = Pool2dRule.OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) => new(
        0, outputs[0].Shape.ElementCount * attributes.Window.Height * attributes.Window.Width, Traffic(inputs, outputs));

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Pool2dGeometry geometry = Pool2dRule.Resolve(Name, request.Input(0), in attributes);
        return new SimpleOperator(
            tensors => kernels.AveragePool2d(in geometry, tensors.Input(), tensors.Output()),
            tensors => kernels.AveragePool2dBackward(in geometry, tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
