// Convolution as a node of a graph: shape rule, plans for both directions, and what is fused into them.
// Gradients: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", chapters 2 and 4.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options of a convolution.</summary>
internal readonly record struct Conv2dAttributes(
    Size2d Stride, Size2d Dilation, Padding Padding, int Groups, Activation Activation)
{
    /// <summary>Stride and dilation 1, one group, no padding.</summary>
    public Conv2dAttributes()
        : this(1, 1, default, 1, default)
    {
    }
}

/// <summary>output = activation(input (convolved with) weights + bias + residual).</summary>
internal sealed class Conv2dOperator(Conv2dAttributes attributes) : Operator
{
    private const string Name = "Conv2d";
    private const int InputIndex = 0, WeightsIndex = 1, BiasIndex = 2, ResidualIndex = 3;
    private static readonly string[] Names = ["input", "weights", "bias", "residual"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("stride", Options.Stride)
        .With("dilation", Options.Dilation)
        .With("padding", Options.Padding)
        .With("groups", Options.Groups)
        .With("activation", Options.Activation);

    /// <summary>The options.</summary>
    public Conv2dAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override int RequiredInputs => 2;

    internal override bool OverwritesOutputGradient => attributes.Activation.Kind != ActivationKind.None;

    internal override bool IsDifferentiable => attributes.Activation.HasGradientFromOutput;

    public static Operator Create(AttributeSet attributes) => new Conv2dOperator(new Conv2dAttributes(
        attributes.Size2d("stride"), attributes.Size2d("dilation"), attributes.Padding("padding"), attributes.Integer("groups", 1),
        attributes.Activation("activation")));

    /// <summary>The shape rule, resolved to numbers.</summary>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Conv2dGeometry Resolve(Shape input, Shape weights, Shape? bias, in Conv2dAttributes attributes)
    {
        WindowRule rule = WindowRule.For(Name, input);
        if (weights.Rank != 4)
        {
            throw new ShapeException(
                $"{Name}: weights are {weights}, expected four dimensions: output channels x height x width x input channels of a group.");
        }

        if (weights.ElementCount == 0)
        {
            throw new ShapeException($"{Name}: weights are {weights}, which have no elements; expected at least one on each dimension.");
        }

        int inputChannels = input[^1], outputChannels = weights[0], groups = attributes.Groups;
        if (groups < 1 || inputChannels % groups != 0 || outputChannels % groups != 0)
        {
            throw new ShapeException(
                $"{Name}: {groups} groups do not divide {inputChannels} input and {outputChannels} output channels " +
                $"(input {input}, weights {weights}).");
        }

        if (weights[^1] != inputChannels / groups)
        {
            throw new ShapeException(
                $"{Name}: input has {inputChannels} channels in {groups} group{(groups == 1 ? "" : "s")}, weights expect " +
                $"{weights[^1]} for each (input {input}, weights {weights}).");
        }

        if (bias is { } shape && shape.ElementCount != outputChannels)
        {
            throw new ShapeException($"{Name}: bias is {shape}, expected {outputChannels}, one for each output channel.");
        }

        Size2d window = (weights[1], weights[2]);
        return new Conv2dGeometry(
            input[0],
            rule.Vertical(window, attributes.Stride, attributes.Dilation, attributes.Padding),
            rule.Horizontal(window, attributes.Stride, attributes.Dilation, attributes.Padding),
            inputChannels,
            outputChannels,
            groups);
    }

    public static Shape OutputShape(in Conv2dGeometry geometry) =>
        (geometry.Batch, geometry.Vertical.Output, geometry.Horizontal.Output, geometry.OutputChannels);

    internal override bool RunsInPlace(int input) => input == ResidualIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Conv2dGeometry geometry = Geometry(inputs);
        Shape output = OutputShape(in geometry);
        if (inputs.Length > ResidualIndex && inputs[ResidualIndex] is { } residual && residual.Shape != output)
        {
            throw new ShapeException($"{Name}: the residual is {residual}, expected {output} as the output.");
        }

        outputs[0] = output;
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs)
    {
        Conv2dGeometry geometry = Geometry(inputs);
        long elements = outputs[0].Shape.ElementCount;
        int extra = (inputs.Length > BiasIndex && inputs[BiasIndex] is not null ? 1 : 0) +
            (attributes.Activation.Kind != ActivationKind.None ? 1 : 0);
        return new OperatorCost(elements * geometry.FilterLength, elements * extra, Traffic(inputs, outputs));
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(
        wanted.Contains(WeightsIndex) ? InputSet.Of(InputIndex, WeightsIndex) : InputSet.Of(WeightsIndex),
        OverwritesOutputGradient ? InputSet.Of(0) : default);

    internal override GradientWrite WritesGradient(int input) =>
        input == ResidualIndex ? GradientWrite.IsOutputGradient : GradientWrite.Accumulates;

    internal override PreparedOperator Prepare(in PrepareRequest request) =>
        new PreparedConv2d(in request, Geometry(request.Inputs), attributes.Activation);

    private Conv2dGeometry Geometry(ReadOnlySpan<ValueSpec?> inputs) => Resolve(
        inputs[InputIndex]!.Value.Shape, inputs[WeightsIndex]!.Value.Shape,
        inputs.Length > BiasIndex ? inputs[BiasIndex]?.Shape : null, in attributes);
}

/// <summary>The plans of a convolution: forwards, and for the gradient by its input the transposed one. A fully connected layer is
/// one too, and for a transposed convolution the two change places.</summary>
internal sealed class PreparedConv2d : PreparedOperator
{
    private const int InputIndex = 0, WeightsIndex = 1, BiasIndex = 2, ResidualIndex = 3;
    private readonly IKernels _kernels;
    private readonly Activation _activation;
    private readonly IConv2dPlan _forward;
    private readonly IConv2dPlan? _backward;
    private readonly bool _isPacked;

