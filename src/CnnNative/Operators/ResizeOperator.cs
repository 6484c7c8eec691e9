// A change of the size of pictures as a node of a graph; doubling them is what a decoder does between its layers. The size is
// given itself, or as factors, so that it follows an open input.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options: height and width of the output, or where they are 0 the factors by which the input's are multiplied and
/// rounded down.</summary>
internal readonly record struct ResizeAttributes(Size2d Size, double ScaleHeight, double ScaleWidth, ResizeFilter Filter)
{
    public static ResizeAttributes To(Size2d size, ResizeFilter filter) => new(size, 0, 0, filter);

    public static ResizeAttributes By(double height, double width, ResizeFilter filter) => new(0, height, width, filter);
}

/// <summary>Batch x height x width x channels in another height and width.</summary>
internal sealed class ResizeOperator(ResizeAttributes attributes) : Operator
{
    private const string Name = "Resize";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes
    {
        get
        {
            ResizeFilter filter = attributes.Filter;
            AttributeSet set = IsScaled
                ? new AttributeSet().With("scale", (AttributeValue)(double[])[attributes.ScaleHeight, attributes.ScaleWidth])
                : new AttributeSet().With("size", attributes.Size);
            return set
                .WithChoice("mode", filter.Mode)
                .WithChoice("coordinates", filter.Coordinates)
                .WithChoice("nearest", filter.Nearest)
                .With("antialias", filter.Antialias)
                .With("exclude_outside", filter.ExcludeOutside)
                .With("cubic_coefficient", (AttributeValue)filter.CubicCoefficient);
        }
    }

    /// <summary>The options.</summary>
    public ResizeAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    private bool IsScaled => attributes.Size == 0;

    public static Operator Create(AttributeSet attributes)
    {
        ResizeFilter filter = new(
            attributes.Choice("mode", ResizeMode.Nearest), attributes.Choice("coordinates", CoordinateMode.HalfPixel),
            attributes.Choice("nearest", NearestMode.RoundPreferFloor), attributes.Flag("antialias"),
            attributes.Flag("exclude_outside"),
            attributes.TryGet("cubic_coefficient", out AttributeValue coefficient) ? coefficient.ToNumber() : -0.75);
        if (!attributes.TryGet("scale", out AttributeValue scale))
        {
            return new ResizeOperator(ResizeAttributes.To(attributes.RequiredSize2d("size"), filter));
        }

        ReadOnlySpan<double> factors = scale.ToNumbers();
        return factors.Length == 2
            ? new ResizeOperator(ResizeAttributes.By(factors[0], factors[1], filter))
            : throw new FormatException($"the attribute 'scale' is '{scale}', expected two factors, for height and width.");
    }

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The input is no batch of pictures, or a size is not positive.</exception>
    public static ResizeGeometry Resolve(Shape input, in ResizeAttributes attributes)
    {
        WindowRule.For(Name, input);
        return new ResizeGeometry(
            input[0],
            Axis("height", input[1], attributes.Size.Height, attributes.ScaleHeight),
            Axis("width", input[2], attributes.Size.Width, attributes.ScaleWidth),
            input[3],
            attributes.Filter);
    }

    public static Shape OutputShape(in ResizeGeometry geometry) =>
        (geometry.Batch, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.Channels);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ResizeGeometry geometry = Resolve(inputs[0]!.Value.Shape, in attributes);
        outputs[0] = OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        long elements = outputs[0].Shape.ElementCount;
        int neighbours = attributes.Filter.Mode switch { ResizeMode.Nearest => 0, ResizeMode.Linear => 4, _ => 8 };
        return new OperatorCost(elements * neighbours, 0, Traffic(inputs, outputs));
    }

    internal override PreparedOperator Prepare(in PrepareRequest request) =>
        new PreparedResize(request.Kernels, Resolve(request.Input(0), in attributes));

    private static ResizeAxis Axis(string axis, int input, int size, double scale)
    {
        if (size > 0)
        {
            return new ResizeAxis(input, size);
        }

        double output = Math.Floor(input * scale);
        return output is >= 1 and <= int.MaxValue
            ? new ResizeAxis(input, (int)output, scale)
            : throw new ShapeException(FormattableString.Invariant(
                size == 0 && scale != 0
                    ? $"{Name}: the output {axis} would be {output}, expected 1 to 2^31 - 1 (input {input}, scale {scale})."
                    : (FormattableString)$"{Name}: the output {axis} is {size}, expected at least 1."));
    }
}

/// <summary>A resize with its plan.</summary>
internal sealed class PreparedResize(IKernels kernels, ResizeGeometry geometry) : PreparedOperator
{
    private readonly IResizePlan _plan = kernels.CreateResizePlan(in geometry);

    public override void Forward(NodeTensors tensors, in RunState state) => _plan.Run(tensors.Input(), tensors.Output());

    public override void Backward(NodeTensors tensors, in RunState state) =>
        _plan.Backward(tensors.OutputGradient, tensors.InputGradient(0)!);

    public override void Dispose()
    {
        _plan.Dispose();
        base.Dispose();
    }
}
