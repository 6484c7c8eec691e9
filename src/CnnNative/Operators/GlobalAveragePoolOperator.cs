// The mean over all pixels as a node of a graph: what most classifiers end with.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Batch x height x width x channels to batch x 1 x 1 x channels, by the mean.</summary>
internal sealed class GlobalAveragePoolOperator : Operator
{
    private const string Name = "GlobalAveragePool";
    private static readonly string[] Names = ["input"];

    /// <summary>The operator, which has no options.</summary>
    public static GlobalAveragePoolOperator Instance { get; } = new();

    public override string Kind => Name;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => Instance;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = WindowRule.For(Name, inputs[0]!.Value.Shape).Input;
        outputs[0] = (Shape)(input[0], 1, 1, input[^1]);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(0, inputs[0]!.Value.Shape.ElementCount, Traffic(inputs, outputs));

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.GlobalAveragePool(tensors.Input(), tensors.Output()),
            tensors => kernels.GlobalAveragePoolBackward(tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
