// Batch normalisation as a node of a graph. In training it uses the statistics of the batch and updates the running ones;
// afterwards, and where all its parameters are frozen, it is a scale and a shift for each channel.
// Source: Ioffe and Szegedy 2015, "Batch normalization".

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The options of batch normalisation. Momentum is what a batch contributes to the running statistics.</summary>
internal readonly record struct BatchNormAttributes(float Epsilon = 1e-5f, float Momentum = 0.1f, bool Relu = false);

/// <summary>Normalises each channel (innermost dimension), then scales and shifts it; a ReLU may follow.</summary>
internal sealed class BatchNormOperator(BatchNormAttributes attributes) : Operator
{
    private const string Name = "BatchNorm";
    private static readonly string[] Names = ["input", "mean", "variance", "gamma", "beta"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet()
        .With("epsilon", attributes.Epsilon)
        .With("momentum", attributes.Momentum)
        .With("relu", attributes.Relu);

    /// <summary>The options.</summary>
    public BatchNormAttributes Options => attributes;

    internal override ReadOnlySpan<string> InputNames => Names;

    internal override int RequiredInputs => 3;

    public static Operator Create(AttributeSet attributes) => new BatchNormOperator(new BatchNormAttributes(
        attributes.Single("epsilon", 1e-5f), attributes.Single("momentum", 0.1f), attributes.Flag("relu")));

    internal override bool RunsInPlace(int input) => input == PreparedBatchNorm.InputIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape input = inputs[0]!.Value.Shape;
        if (input.ElementCount == 0 || input.Rank == 0)
        {
            throw new ShapeException($"{Name}: input is {input}, expected channels as the innermost dimension, and at least one element.");
        }

        for (int i = 1; i < inputs.Length; i++)
        {
            if (inputs[i] is { } parameter && parameter.Shape.ElementCount != input[^1])
            {
                throw new ShapeException(
                    $"{Name}: {Names[i]} has {parameter.Shape.ElementCount} elements, expected {input[^1]}, one for each channel of {input}.");
            }
        }

        outputs[0] = input;
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(outputs[0].Shape.ElementCount, attributes.Relu ? outputs[0].Shape.ElementCount : 0, Traffic(inputs, outputs));

    internal override void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
        int channels = inputs[0]!.Value.Shape[^1];
        saved.Add((Shape)channels);
        saved.Add((Shape)channels);
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) =>
        new(InputSet.Of(0), attributes.Relu ? InputSet.Of(0) : default);

    internal override GradientWrite WritesGradient(int input) => input switch
    {
        PreparedBatchNorm.InputIndex => GradientWrite.OverwritesInPlace,
        PreparedBatchNorm.GammaIndex or PreparedBatchNorm.BetaIndex => GradientWrite.Overwrites,
        _ => GradientWrite.None,
    };

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        Shape input = request.Input(0);
        int channels = input[^1];
        int rows = checked((int)(input.ElementCount / channels));
        if (request.Training && rows < 2)
        {
            throw new ShapeException($"{Name}: the input {input} has one value for each channel, expected at least two in training.");
        }

        BatchNormGeometry geometry = new(rows, channels, attributes.Epsilon, attributes.Momentum, attributes.Relu);
        return new PreparedBatchNorm(request.Kernels, geometry, request.Training);
    }
}

/// <summary>Batch normalisation for given shapes. What it saves is the mean and the inverse deviation of the batch, or with running
/// statistics the scale and the shift.</summary>
internal sealed class PreparedBatchNorm(IKernels kernels, BatchNormGeometry geometry, bool training) : PreparedOperator
{
    public const int InputIndex = 0, MeanIndex = 1, VarianceIndex = 2, GammaIndex = 3, BetaIndex = 4;

    public override void Forward(NodeTensors tensors, in RunState state)
    {
        Tensor mean = tensors.Input(MeanIndex), variance = tensors.Input(VarianceIndex);
        if (training)
        {
            RunningStatistics running = tensors.IsRecomputation ? default : new RunningStatistics(mean, variance);
            kernels.BatchNormTrain(
                in geometry, Parameters(tensors), in running, tensors.Input(), tensors.Output(),
                new NormStatistics(tensors.Saved[0], tensors.Saved[1]));
        }
        else
        {
            kernels.BatchNormInfer(in geometry, Parameters(tensors), mean, variance, tensors.Input(), tensors.Output());
        }
    }

    public override void Backward(NodeTensors tensors, in RunState state)
    {
        Tensor? inputGradient = tensors.InputGradient(InputIndex);
        if (training)
        {
            kernels.BatchNormBackward(
                in geometry, Parameters(tensors), new NormStatistics(tensors.Saved[0], tensors.Saved[1]), tensors.Input(),
                tensors.OutputGradient,
                new NormGradients(inputGradient, tensors.InputGradient(GammaIndex), tensors.InputGradient(BetaIndex)));
            return;
        }

        Tensor scale = tensors.Saved[0], gradient = tensors.OutputGradient;
        kernels.BatchNormScaleOffset(
            in geometry, Parameters(tensors), tensors.Input(MeanIndex), tensors.Input(VarianceIndex), scale, tensors.Saved[1]);
        if (geometry.Relu)
        {
            kernels.ActivateBackward(Activation.Relu, tensors.Output(), gradient, accumulate: false, inputGradient!);
            gradient = inputGradient!;
        }

        kernels.Binary(BinaryOperation.Multiply, gradient, scale, inputGradient!);
    }

    private static NormParameters Parameters(NodeTensors tensors) =>
        new(tensors.OptionalInput(GammaIndex), tensors.OptionalInput(BetaIndex));
}
