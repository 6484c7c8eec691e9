// Transposed convolution as a node of a graph: the gradient of a convolution by its input, as a layer that makes pictures larger.
// Weights are those of the convolution that leads back. Source: Dumoulin and Visin 2016, chapter 4.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options of a transposed convolution; <see cref="OutputPadding"/> are rows below and columns to the right that its
/// convolution does not reach.</summary>
internal readonly record struct ConvTranspose2dAttributes(
    Size2d Stride, Size2d Dilation, Padding Padding, Size2d OutputPadding, int Groups, Activation Activation)
{
    /// <summary>Stride and dilation 1, one group, no padding.</summary>
    public ConvTranspose2dAttributes()
        : this(1, 1, default, 0, 1, default)
    {
    }
}

/// <summary>output = activation(input (transposed convolution with) weights + bias).</summary>
internal sealed class ConvTranspose2dOperator(ConvTranspose2dAttributes attributes) : Operator
{
    private const string Name = "ConvTranspose2d";
    private const int InputIndex = 0, WeightsIndex = 1, BiasIndex = 2;
    private static readonly string[] Names = ["input", "weights", "bias"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("stride", attributes.Stride)
        .With("dilation", attributes.Dilation)
        .With("padding", attributes.Padding)
        .With("output_padding", attributes.OutputPadding)
        .With("groups", attributes.Groups)
        .With("activation", attributes.Activation);

    /// <summary>The options.</summary>
    public ConvTranspose2dAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override int RequiredInputs => 2;

    internal override bool OverwritesOutputGradient => attributes.Activation.Kind != ActivationKind.None;

    internal override bool IsDifferentiable => attributes.Activation.HasGradientFromOutput;

    public static Operator Create(AttributeSet attributes) => new ConvTranspose2dOperator(new ConvTranspose2dAttributes(
        attributes.Size2d("stride"), attributes.Size2d("dilation"), attributes.Padding("padding"),
        attributes.TryGet("output_padding", out _) ? attributes.Size2d("output_padding") : 0, attributes.Integer("groups", 1),
        attributes.Activation("activation")));

    /// <summary>The geometry of the convolution that leads from the output back to the input.</summary>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Conv2dGeometry Resolve(Shape input, Shape weights, Shape? bias, in ConvTranspose2dAttributes attributes)
    {
        WindowRule.For(Name, input);
        if (weights.Rank != 4)
        {
            throw new ShapeException(
                $"{Name}: weights are {weights}, expected four dimensions: input channels x height x width x output " +
                "channels of a group.");
        }

        int groups = attributes.Groups;
        if (groups < 1 || input[^1] % groups != 0)
        {
            throw new ShapeException($"{Name}: {groups} groups do not divide the {input[^1]} input channels (input {input}).");
        }

        if (weights[0] != input[^1])
        {
            throw new ShapeException(
                $"{Name}: input has {input[^1]} channels, weights expect {weights[0]} (input {input}, weights {weights}).");
        }

        long channels = (long)weights[^1] * groups;
        int outputChannels = channels <= int.MaxValue
            ? (int)channels
            : throw new ShapeException($"{Name}: there would be {channels} output channels, expected less than 2^31.");
        if (bias is { } shape && shape.ElementCount != outputChannels)
        {
            throw new ShapeException($"{Name}: bias is {shape}, expected {outputChannels}, one for each output channel.");
        }

        (WindowAxis vertical, WindowAxis horizontal) = ResolveWindows(input, weights, in attributes);
        return new Conv2dGeometry(input[0], vertical, horizontal, outputChannels, input[^1], groups);
    }

    public static Shape OutputShape(in Conv2dGeometry geometry) =>
        (geometry.Batch, geometry.Vertical.Input, geometry.Horizontal.Input, geometry.InputChannels);

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Conv2dGeometry geometry = Geometry(inputs);
        outputs[0] = OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        Conv2dGeometry geometry = Geometry(inputs);
        int extra = (inputs.Length > BiasIndex && inputs[BiasIndex] is not null ? 1 : 0) +
            (attributes.Activation.Kind != ActivationKind.None ? 1 : 0);
        return new OperatorCost(
            (long)geometry.OutputPixels * geometry.WeightsLength, outputs[0].Shape.ElementCount * extra,
            Traffic(inputs, outputs));
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(
        wanted.Contains(WeightsIndex) ? InputSet.Of(InputIndex, WeightsIndex) : InputSet.Of(WeightsIndex),
        OverwritesOutputGradient ? InputSet.Of(0) : default);

    internal override GradientWrite WritesGradient(int input) => GradientWrite.Accumulates;

    internal override PreparedOperator Prepare(in PrepareRequest request) =>
        new PreparedConv2d(in request, Geometry(request.Inputs), attributes.Activation, transposed: true);

    private static (WindowAxis Vertical, WindowAxis Horizontal) ResolveWindows(
        Shape input, Shape weights, in ConvTranspose2dAttributes attributes)
    {
        Padding padding = attributes.Padding;
        Size2d window = (weights[1], weights[2]), stride = attributes.Stride, dilation = attributes.Dilation;
        Size2d extra = attributes.OutputPadding;
        bool isSame = padding.Kind != PaddingKind.Explicit;
        int height = OutputSize(
            "height", input[1], window.Height, stride.Height, dilation.Height, padding.Top, padding.Bottom, extra.Height, isSame);
        int width = OutputSize(
            "width", input[2], window.Width, stride.Width, dilation.Width, padding.Left, padding.Right, extra.Width, isSame);
        RequireOutputPadding("height", extra.Height, isSame ? 1 : stride.Height);
        RequireOutputPadding("width", extra.Width, isSame ? 1 : stride.Width);

        // The rule of the convolution that leads back checks the rest.
        WindowRule rule = WindowRule.For(Name, (input[0], height, width, input[^1]));
        return (rule.Vertical(window, stride, dilation, padding), rule.Horizontal(window, stride, dilation, padding));
    }

    private static int OutputSize(
        string axis, int input, int window, int stride, int dilation, int before, int after, int extra, bool isSame)
    {
        if (stride < 1)
        {
            throw new ShapeException($"{Name}: stride {axis} is {stride}, expected at least 1.");
        }

        long size = isSame
            ? (long)input * stride
            : (input - 1L) * stride + (window - 1L) * dilation + 1 - before - after + extra;
        return size is < 1 or > int.MaxValue
            ? throw new ShapeException(
                $"{Name}: the output {axis} would be {size}, expected 1 to 2^31 - 1 (input {input}, window {window}, " +
                $"stride {stride}, dilation {dilation}, padding {before} and {after}, output padding {extra}).")
            : (int)size;
    }

    private static void RequireOutputPadding(string axis, int extra, int limit)
    {
        if (extra < 0 || (extra >= limit && extra > 0))
        {
            throw new ShapeException(
                $"{Name}: output padding of the {axis} is {extra}, expected 0{(limit > 1 ? $" to {limit - 1}" : "")}, " +
                "less than the stride.");
        }
    }

    private Conv2dGeometry Geometry(ReadOnlySpan<ValueSpec?> inputs) => Resolve(
        inputs[InputIndex]!.Value.Shape, inputs[WeightsIndex]!.Value.Shape,
        inputs.Length > BiasIndex ? inputs[BiasIndex]?.Shape : null, in attributes);
}
