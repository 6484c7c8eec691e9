// Average pooling to a given size as a node of a graph, so that a network takes pictures of any size.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The mean of each of size.Height x size.Width windows, which cover the picture evenly.</summary>
internal sealed class AdaptiveAveragePool2dOperator(Size2d size) : Operator
{
    private const string Name = "AdaptiveAveragePool2d";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("size", Size);

    /// <summary>Height and width of the output.</summary>
    public Size2d Size => size;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) =>
        new AdaptiveAveragePool2dOperator(attributes.RequiredSize2d("size"));

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        AdaptivePool2dGeometry geometry = AdaptivePoolRule.Resolve(Name, inputs[0]!.Value.Shape, size);
        outputs[0] = AdaptivePoolRule.OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(0, AdaptivePoolRule.Operations(inputs[0]!.Value.Shape, outputs[0].Shape), Traffic(inputs, outputs));

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        AdaptivePool2dGeometry geometry = AdaptivePoolRule.Resolve(Name, request.Input(0), size);
        return new SimpleOperator(
            tensors => kernels.AdaptiveAveragePool2d(in geometry, tensors.Input(), tensors.Output()),
            tensors => kernels.AdaptiveAveragePool2dBackward(in geometry, tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
