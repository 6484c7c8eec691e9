// Padding of any dimension as a node of a graph. Convolutions pad by themselves; this is for what they cannot do, such as
// mirrors.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Adds elements before and after each dimension, or cuts some off where a number is negative.</summary>
internal sealed class PadOperator(int[] before, int[] after, PadMode mode = PadMode.Constant, float value = 0) : Operator
{
    private const string Name = "Pad";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("before", (ReadOnlySpan<int>)before)
        .With("after", (ReadOnlySpan<int>)after)
        .WithChoice("mode", mode)
        .With("value", value);

    /// <summary>How many elements are added before each dimension.</summary>
    public ReadOnlySpan<int> Before => before;

    /// <summary>How many elements are added after each dimension.</summary>
    public ReadOnlySpan<int> After => after;

    /// <summary>What they are.</summary>
    public PadMode Mode => mode;

    /// <summary>The value of constant ones.</summary>
    public float Value => value;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new PadOperator(
        attributes.Integers("before"), attributes.Integers("after"), attributes.Choice("mode", PadMode.Constant),
        attributes.Single("value", 0));

    /// <summary>The shape rule.</summary>
    /// <exception cref="ShapeException">There are not as many amounts as dimensions, or nothing would be left of one.</exception>
    public static Shape OutputShape(Shape input, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        if (before.Length != input.Rank || after.Length != input.Rank)
        {
            throw new ShapeException(
                $"{Name}: {before.Length} amounts before and {after.Length} after were given, expected {input.Rank}, one " +
                $"for each dimension of {input}.");
        }

        int[] sizes = new int[input.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            long size = (long)before[i] + input[i] + after[i];
            sizes[i] = size is >= 1 and <= int.MaxValue
                ? (int)size
                : throw new ShapeException(
                    $"{Name}: dimension {i} would be {size}, expected 1 to 2^31 - 1 ({before[i]} before and {after[i]} " +
                    $"after {input}).");
        }

        return new Shape(sizes);
    }

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = OutputShape(inputs[0]!.Value.Shape, before, after);

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.Pad(mode, value, before, after, tensors.Input(), tensors.Output()),
            tensors => kernels.PadBackward(mode, before, after, tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
