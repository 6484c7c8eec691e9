// Concatenation as a node of a graph: each input is copied into its part of the output, unless it was
// written there in the first place, and the gradient copies the parts back.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The inputs side by side along a dimension; negative ones count from the back.</summary>
internal sealed class ConcatOperator(int axis = -1) : Operator
{
    private const string Name = "Concat";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("axis", Axis);

    /// <summary>The dimension.</summary>
    public int Axis => axis;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override bool IsVariadic => true;

    public static Operator Create(AttributeSet attributes) => new ConcatOperator(attributes.Integer("axis", -1));

    /// <summary>The shape rule; the axis becomes one that is counted from the front.</summary>
    /// <exception cref="ShapeException">There is no such axis, or other dimensions differ.</exception>
    public static Shape OutputShape(ReadOnlySpan<Shape> inputs, ref int axis)
    {
        if (inputs.IsEmpty)
        {
            throw new ShapeException($"{Name}: no tensors were given, expected at least one.");
        }

        Shape first = inputs[0];
        int dimension = AxisRule.Resolve(Name, axis, first);
        int[] dimensions = first.ToArray();
        for (int i = 1; i < inputs.Length; i++)
        {
            Shape shape = inputs[i];
            bool fits = shape.Rank == first.Rank;
            for (int d = 0; fits && d < shape.Rank; d++)
            {
                fits = d == dimension || shape[d] == first[d];
            }

            if (!fits)
            {
                throw new ShapeException(
                    $"{Name}: tensor {i} is {shape}, tensor 0 is {first}; expected the same dimensions except {dimension}.");
            }

            long size = (long)dimensions[dimension] + shape[dimension];
            dimensions[dimension] = size <= int.MaxValue
                ? (int)size
                : throw new ShapeException($"{Name}: dimension {dimension} would be {size}, expected less than 2^31.");
        }

        axis = dimension;
        return new Shape(dimensions);
    }

    internal override bool Accepts(int input, ElementType type) => ValueSpec.IsOfFourBytes(type);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape[] shapes = new Shape[inputs.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            ValueSpec input = inputs[i] ?? throw new ShapeException($"{Name}: tensor {i} is missing.");
            shapes[i] = input.Type == inputs[0]!.Value.Type
                ? input.Shape
                : throw new ShapeException(
                    $"{Name}: tensor {i} is of {input.Type}, tensor 0 of {inputs[0]!.Value.Type}; expected one type.");
        }

        int dimension = axis;
        outputs[0] = new ValueSpec(OutputShape(shapes, ref dimension), inputs[0]!.Value.Type);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        InputSet placedInputs = request.Placed;
        bool[] placed = [.. request.Inputs.Select((_, i) => placedInputs.Contains(i))];
        Shape output = request.Output();
        int dimension = AxisRule.Resolve(Name, axis, output), start = 0;
        RowCopy[] into = new RowCopy[request.Inputs.Length], outOf = new RowCopy[request.Inputs.Length];
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = RowCopy.Into(request.Input(i), output, dimension, start);
            outOf[i] = RowCopy.OutOf(output, request.Input(i), dimension, start);
            start += request.Input(i)[dimension];
        }

        return new SimpleOperator(
            tensors =>
            {
                for (int i = 0; i < into.Length; i++)
                {
                    if (placed[i])
                    {
                        continue;
                    }

                    kernels.CopyRows(in into[i], tensors.Input(i), tensors.Output());
                }
            },
            tensors =>
            {
                for (int i = 0; i < outOf.Length; i++)
                {
                    if (tensors.InputGradient(i) is { } gradient)
                    {
                        kernels.CopyRows(in outOf[i], tensors.OutputGradient, gradient);
                    }
                }
            });
    }
}
