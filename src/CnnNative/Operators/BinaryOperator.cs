// Arithmetic and comparisons of two values with broadcasting as a node of a graph. The sum of a residual block is AddOperator,
// whose gradients are not even computed. The gradient by an operand that was repeated is summed over its repetitions.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>output = left (operation) right, element by element; shapes are aligned at their innermost dimensions, and sizes of 1
/// are repeated. Comparisons give 1 or 0, and have no gradient. Of two equal elements the left one is the minimum or
/// maximum.</summary>
internal sealed class BinaryOperator(BinaryOperation operation) : Operator
{
    private const string Name = "Binary";
    private const int LeftIndex = 0, RightIndex = 1;
    private static readonly string[] Names = ["left", "right"];

    public override string Kind => Name;

    public override AttributeSet Attributes => new AttributeSet().WithChoice("operation", Operation);

    /// <summary>What is done.</summary>
    public BinaryOperation Operation => operation;

    internal override ReadOnlySpan<string> InputNames => Names;

    private bool IsSum => operation is BinaryOperation.Add or BinaryOperation.Subtract;

    private bool IsChoice => operation is BinaryOperation.Minimum or BinaryOperation.Maximum;

    public static Operator Create(AttributeSet attributes) =>
        new BinaryOperator(attributes.Choice<BinaryOperation>("operation"));

    internal override bool RunsInPlace(int input) => true;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape left = inputs[LeftIndex]!.Value.Shape, right = inputs[RightIndex]!.Value.Shape;
        int[] sizes = new int[Math.Max(left.Rank, right.Rank)];
        for (int i = 0; i < sizes.Length; i++)
        {
            int first = Broadcasting.Size(left, sizes.Length, i), second = Broadcasting.Size(right, sizes.Length, i);
            if (first != second && first != 1 && second != 1)
            {
                throw new ShapeException(
                    $"{Name}: left is {left}, right is {right}; expected sizes from the innermost dimension on that are " +
                    "equal or 1.");
            }

            sizes[i] = Math.Max(first, second);
        }

        outputs[0] = new Shape(sizes);
    }

    internal override GradientReads ReadsForGradient(InputSet wanted)
    {
        InputSet inputs = default, outputs = default;
        if (operation == BinaryOperation.Multiply)
        {
            inputs = wanted.Contains(LeftIndex) ? inputs.With(RightIndex) : inputs;
            inputs = wanted.Contains(RightIndex) ? inputs.With(LeftIndex) : inputs;
        }
        else if (operation == BinaryOperation.Divide)
        {
            inputs = inputs.With(RightIndex);
            outputs = wanted.Contains(RightIndex) ? outputs.With(0) : outputs;
        }
        else if (IsChoice)
        {
            inputs = InputSet.Of(LeftIndex, RightIndex);
        }

        return new GradientReads(inputs, outputs);
    }

    internal override GradientWrite WritesGradient(int input) => operation switch
    {
        BinaryOperation.Less or BinaryOperation.Equal => GradientWrite.None,
        BinaryOperation.Add or BinaryOperation.Subtract => GradientWrite.Accumulates,
        _ => input == LeftIndex ? GradientWrite.OverwritesInPlace : GradientWrite.Overwrites,
    };

    /// <summary>A product that is summed afterwards, or the part of a minimum's gradient that goes to the right
    /// operand.</summary>
    internal override void Scratch(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> scratch)
    {
        bool isRepeated = false;
        for (int i = LeftIndex; i <= RightIndex; i++)
        {
            isRepeated |= wanted.Contains(i) && inputs[i]!.Value.Shape.ElementCount != outputs[0].Shape.ElementCount;
        }

        if (IsChoice || (isRepeated && !IsSum))
        {
            scratch.Add(outputs[0]);
        }
    }

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.Binary(operation, tensors.Input(LeftIndex), tensors.Input(RightIndex), tensors.Output()),
            tensors =>
            {
                // The left one last, because its gradient may lie where the output's does.
                Backward(kernels, tensors, RightIndex);
                Backward(kernels, tensors, LeftIndex);
            });
    }

    private void Backward(IKernels kernels, NodeTensors tensors, int index)
    {
        if (tensors.InputGradient(index) is not { } gradient)
        {
            return;
        }

        Tensor upstream = tensors.OutputGradient;
        if (IsSum)
        {
            bool negative = operation == BinaryOperation.Subtract && index == RightIndex;
            BackwardSum(kernels, upstream, negative, tensors.Adds(index), gradient);
            return;
        }

        bool isRepeated = gradient.ElementCount != upstream.ElementCount;
        Tensor full = isRepeated ? tensors.Scratch[0] : gradient;
        switch (operation)
        {
            case BinaryOperation.Multiply:
                kernels.Binary(BinaryOperation.Multiply, upstream, tensors.Input(1 - index), full);
                break;
            case BinaryOperation.Divide:
                BackwardDivide(kernels, tensors, index, full);
                break;
            default:
                BackwardChoice(kernels, tensors, index, full);
                break;
        }

        if (isRepeated)
        {
            kernels.ReduceSum(full, 1f, accumulate: false, gradient);
        }
    }

    /// <summary>dX = dZ; dY = dZ or -dZ. A reduction that reduces nothing takes ten times as long as a copy.</summary>
    private static void BackwardSum(IKernels kernels, Tensor upstream, bool negative, bool adds, Tensor gradient)
    {
        if (gradient.ElementCount != upstream.ElementCount)
        {
            kernels.ReduceSum(upstream, negative ? -1f : 1f, adds, gradient);
        }
        else if (adds)
        {
            BinaryOperation operation = negative ? BinaryOperation.Subtract : BinaryOperation.Add;
            kernels.Binary(operation, gradient, new AlignedTensor(upstream, gradient.Shape), gradient);
        }
        else if (negative)
        {
            kernels.Unary(UnaryOperation.Negate, 0f, upstream, gradient);
        }
        else
        {
            kernels.Copy(upstream, gradient);
        }
    }

    /// <summary>dX = dZ / y; dY = -dX z.</summary>
    private static void BackwardDivide(IKernels kernels, NodeTensors tensors, int index, Tensor gradient)
    {
        kernels.Binary(BinaryOperation.Divide, tensors.OutputGradient, tensors.Input(RightIndex), gradient);
        if (index == RightIndex)
        {
            kernels.Binary(BinaryOperation.Multiply, gradient, tensors.Output(), gradient);
            kernels.Unary(UnaryOperation.Negate, 0f, gradient, gradient);
        }
    }

    /// <summary>dY = dZ where the right one was taken; dX = dZ - dY.</summary>
    private void BackwardChoice(IKernels kernels, NodeTensors tensors, int index, Tensor gradient)
    {
        Tensor left = tensors.Input(LeftIndex), right = tensors.Input(RightIndex), upstream = tensors.OutputGradient;
        Tensor rightPart = tensors.Scratch[0];
        if (operation == BinaryOperation.Minimum)
        {
            kernels.Binary(BinaryOperation.Less, right, left, rightPart);
        }
        else
        {
            kernels.Binary(BinaryOperation.Less, left, right, rightPart);
        }

        if (index == RightIndex)
        {
            kernels.Binary(BinaryOperation.Multiply, rightPart, upstream, gradient);
            return;
        }

        kernels.Binary(BinaryOperation.Multiply, rightPart, upstream, rightPart);
        kernels.Binary(BinaryOperation.Subtract, upstream, rightPart, gradient);
    }
}
