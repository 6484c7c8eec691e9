// An activation as a node of its own. Passes fuse most of them into the operator before.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = activation(input), element by element.</summary>
internal sealed class ActivationOperator(Activation activation) : Operator
{
    private static readonly string[] Names = ["input"];

    public override string Kind => "Activation";

    public override AttributeSet Attributes => new AttributeSet().With("activation", Activation);

    /// <summary>Which function.</summary>
    public Activation Activation => activation;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new ActivationOperator(attributes.Activation("activation"));

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) => outputs[0] = inputs[0]!.Value;

    internal override GradientReads ReadsForGradient(InputSet wanted) => activation.HasGradientFromOutput
        ? new GradientReads(default, InputSet.Of(0))
        : new GradientReads(InputSet.Of(0));

    internal override GradientWrite WritesGradient(int input) => GradientWrite.OverwritesInPlace;

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        bool fromOutput = activation.HasGradientFromOutput;
        return new SimpleOperator(
            tensors => kernels.Activate(activation, tensors.Input(), tensors.Output()),
            tensors => kernels.ActivateBackward(
                activation, fromOutput ? tensors.Output() : tensors.Input(), tensors.OutputGradient, accumulate: false,
                tensors.InputGradient(0)!));
    }
}
