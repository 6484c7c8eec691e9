// An operator is what a node of a graph does: attributes, shape rule, cost, and how it is prepared to run and to be
// differentiated. Operators are immutable and know neither names nor memory, so that many nodes and graphs can share one.

using CnnNative.Operators;

namespace CnnNative;

/// <summary>What a node of a <see cref="Graph"/> computes.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public abstract class Operator
{
    private protected Operator()
    {
    }

    /// <summary>The operator's name, such as "Conv2d".</summary>
    public abstract string Kind { get; }

    /// <summary>Its options.</summary>
    public virtual AttributeSet Attributes => AttributeSet.Empty;

    /// <summary>The names of the inputs, in order; those behind <see cref="RequiredInputs"/> may be missing. The last name
    /// stands for any number of inputs where <see cref="IsVariadic"/> says so.</summary>
    internal abstract ReadOnlySpan<string> InputNames { get; }

    /// <summary>How many of the inputs must be there.</summary>
    internal virtual int RequiredInputs => InputNames.Length;

    /// <summary>Whether the last input may be repeated.</summary>
    internal virtual bool IsVariadic => false;

    /// <summary>How many outputs there are.</summary>
    internal virtual int OutputCount => 1;

    /// <summary>Whether the first output is the first input in another shape, and needs neither memory nor time.</summary>
    internal virtual bool IsView => false;

    /// <summary>The same, for runs without gradients.</summary>
    internal virtual bool IsViewInInference => IsView;

    /// <summary>Whether gradients pass through.</summary>
    internal virtual bool IsDifferentiable => true;

    /// <summary>Whether the output may stand where that input stood; only asked of inputs with the output's spec.</summary>
    internal virtual bool RunsInPlace(int input) => false;

    /// <summary>Whether an input may have elements of a type; single precision by default.</summary>
    internal virtual bool Accepts(int input, ElementType type) => type == ElementType.Float32;

    /// <summary>The shape rule.</summary>
    /// <param name="inputs">The specs of the inputs; null for one that is missing.</param>
    /// <param name="outputs">Receives the specs of the outputs.</param>
    /// <exception cref="ShapeException">The inputs do not fit together or to the attributes.</exception>
    internal abstract void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs);

    /// <summary>The cost of one run. By default an operation for each element of the outputs.</summary>
    internal virtual OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        long operations = 0;
        foreach (ValueSpec output in outputs)
        {
            operations += IsViewInInference ? 0 : output.Shape.ElementCount;
        }

        return new OperatorCost(0, operations, Traffic(inputs, outputs));
    }

    /// <summary>Which inputs and outputs the gradient reads, given the inputs by which it is wanted.</summary>
    internal virtual GradientReads ReadsForGradient(InputSet wanted) => default;

    /// <summary>What a run keeps for the gradient besides inputs and outputs, given the inputs by which one is wanted. Where none
    /// is, it is memory that the node works in.</summary>
    internal virtual void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
    }

    /// <summary>What the gradient works in, given the inputs by which it is wanted: tensors that are undefined before and after
    /// it.</summary>
    internal virtual void Scratch(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> scratch)
    {
    }

    /// <summary>How the gradient by an input comes about.</summary>
    internal virtual GradientWrite WritesGradient(int input) => GradientWrite.Overwrites;

    /// <summary>Whether the gradient changes the output's gradient on its way; then nobody may share its memory.</summary>
    internal virtual bool OverwritesOutputGradient => false;

    /// <summary>Prepares runs for given shapes.</summary>
    internal abstract PreparedOperator Prepare(in PrepareRequest request);

    /// <summary>The cost of what only moves elements.</summary>
    private protected static OperatorCost CostOfMoving(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(0, 0, Traffic(inputs, outputs));

    private protected static long Traffic(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        long bytes = 0;
        foreach (ValueSpec? input in inputs)
        {
            bytes += input?.Bytes ?? 0;
        }

        foreach (ValueSpec output in outputs)
        {
            bytes += output.Bytes;
        }

        return bytes;
    }
}
