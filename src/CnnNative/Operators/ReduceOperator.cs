// Sums and means over any dimensions as nodes of a graph. The gradient gives every element of a sum the same share.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The sum or the mean over some dimensions, or over all where none is given; they stay as dimensions of size 1, or are
/// dropped.</summary>
internal sealed class ReduceOperator(bool isMean, int[] axes, bool keepDimensions = true) : Operator
{
    private const string SumName = "ReduceSum";
    private const string MeanName = "ReduceMean";
    private static readonly string[] Names = ["input"];

    public override string Kind => isMean ? MeanName : SumName;

    public override AttributeSet Attributes =>
        new AttributeSet().With("axes", (ReadOnlySpan<int>)axes).With("keep_dimensions", keepDimensions);

    /// <summary>Whether it takes the mean, not the sum.</summary>
    public bool IsMean => isMean;

    /// <summary>The dimensions; all where there is none.</summary>
    public IReadOnlyList<int> Axes => axes;

    /// <summary>Whether the dimensions stay, with size 1.</summary>
    public bool KeepsDimensions => keepDimensions;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator CreateSum(AttributeSet attributes) => Create(isMean: false, attributes);

    public static Operator CreateMean(AttributeSet attributes) => Create(isMean: true, attributes);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = inputs[0]!.Value.Shape, kept = Aligned(input);
        if (keepDimensions)
        {
            outputs[0] = kept;
            return;
        }

        int[] dimensions = AxisRule.Resolve(Kind, axes, input);
        int[] sizes = axes.Length == 0 ? [] : [.. Enumerable.Range(0, input.Rank).Except(dimensions).Select(axis => input[axis])];
        outputs[0] = new Shape(sizes.Length == 0 ? [1] : sizes);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(0, inputs[0]!.Value.Shape.ElementCount, Traffic(inputs, outputs));

    internal override void Scratch(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> scratch) =>
        scratch.Add((Shape)1);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Shape input = request.Input(0), aligned = Aligned(input);
        float scale = isMean ? (float)((double)aligned.ElementCount / input.ElementCount) : 1f;
        return new SimpleOperator(
            tensors => kernels.ReduceSum(
                tensors.Input(), scale, accumulate: false, new AlignedTensor(tensors.Output(), aligned)),
            tensors =>
            {
                kernels.Fill(scale, tensors.Scratch[0]);
                kernels.Binary(
                    BinaryOperation.Multiply, new AlignedTensor(tensors.OutputGradient, aligned), tensors.Scratch[0],
                    tensors.InputGradient(0)!);
            });
    }

    private static ReduceOperator Create(bool isMean, AttributeSet attributes) => new(
        isMean, attributes.TryGet("axes", out _) ? attributes.Integers("axes") : [],
        !attributes.TryGet("keep_dimensions", out _) || attributes.Flag("keep_dimensions"));

    /// <summary>The input's shape with a 1 wherever it is summed.</summary>
    private Shape Aligned(Shape input)
    {
        int[] sizes = input.ToArray(), dimensions = AxisRule.Resolve(Kind, axes, input);
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = axes.Length == 0 || Array.IndexOf(dimensions, i) >= 0 ? 1 : sizes[i];
        }

        return new Shape(sizes);
    }
}
