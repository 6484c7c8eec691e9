// The sum of a residual block, with the activation that often follows it.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = activation(left + right), of one shape.</summary>
internal sealed class AddOperator(Activation activation = default) : Operator
{
    private static readonly string[] Names = ["left", "right"];

    public override string Kind => "Add";

    public override AttributeSet Attributes => new AttributeSet().With("activation", Activation);

    /// <summary>What is applied to each sum.</summary>
    public Activation Activation => activation;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override bool OverwritesOutputGradient => activation.Kind != ActivationKind.None;

    internal override bool IsDifferentiable => activation.HasGradientFromOutput;

    public static Operator Create(AttributeSet attributes) => new AddOperator(attributes.Activation("activation"));

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec left = inputs[0]!.Value, right = inputs[1]!.Value;
        outputs[0] = left.Shape == right.Shape
            ? left
            : throw new ShapeException($"Add: left is {left.Shape}, right is {right.Shape}; expected the same shape.");
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) =>
        new(default, OverwritesOutputGradient ? InputSet.Of(0) : default);

    internal override GradientWrite WritesGradient(int input) => GradientWrite.IsOutputGradient;

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.Add(tensors.Input(0), tensors.Input(1), activation, tensors.Output()),
            tensors => kernels.ActivateBackward(
                activation, tensors.Output(), tensors.OutputGradient, accumulate: false, tensors.OutputGradient));
    }
}
