// A tensor in parts along a dimension as a node of a graph, the reverse of concatenation: channels are shuffled and gated with
// it.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Parts of given sizes along a dimension; negative ones count from the back.</summary>
internal sealed class SplitOperator(int[] sizes, int axis = -1) : Operator
{
    private const string Name = "Split";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("sizes", (ReadOnlySpan<int>)sizes).With("axis", axis);

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override int OutputCount => sizes.Length;

    public static Operator Create(AttributeSet attributes)
    {
        int[] sizes = attributes.Integers("sizes");
        return sizes.Length > 0
            ? new SplitOperator(sizes, attributes.Integer("axis", -1))
            : throw new FormatException("the attribute 'sizes' is empty, expected the size of at least one part.");
    }

    internal override bool Accepts(int input, ElementType type) => ValueSpec.IsOfFourBytes(type);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int dimension = AxisRule.Resolve(Name, axis, input.Shape);
        long sum = 0;
        foreach (int size in sizes)
        {
            sum += size;
        }

        if (sum != input.Shape[dimension] || Array.Exists(sizes, size => size < 1))
        {
            throw new ShapeException(
                $"{Name}: the parts are {string.Join(", ", sizes)}, expected positive sizes that sum to " +
                $"{input.Shape[dimension]}, dimension {dimension} of {input.Shape}.");
        }

        int[] part = input.Shape.ToArray();
        for (int i = 0; i < outputs.Length; i++)
        {
            part[dimension] = sizes[i];
            outputs[i] = input with { Shape = new Shape(part) };
        }
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Shape input = request.Input(0);
        int dimension = AxisRule.Resolve(Name, axis, input), start = 0;
        RowCopy[] outOf = new RowCopy[sizes.Length], into = new RowCopy[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            outOf[i] = RowCopy.OutOf(input, request.Output(i), dimension, start);
            into[i] = RowCopy.Into(request.Output(i), input, dimension, start);
            start += sizes[i];
        }

        return new SimpleOperator(
            tensors =>
            {
                for (int i = 0; i < outOf.Length; i++)
                {
                    kernels.CopyRows(in outOf[i], tensors.Input(), tensors.Output(i));
                }
            },
            tensors => Backward(kernels, into, tensors));
    }

    private static void Backward(IKernels kernels, RowCopy[] into, NodeTensors tensors)
    {
        Tensor gradient = tensors.InputGradient(0)!;
        if (Array.IndexOf(tensors.OutputGradients, null) >= 0)
        {
            kernels.Fill(0f, gradient);
        }

        for (int i = 0; i < into.Length; i++)
        {
            if (tensors.OutputGradients[i] is { } part)
            {
                kernels.CopyRows(in into[i], part, gradient);
            }
        }
    }
}
