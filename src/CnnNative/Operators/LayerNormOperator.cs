// Layer normalisation as a node of a graph. Source: Ba, Kiros and Hinton 2016, "Layer normalization".

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>Normalises over the innermost dimensions by their own mean and variance, then scales and shifts each
/// element.</summary>
internal sealed class LayerNormOperator(int dimensions = 1, float epsilon = 1e-5f) : Operator
{
    private const string Name = "LayerNorm";

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().With("dimensions", Dimensions).With("epsilon", Epsilon);

    /// <summary>How many of the innermost dimensions are normalised together.</summary>
    public int Dimensions => dimensions;

    /// <summary>What is added to the variance.</summary>
    public float Epsilon => epsilon;

    internal override ReadOnlySpan<string> InputNames => NormRule.Names;

    internal override int RequiredInputs => 1;

    public static Operator Create(AttributeSet attributes) =>
        new LayerNormOperator(attributes.Integer("dimensions", 1), attributes.Single("epsilon", 1e-5f));

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The input has fewer dimensions, or epsilon cannot be.</exception>
    public static LayerNormGeometry Resolve(Shape input, int dimensions, float epsilon)
    {
        if (dimensions < 1 || dimensions > input.Rank)
        {
            throw new ShapeException($"{Name}: {dimensions} dimensions are normalised, expected 1 to {input.Rank} for {input}.");
        }

        NormRule.RequireEpsilon(Name, epsilon);
        int length = 1;
        for (int i = input.Rank - dimensions; i < input.Rank; i++)
        {
            length = checked(length * input[i]);
        }

        return new LayerNormGeometry(checked((int)(input.ElementCount / length)), length, epsilon);
    }

    internal override bool RunsInPlace(int input) => input == NormRule.InputIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = inputs[NormRule.InputIndex]!.Value.Shape;
        NormRule.RequireParameters(Name, inputs, Resolve(input, dimensions, epsilon).Length, "element of a row");
        outputs[0] = input;
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(outputs[0].Shape.ElementCount, 0, Traffic(inputs, outputs));

    internal override void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
        int rows = Resolve(outputs[0].Shape, dimensions, epsilon).Rows;
        saved.Add((Shape)rows);
        saved.Add((Shape)rows);
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) =>
        new(InputSet.Of(NormRule.InputIndex, NormRule.GammaIndex));

    internal override GradientWrite WritesGradient(int input) => NormRule.WritesGradient(input);

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        LayerNormGeometry geometry = Resolve(request.Input(NormRule.InputIndex), dimensions, epsilon);
        return new SimpleOperator(
            tensors => kernels.LayerNorm(
                in geometry, NormRule.Parameters(tensors), tensors.Input(), tensors.Output(), NormRule.Saved(tensors)),
            tensors => kernels.LayerNormBackward(
                in geometry, NormRule.Parameters(tensors), NormRule.Saved(tensors), tensors.Input(), tensors.OutputGradient,
                NormRule.Gradients(tensors)));
    }
}
