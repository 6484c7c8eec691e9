// From the name and the attributes of an operator to the operator: how model files become graphs again. A table, because nothing
// may be found by reflection in a trimmed program.

namespace CnnNative.Operators;

internal static class OperatorRegistry
{
    private static readonly Dictionary<string, Func<AttributeSet, Operator>> Makers = new(StringComparer.Ordinal)
    {
        ["Activation"] = ActivationOperator.Create,
        ["AdaptiveAveragePool2d"] = AdaptiveAveragePool2dOperator.Create,
        ["AdaptiveMaxPool2d"] = AdaptiveMaxPool2dOperator.Create,
        ["Add"] = AddOperator.Create,
        ["AveragePool2d"] = AveragePool2dOperator.Create,
        ["BatchNorm"] = BatchNormOperator.Create,
        ["Binary"] = BinaryOperator.Create,
        ["Concat"] = ConcatOperator.Create,
        ["Conv2d"] = Conv2dOperator.Create,
        ["ConvTranspose2d"] = ConvTranspose2dOperator.Create,
        ["Dropout"] = DropoutOperator.Create,
        ["Gather"] = GatherOperator.Create,
        ["GlobalAveragePool"] = GlobalAveragePoolOperator.Create,
        ["GlobalMaxPool"] = AdaptiveMaxPool2dOperator.CreateGlobal,
        ["GroupNorm"] = GroupNormOperator.Create,
        ["InstanceNorm"] = GroupNormOperator.CreateInstance,
        ["LayerNorm"] = LayerNormOperator.Create,
        ["Linear"] = LinearOperator.Create,
        ["LocalResponseNorm"] = LocalResponseNormOperator.Create,
        ["LogSoftmax"] = SoftmaxOperator.CreateLogarithm,
        ["MatMul"] = MatMulOperator.Create,
        ["MaxPool2d"] = MaxPool2dOperator.Create,
        ["PRelu"] = PReluOperator.Create,
        ["Pad"] = PadOperator.Create,
        ["ReduceMean"] = ReduceOperator.CreateMean,
        ["ReduceSum"] = ReduceOperator.CreateSum,
        ["Reshape"] = ReshapeOperator.Create,
        ["Resize"] = ResizeOperator.Create,
        ["Slice"] = SliceOperator.Create,
        ["Softmax"] = SoftmaxOperator.Create,
        ["SpatialDropout"] = DropoutOperator.CreateSpatial,
        ["Split"] = SplitOperator.Create,
        ["Transpose"] = TransposeOperator.Create,
        ["Unary"] = UnaryOperator.Create,
    };

    /// <summary>The names of all operators.</summary>
    public static IReadOnlyCollection<string> Kinds => Makers.Keys;

    /// <summary>Makes an operator.</summary>
    /// <exception cref="FormatException">There is no such operator, or its attributes are not as they should be.</exception>
    public static Operator Create(string kind, AttributeSet attributes) => Makers.TryGetValue(kind, out var make)
        ? make(attributes)
        : TypedFunctions.Find(kind) is { } function ? new TypedOperator(function, attributes)
        : throw new FormatException($"there is no operator '{kind}'; there are {string.Join(", ", Makers.Keys.Order())}.");
}
