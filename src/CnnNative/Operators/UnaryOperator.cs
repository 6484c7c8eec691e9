// Functions of single elements that are no activations as a node of a graph. Their gradients are made of the same few kernels.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = operation(input), element by element; the exponent is that of a power.</summary>
internal sealed class UnaryOperator(UnaryOperation operation, float exponent = 1) : Operator
{
    private const string Name = "Unary";
    private static readonly string[] Names = ["input"];

    public override string Kind => Name;

    public override AttributeSet Attributes
    {
        get
        {
            AttributeSet set = new AttributeSet().WithChoice("operation", Operation);
            return operation == UnaryOperation.Power ? set.With("exponent", exponent) : set;
        }
    }

    /// <summary>Which function.</summary>
    public UnaryOperation Operation => operation;

    /// <summary>The exponent of a power.</summary>
    public float Exponent => exponent;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) =>
        new UnaryOperator(attributes.Choice<UnaryOperation>("operation"), attributes.Single("exponent", 1));

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) => outputs[0] = inputs[0]!.Value;

    internal override GradientReads ReadsForGradient(InputSet wanted) => operation switch
    {
        UnaryOperation.Negate => default,
        UnaryOperation.Exponential or UnaryOperation.SquareRoot or UnaryOperation.Reciprocal =>
            new GradientReads(default, InputSet.Of(0)),
        _ => new GradientReads(InputSet.Of(0)),
    };

    internal override GradientWrite WritesGradient(int input) =>
        operation == UnaryOperation.Absolute ? GradientWrite.Overwrites : GradientWrite.OverwritesInPlace;

    internal override void Scratch(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> scratch)
    {
        if (operation is UnaryOperation.SquareRoot or UnaryOperation.Absolute or UnaryOperation.Power)
        {
            scratch.Add((Shape)1);
        }

        if (operation is UnaryOperation.Absolute or UnaryOperation.Power)
        {
            scratch.Add(outputs[0]);
        }
    }

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.Unary(operation, exponent, tensors.Input(), tensors.Output()),
            tensors => Backward(kernels, tensors, tensors.OutputGradient, tensors.InputGradient(0)!));
    }

    private void Backward(IKernels kernels, NodeTensors tensors, Tensor upstream, Tensor gradient)
    {
        switch (operation)
        {
            case UnaryOperation.Exponential:
                kernels.Binary(BinaryOperation.Multiply, upstream, tensors.Output(), gradient);
                break;
            case UnaryOperation.Logarithm:
                kernels.Binary(BinaryOperation.Divide, upstream, tensors.Input(), gradient);
                break;
            case UnaryOperation.SquareRoot:
                kernels.Fill(0.5f, tensors.Scratch[0]);
                kernels.Binary(BinaryOperation.Divide, upstream, tensors.Output(), gradient);
                kernels.Binary(BinaryOperation.Multiply, gradient, tensors.Scratch[0], gradient);
                break;
            case UnaryOperation.Negate:
                kernels.Unary(UnaryOperation.Negate, 0f, upstream, gradient);
                break;
            case UnaryOperation.Absolute:
                BackwardAbsolute(kernels, tensors, gradient);
                break;
            case UnaryOperation.Reciprocal:
                kernels.Binary(BinaryOperation.Multiply, upstream, tensors.Output(), gradient);
                kernels.Binary(BinaryOperation.Multiply, gradient, tensors.Output(), gradient);
                kernels.Unary(UnaryOperation.Negate, 0f, gradient, gradient);
                break;
            default:
                BackwardPower(kernels, tensors, gradient);
                break;
        }
    }

    /// <summary>dX = dZ times ((0 &lt; x) - (x &lt; 0)), which is 0 at 0.</summary>
    private static void BackwardAbsolute(IKernels kernels, NodeTensors tensors, Tensor gradient)
    {
        Tensor zero = tensors.Scratch[0], isNegative = tensors.Scratch[1];
        kernels.Fill(0f, zero);
        kernels.Binary(BinaryOperation.Less, tensors.Input(), zero, isNegative);
        kernels.Binary(BinaryOperation.Less, zero, tensors.Input(), gradient);
        kernels.Binary(BinaryOperation.Subtract, gradient, isNegative, gradient);
        kernels.Binary(BinaryOperation.Multiply, gradient, tensors.OutputGradient, gradient);
    }

    /// <summary>dX = dZ exponent x ^ (exponent - 1). The power 0 is constant, also where its derivative's formula has no
    /// value.</summary>
    private void BackwardPower(IKernels kernels, NodeTensors tensors, Tensor gradient)
    {
        if (exponent == 0)
        {
            kernels.Fill(0f, gradient);
            return;
        }

        Tensor factor = tensors.Scratch[0], slope = tensors.Scratch[1];
        kernels.Fill(exponent, factor);
        kernels.Unary(UnaryOperation.Power, exponent - 1, tensors.Input(), slope);
        kernels.Binary(BinaryOperation.Multiply, slope, factor, slope);
        kernels.Binary(BinaryOperation.Multiply, tensors.OutputGradient, slope, gradient);
    }
}
