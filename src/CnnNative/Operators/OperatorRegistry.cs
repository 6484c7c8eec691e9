// From the name and the attributes of an operator to the operator: how model files become graphs again. A table, because nothing
// may be found by reflection in a trimmed program.

namespace CnnNative.Operators;

internal static class OperatorRegistry
{
    private static readonly Dictionary<string, Func<AttributeSet, Operator>> Makers = new(StringComparer.Ordinal)
    {
        ["Activation"] = ActivationOperator.Create,
        ["Add"] = AddOperator.Create,
        ["BatchNorm"] = BatchNormOperator.Create,
        ["Conv2d"] = Conv2dOperator.Create,
        ["Linear"] = LinearOperator.Create,
        ["MaxPool2d"] = MaxPool2dOperator.Create,
        ["Reshape"] = ReshapeOperator.Create,
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
