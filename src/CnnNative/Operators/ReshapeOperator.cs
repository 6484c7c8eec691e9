// Another shape for the same elements. It moves nothing: input and output share memory, and so do their gradients.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The elements of the input in another shape. A dimension 0 is that of the input, and one of -1 takes the rest; with the
/// batch kept, a shape serves every batch.</summary>
internal sealed class ReshapeOperator(int[] shape) : Operator
{
    private static readonly string[] Names = ["input"];

    /// <summary>Keeps the batch and lays everything else in a row.</summary>
    public static ReshapeOperator Flatten { get; } = new([0, -1]);

    public override string Kind => "Reshape";

    public override AttributeSet Attributes => new AttributeSet().With("shape", (ReadOnlySpan<int>)shape);

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override bool IsView => true;

    public static Operator Create(AttributeSet attributes) => new ReshapeOperator(attributes.Integers("shape"));

    internal override bool Accepts(int input, ElementType type) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] sizes = new int[shape.Length];
        long known = 1;
        int open = -1;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i] == 0 && i < input.Shape.Rank ? input.Shape[i] : shape[i];
            if (sizes[i] == -1 && open < 0)
            {
                open = i;
            }
            else
            {
                known *= sizes[i];
            }
        }

        if (open >= 0 && known > 0 && input.Shape.ElementCount % known == 0)
        {
            sizes[open] = checked((int)(input.Shape.ElementCount / known));
            known = input.Shape.ElementCount;
        }

        if (known != input.Shape.ElementCount)
        {
            throw new ShapeException(
                $"Reshape: input {input.Shape} has {input.Shape.ElementCount} elements, which do not fit into {string.Join('x', shape)}.");
        }

        outputs[0] = input with { Shape = new Shape(sizes) };
    }

    internal override GradientWrite WritesGradient(int input) => GradientWrite.IsOutputGradient;

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(tensors => kernels.Copy(tensors.Input(), tensors.Output()));
    }
}
