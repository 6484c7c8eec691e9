// Dropout of elements, and of whole channels, as nodes of a graph. Nothing is kept for the gradient: the mask comes from the
// seed, the step and the node, and is drawn again. Sources: Srivastava et al. 2014, "Dropout"; Tompson et al. 2015 for channels.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>In training sets elements, or channels of images, to zero at random and scales the others by 1 / (1 - probability);
/// otherwise the input itself.</summary>
internal sealed class DropoutOperator(float probability, bool spatial = false) : Operator
{
    private const string Name = "Dropout";
    private const string SpatialName = "SpatialDropout";
    private static readonly string[] Names = ["input"];

    public override string Kind => spatial ? SpatialName : Name;

    public override AttributeSet Attributes => new AttributeSet().With("probability", Probability);

    /// <summary>How likely an element or a channel is dropped.</summary>
    public float Probability => probability;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override bool IsViewInInference => true;

    public static Operator Create(AttributeSet attributes) => new DropoutOperator(attributes.Single("probability", 0.5f));

    public static Operator CreateSpatial(AttributeSet attributes) =>
        new DropoutOperator(attributes.Single("probability", 0.5f), spatial: true);

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        if (!(probability >= 0 && probability < 1))
        {
            throw new ShapeException(
                FormattableString.Invariant($"{Kind}: the probability is {probability}, expected at least 0 and less than 1."));
        }

        ValueSpec input = inputs[0]!.Value;
        if (spatial && input.Shape.Rank < 2)
        {
            throw new ShapeException($"{Kind}: input is {input}, expected at least batch x channels.");
        }

        outputs[0] = input;
    }

    internal override GradientWrite WritesGradient(int input) => GradientWrite.OverwritesInPlace;

    internal override PreparedOperator Prepare(in PrepareRequest request) =>
        new PreparedDropout(request.Kernels, request.Training ? probability : 0, spatial);
}

/// <summary>Dropout that is ready to run. Of probability 0 it is a copy, for an input that no view can be made of.</summary>
internal sealed class PreparedDropout(IKernels kernels, float probability, bool spatial) : PreparedOperator
{
    public override void Forward(NodeTensors tensors, in RunState state)
    {
        DropoutMask mask = new(probability, state.SequenceOf(tensors.NodeNumber));
        if (spatial)
        {
            kernels.SpatialDropout(in mask, tensors.Input(), tensors.Output());
        }
        else
        {
            kernels.Dropout(in mask, tensors.Input(), tensors.Output());
        }
    }

    public override void Backward(NodeTensors tensors, in RunState state)
    {
        DropoutMask mask = new(probability, state.SequenceOf(tensors.NodeNumber));
        Tensor gradient = tensors.OutputGradient, inputGradient = tensors.InputGradient(0)!;
        if (spatial)
        {
            kernels.SpatialDropoutBackward(in mask, gradient, inputGradient);
        }
        else
        {
            kernels.DropoutBackward(in mask, gradient, inputGradient);
        }
    }
}
