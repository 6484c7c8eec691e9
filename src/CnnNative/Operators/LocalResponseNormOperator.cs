// Local response normalisation as a node of a graph: what AlexNet and GoogLeNet have.
// Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3, with the divisor that PyTorch and ONNX agree on.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options: how many neighbouring channels count, and the constants of the formula.</summary>
internal readonly record struct LocalResponseAttributes(int Size = 5, float Alpha = 1e-4f, float Beta = 0.75f, float Bias = 1f);

/// <summary>Divides each element by a power of the squares of its neighbours across channels.</summary>
internal sealed class LocalResponseNormOperator(LocalResponseAttributes attributes) : Operator
{
    private const string Name = "LocalResponseNorm";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("size", attributes.Size)
        .With("alpha", attributes.Alpha)
        .With("beta", attributes.Beta)
        .With("bias", attributes.Bias);

    /// <summary>The options.</summary>
    public LocalResponseAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new LocalResponseNormOperator(new LocalResponseAttributes(
        attributes.Integer("size", 5), attributes.Single("alpha", 1e-4f), attributes.Single("beta", 0.75f),
        attributes.Single("bias", 1f)));

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The size is not positive.</exception>
    public static LocalResponseGeometry Resolve(Shape input, in LocalResponseAttributes attributes)
    {
        if (attributes.Size < 1)
        {
            throw new ShapeException($"{Name}: size is {attributes.Size}, expected at least 1 channel.");
        }

        int channels = input[^1];
        return new LocalResponseGeometry(
            checked((int)(input.ElementCount / channels)), channels, attributes.Size, attributes.Alpha, attributes.Beta,
            attributes.Bias);
    }

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Resolve(inputs[0]!.Value.Shape, in attributes);
        outputs[0] = inputs[0]!.Value;
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(outputs[0].Shape.ElementCount * attributes.Size, 2 * outputs[0].Shape.ElementCount, Traffic(inputs, outputs));

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(InputSet.Of(0));

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        LocalResponseGeometry geometry = Resolve(request.Input(0), in attributes);
        return new SimpleOperator(
            tensors => kernels.LocalResponseNorm(in geometry, tensors.Input(), tensors.Output()),
            tensors => kernels.LocalResponseNormBackward(
                in geometry, tensors.Input(), tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
