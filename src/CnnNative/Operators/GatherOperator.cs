// Rows of a dimension that indices name as a node of a graph: how an embedding is read.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The input, whose dimension <see cref="Axis"/> is replaced by those of the indices; negative indices count from the
/// back.</summary>
internal sealed class GatherOperator(int axis = 0) : Operator
{
    private const string Name = "Gather";
    private const int InputIndex = 0, IndicesIndex = 1;
    private static readonly string[] Names = ["input", "indices"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("axis", Axis);

    /// <summary>The dimension; negative ones count from the back.</summary>
    public int Axis => axis;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new GatherOperator(attributes.Integer("axis", 0));

    internal override bool Accepts(int input, ElementType type) =>
        input == IndicesIndex ? type is ElementType.Int32 or ElementType.Int64 : ValueSpec.IsOfFourBytes(type);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[InputIndex]!.Value, indices = inputs[IndicesIndex]!.Value;
        int dimension = AxisRule.Resolve(Name, axis, input.Shape);
        int[] shape = input.Shape.ToArray();
        outputs[0] = input with { Shape = new Shape([.. shape[..dimension], .. indices.Shape, .. shape[(dimension + 1)..]]) };
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(InputSet.Of(IndicesIndex));

    internal override GradientWrite WritesGradient(int input) =>
        input == InputIndex ? GradientWrite.Overwrites : GradientWrite.None;

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        CostOfMoving(inputs, outputs);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        Shape input = request.Input(InputIndex);
        int dimension = AxisRule.Resolve(Name, axis, input);
        int outer = 1, inner = 1;
        for (int i = 0; i < input.Rank; i++)
        {
            outer *= i < dimension ? input[i] : 1;
            inner *= i > dimension ? input[i] : 1;
        }

        ValueSpec indices = request.Inputs[IndicesIndex]!.Value;
        GatherGeometry geometry = new(
            indices.Type == ElementType.Int64 ? IndexType.Int64 : IndexType.Int32, outer, input[dimension], inner,
            checked((int)indices.Shape.ElementCount));
        return new SimpleOperator(
            tensors => kernels.Gather(in geometry, tensors.Input(InputIndex), tensors.Input(IndicesIndex), tensors.Output()),
            tensors => kernels.GatherBackward(
                in geometry, tensors.OutputGradient, tensors.Input(IndicesIndex), tensors.InputGradient(InputIndex)!));
    }
}
