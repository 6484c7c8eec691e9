// PReLU as a node of a graph: a ReLU whose negative side has a slope that is learned.
// Source: He et al. 2015, "Delving deep into rectifiers".

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>x for x &gt;= 0, else the slope of its channel times x; one slope may serve all channels.</summary>
internal sealed class PReluOperator : Operator
{
    private const string Name = "PRelu";
    private const int InputIndex = 0, SlopesIndex = 1;
    private static readonly string[] Names = ["input", "slopes"];

    /// <summary>The operator, which has no options.</summary>
    public static PReluOperator Instance { get; } = new();

    public override string Kind => Name;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => Instance;

    /// <summary>Checks the slopes.</summary>
    /// <exception cref="ShapeException">There is not one for each channel, nor one for all.</exception>
    public static void Require(Shape input, Shape slopes)
    {
        if (slopes.ElementCount != input[^1] && slopes.ElementCount != 1)
        {
            throw new ShapeException(
                $"{Name}: there are {slopes.ElementCount} slopes, expected {input[^1]}, one for each channel of {input}, " +
                "or 1 for all.");
        }
    }

    internal override bool RunsInPlace(int input) => input == InputIndex;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Require(inputs[InputIndex]!.Value.Shape, inputs[SlopesIndex]!.Value.Shape);
        outputs[0] = inputs[InputIndex]!.Value;
    }

    internal override GradientReads ReadsForGradient(InputSet wanted) => new(InputSet.Of(InputIndex, SlopesIndex));

    internal override GradientWrite WritesGradient(int input) =>
        input == InputIndex ? GradientWrite.OverwritesInPlace : GradientWrite.Overwrites;

    /// <summary>The kernel computes both gradients together; one that is not wanted goes here.</summary>
    internal override void Scratch(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> scratch)
    {
        for (int i = InputIndex; i <= SlopesIndex; i++)
        {
            if (!wanted.Contains(i))
            {
                scratch.Add(inputs[i]!.Value);
            }
        }
    }

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        return new SimpleOperator(
            tensors => kernels.PRelu(tensors.Input(InputIndex), tensors.Input(SlopesIndex), tensors.Output()),
            tensors => kernels.PReluBackward(
                tensors.Input(InputIndex), tensors.Input(SlopesIndex), tensors.OutputGradient, accumulate: false,
                tensors.InputGradient(InputIndex) ?? tensors.Scratch[0],
                tensors.InputGradient(SlopesIndex) ?? tensors.Scratch[0]));
    }
}
