// Softmax and its logarithm as nodes of a graph. A classifier that is trained puts out logits, because its loss has the softmax
// inside, where it cannot overflow; these are for what comes after, and for attention.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Softmax over the innermost dimension, or the logarithm of it.</summary>
internal sealed class SoftmaxOperator : Operator
{
    private static readonly string[] Names = ["input"];
    private readonly bool _logarithm;

    private SoftmaxOperator(bool logarithm) => _logarithm = logarithm;

    /// <summary>Softmax.</summary>
    public static SoftmaxOperator Softmax { get; } = new(logarithm: false);

    /// <summary>The logarithm of softmax.</summary>
    public static SoftmaxOperator LogSoftmax { get; } = new(logarithm: true);

    public override string Kind => _logarithm ? "LogSoftmax" : "Softmax";

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => Softmax;

    public static Operator CreateLogarithm(AttributeSet attributes) => LogSoftmax;

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) => outputs[0] = inputs[0]!.Value;

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(default, InputSet.Of(0));

    internal override GradientWrite WritesGradient(int input) => GradientWrite.OverwritesInPlace;

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return _logarithm
            ? new SimpleOperator(
                tensors => kernels.LogSoftmax(tensors.Input(), tensors.Output()),
                tensors => kernels.LogSoftmaxBackward(tensors.Output(), tensors.OutputGradient, tensors.InputGradient(0)!))
            : new SimpleOperator(
                tensors => kernels.Softmax(tensors.Input(), tensors.Output()),
                tensors => kernels.SoftmaxBackward(tensors.Output(), tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
