// Max pooling to a given size, and over the whole picture, as nodes of a graph. A run with gradients stores the positions of the
// maxima; see MaxPool2dOperator.

using CnnNative.Kernels;

namespace CnnNative.Operators;

/// <summary>The largest element of each of size.Height x size.Width windows, which cover the picture evenly.</summary>
internal sealed class AdaptiveMaxPool2dOperator : Operator
{
    private const string Name = "AdaptiveMaxPool2d";
    private const string GlobalName = "GlobalMaxPool";
    private static readonly string[] Names = ["input"];
    private readonly Size2d _size;

    /// <summary>Pools to a size.</summary>
    public AdaptiveMaxPool2dOperator(Size2d size)
        : this(Name, size)
    {
    }

    private AdaptiveMaxPool2dOperator(string kind, Size2d size) => (Kind, _size) = (kind, size);

    /// <summary>The largest element of each channel, which is an operator of its own to model files: it has no options.</summary>
    public static AdaptiveMaxPool2dOperator Global { get; } = new(GlobalName, 1);

    public override string Kind { get; }

    public override AttributeSet Attributes => Kind == GlobalName ? AttributeSet.Empty : new AttributeSet().With("size", Size);

    /// <summary>Height and width of the output.</summary>
    public Size2d Size => _size;

    internal override ReadOnlySpan<string> InputNames => Names;

    public static Operator Create(AttributeSet attributes) => new AdaptiveMaxPool2dOperator(attributes.RequiredSize2d("size"));

    public static Operator CreateGlobal(AttributeSet attributes) => Global;

    internal override void Infer(ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        AdaptivePool2dGeometry geometry = AdaptivePoolRule.Resolve(Kind, inputs[0]!.Value.Shape, _size);
        outputs[0] = AdaptivePoolRule.OutputShape(in geometry);
    }

    internal override OperatorCost Cost(ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs) =>
        new(0, AdaptivePoolRule.Operations(inputs[0]!.Value.Shape, outputs[0].Shape), Traffic(inputs, outputs));

    internal override void Save(
        ReadOnlySpan<ValueSpec?> inputs, ReadOnlySpan<ValueSpec> outputs, InputSet wanted, List<ValueSpec> saved)
    {
        if (wanted.Contains(0))
        {
            saved.Add(outputs[0] with { Type = ElementType.Int32 });
        }
    }

    internal override PreparedOperator Prepare(in PrepareRequest request)
    {
        IKernels kernels = request.Kernels;
        AdaptivePool2dGeometry geometry = AdaptivePoolRule.Resolve(Kind, request.Input(0), _size);
        bool keepsPositions = request.Wanted.Contains(0);
        return new SimpleOperator(
            tensors => kernels.AdaptiveMaxPool2d(
                in geometry, tensors.Input(), tensors.Output(), keepsPositions ? tensors.Saved[0] : null),
            tensors => kernels.AdaptiveMaxPool2dBackward(
                in geometry, input: null, tensors.Saved[0], tensors.OutputGradient, tensors.InputGradient(0)!));
    }
}
