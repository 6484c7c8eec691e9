// A part of a tensor as a node of a graph, with the rules of Python and ONNX for negative positions and steps.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Elements from a start up to an end, in steps, along some dimensions. Negative positions count from the back; those
/// that lie outside stand for the border.</summary>
internal sealed class SliceOperator(int[] axes, int[] starts, int[] ends, int[] steps) : Operator
{
    private const string Name = "Slice";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("axes", (ReadOnlySpan<int>)axes)
        .With("starts", (ReadOnlySpan<int>)starts)
        .With("ends", (ReadOnlySpan<int>)ends)
        .With("steps", (ReadOnlySpan<int>)steps);

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes)
    {
        int[] axes = attributes.Integers("axes"), steps = new int[axes.Length];
        Array.Fill(steps, 1);
        return new SliceOperator(
            axes, attributes.Integers("starts"), attributes.Integers("ends"),
            attributes.TryGet("steps", out _) ? attributes.Integers("steps") : steps);
    }

    internal override bool Accepts(int input, ElementType type) => ValueSpec.IsOfFourBytes(type);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        outputs[0] = input with { Shape = Resolve(input.Shape).Output };
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        (Shape _, int[] first, int[] step) = Resolve(request.Input(0));
        return new SimpleOperator(
            tensors => kernels.Slice(first, step, tensors.Input(), tensors.Output()),
            tensors => kernels.SliceBackward(first, step, tensors.OutputGradient, tensors.InputGradient(0)!));
    }

    private static (int Start, int Count) Range(int size, int start, int end, int step)
    {
        long from = start < 0 ? (long)start + size : start, to = end < 0 ? (long)end + size : end;
        if (step > 0)
        {
            (from, to) = (Math.Clamp(from, 0, size), Math.Clamp(to, 0, size));
            return ((int)from, (int)Math.Max(0, (to - from + step - 1) / step));
        }

        (from, to) = (Math.Clamp(from, 0, size - 1), Math.Clamp(to, -1, size - 1));
        return ((int)from, (int)Math.Max(0, (to - from + step + 1) / step));
    }

    private (Shape Output, int[] Starts, int[] Steps) Resolve(Shape input)
    {
        if (starts.Length != axes.Length || ends.Length != axes.Length || steps.Length != axes.Length)
        {
            throw new ShapeException(
                $"{Name}: {starts.Length} starts, {ends.Length} ends and {steps.Length} steps were given, expected " +
                $"{axes.Length}, one for each axis.");
        }

        int[] dimensions = AxisRule.Resolve(Name, axes, input);
        int[] sizes = input.ToArray(), firsts = new int[input.Rank], strides = new int[input.Rank];
        Array.Fill(strides, 1);
        for (int i = 0; i < dimensions.Length; i++)
        {
            int axis = dimensions[i];
            if (steps[i] == 0)
            {
                throw new ShapeException($"{Name}: the step of dimension {axis} is 0, expected another number.");
            }

            strides[axis] = steps[i];
            (firsts[axis], sizes[axis]) = Range(input[axis], starts[i], ends[i], steps[i]);
            if (sizes[axis] < 1)
            {
                throw new ShapeException(
                    $"{Name}: nothing is left of dimension {axis} of {input} from {starts[i]} to {ends[i]} in steps of " +
                    $"{steps[i]}, expected at least one element.");
            }
        }

        return (new Shape(sizes), firsts, strides);
    }
}
