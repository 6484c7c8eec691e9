// Operators that are a function of tensors of any type and shape, written down plainly: what networks have beside their
// convolutions, such as the arithmetic of shapes, masks and indices, selection, and integers. They have no gradient.

namespace CnnNative.Operators;

/// <summary>The shape rule of a <see cref="TypedFunction"/>.</summary>
internal delegate void TypedRule(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs);

/// <summary>What a <see cref="TypedFunction"/> computes.</summary>
internal delegate void TypedBody(AttributeSet attributes, NodeTensors tensors);

/// <summary>A function: what an operator is without its attributes.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="Inputs">The names of the inputs.</param>
/// <param name="Infer">The shape rule.</param>
/// <param name="Run">What it computes.</param>
internal sealed record TypedFunction(string Kind, string[] Inputs, TypedRule Infer, TypedBody Run)
{
    /// <summary>How many of the inputs must be there.</summary>
    public int Required { get; init; } = Inputs.Length;

    /// <summary>Whether the last input may be repeated.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>The inputs whose elements have to be float32; the others may be of any type.</summary>
    public InputSet Singles { get; init; }

    /// <summary>How many outputs there are; 0 for as many as the attribute "outputs" says.</summary>
    public int Outputs { get; init; } = 1;
}

/// <summary>A <see cref="TypedFunction"/> with attributes.</summary>
internal sealed class TypedOperator(TypedFunction function, AttributeSet attributes) : Operator
{
    public override string Kind => function.Kind;

    public override AttributeSet Attributes => attributes;

    internal override ReadOnlySpan<string> InputNames => function.Inputs;

    internal override int RequiredInputs => function.Required;

    internal override bool IsVariadic => function.IsVariadic;

    internal override int OutputCount => function.Outputs > 0 ? function.Outputs : attributes.Integer("outputs", 1);

    internal override bool IsDifferentiable => false;

    internal override bool Accepts(int input, ElementType type) => type == ElementType.Float32 ||
        !function.Singles.Contains(input);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        try
        {
            function.Infer(attributes, inputs, outputs);
        }
        catch (Exception error) when (IsMisfit(error))
        {
            throw Misfit(string.Join(", ", inputs.ToArray().Select(input => input?.ToString() ?? "nothing")), error);
        }
    }

    internal override GradientWrite WritesGradient(int input) => GradientWrite.None;

    internal override PreparedOperator Prepare(in PrepareRequest request) => new SimpleOperator(Run);

    /// <summary>Whether an error comes of sizes, types and numbers that nothing can be made of. Functions rely on the bounds of
    /// spans for what their rules do not ask.</summary>
    private static bool IsMisfit(Exception error) => error is IndexOutOfRangeException or ArgumentOutOfRangeException
        or InvalidOperationException or OverflowException or DivideByZeroException;

    private void Run(NodeTensors tensors)
    {
        try
        {
            function.Run(attributes, tensors);
        }
        catch (Exception error) when (IsMisfit(error))
        {
            IEnumerable<string> inputs =
                tensors.Inputs.Select(tensor => tensor is null ? "nothing" : $"{tensor.Shape} {tensor.ElementType}");
            throw Misfit(string.Join(", ", inputs), error);
        }
    }

    private ShapeException Misfit(string inputs, Exception error) =>
        new($"{Kind}: the inputs are {inputs}, which do not fit together with one another or the attributes.", error);
}
