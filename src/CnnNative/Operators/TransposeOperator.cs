// Another order of the dimensions as a node of a graph. Importers put it where a network was written for the other layout.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Dimension i of the output is dimension axes[i] of the input.</summary>
internal sealed class TransposeOperator(int[] axes) : Operator
{
    private const string Name = "Transpose";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("axes", Axes);

    /// <summary>The dimensions of the input in the order of the output.</summary>
    public ReadOnlySpan<int> Axes => axes;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new TransposeOperator(attributes.Integers("axes"));

    /// <summary>The shape rule; the axes become ones that are counted from the front.</summary>
    /// <exception cref="ShapeException">Not every dimension is there once.</exception>
    public static Shape OutputShape(Shape input, ReadOnlySpan<int> axes, out int[] dimensions)
    {
        if (axes.Length != input.Rank)
        {
            throw new ShapeException(
                $"{Name}: {axes.Length} axes were given, expected {input.Rank}, one for each dimension of {input}.");
        }

        dimensions = AxisRule.Resolve(Name, axes, input);
        int[] sizes = new int[dimensions.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = input[dimensions[i]];
        }

        return new Shape(sizes);
    }

    internal override bool Accepts(int input, ElementType type) => ValueSpec.IsOfFourBytes(type);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        outputs[0] = input with { Shape = OutputShape(input.Shape, axes, out _) };
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        OutputShape(request.Input(0), axes, out int[] forward);
        int[] backward = new int[forward.Length];
        for (int i = 0; i < forward.Length; i++)
        {
            backward[forward[i]] = i;
        }

        return new SimpleOperator(
            tensors => kernels.Transpose(forward, tensors.Input(), tensors.Output()),
            tensors => kernels.Transpose(backward, tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