    public PreparedConv2d(in PrepareRequest request, in Conv2dGeometry geometry, Activation activation, bool transposed = false)
    {
        _kernels = request.Kernels;
        _activation = activation;
        Conv2dOptions options = new(OutputStride: request.OutputStride);
        _forward = transposed
            ? _kernels.PrepareConv2dTranspose(in geometry, activation, in options)
            : _kernels.PrepareConv2d(in geometry, activation, in options);
        try
        {
            _backward = !request.Wanted.Contains(InputIndex) ? null
                : transposed ? _kernels.PrepareConv2d(in geometry) : _kernels.PrepareConv2dTranspose(in geometry);
            bool hasBias = request.Has(BiasIndex);
            _isPacked = request.Constants[WeightsIndex] is not null && (!hasBias || request.Constants[BiasIndex] is not null);
            if (_isPacked)
            {
                request.Pack(_forward, request.Constants[WeightsIndex]!, hasBias ? request.Constants[BiasIndex] : null);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Forward(NodeTensors tensors, in RunState state)
    {
        if (!_isPacked)
        {
            _forward.Pack(tensors.Input(WeightsIndex), tensors.OptionalInput(BiasIndex));
        }

        _forward.Run(tensors.Input(InputIndex), tensors.OptionalInput(ResidualIndex), tensors.Output());
    }

    public override void Backward(NodeTensors tensors, in RunState state)
    {
        Tensor gradient = tensors.OutputGradient;
        if (_activation.Kind != ActivationKind.None)
        {
            _kernels.ActivateBackward(_activation, tensors.Output(), gradient, accumulate: false, gradient);
        }

        BackwardWeights(tensors, gradient);
        if (tensors.InputGradient(InputIndex) is { } inputGradient)
        {
            _backward!.Pack(tensors.Input(WeightsIndex), bias: null);
            _backward.Run(gradient, tensors.Adds(InputIndex) ? inputGradient : null, inputGradient);
        }
    }

    public override void Dispose()
    {
        _forward.Dispose();
        _backward?.Dispose();
        base.Dispose();
    }

    private void BackwardWeights(NodeTensors tensors, Tensor gradient)
    {
        Tensor? weights = tensors.InputGradient(WeightsIndex), bias = tensors.InputGradient(BiasIndex);
        if (weights is null)
        {
            if (bias is not null)
            {
                _kernels.ReduceSum(gradient, 1f, tensors.Adds(BiasIndex), bias);
            }

            return;
        }

        // One of them alone may be shared by another node that was there first; the other then starts from zeros.
        bool add = tensors.Adds(WeightsIndex), addBias = bias is null ? add : tensors.Adds(BiasIndex);
        if (add != addBias)
        {
            _kernels.Fill(0f, add ? bias! : weights);
        }

        _forward.BackwardWeights(tensors.Input(InputIndex), gradient, add || addBias, weights, bias);
    }
}
