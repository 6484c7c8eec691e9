// All typed functions by name, for importers and for files that hold graphs.

namespace CnnNative.Operators;

internal static class TypedFunctions
{
    private static readonly Dictionary<string, TypedFunction> ByKind = new(StringComparer.Ordinal);

    static TypedFunctions()
    {
        TypedFunction[][] families =
        [
            TypedArithmetic.All, TypedUnary.All, TypedMovement.All, TypedIndexing.All, TypedReductions.All, TypedOrder.All,
            TypedNormalizations.All, TypedProducts.All, TypedLosses.All, TypedQuantization.All, TypedWindows.All,
                TypedSampling.All,
            TypedRegions.All, TypedEinsum.All, TypedOptimizers.All,
        ];
        foreach (TypedFunction function in families.SelectMany(family => family))
        {
            ByKind.Add(function.Kind, function);
        }
    }

    /// <summary>The function of a name; null if there is none.</summary>
    public static TypedFunction? Find(string kind) => ByKind.GetValueOrDefault(kind);

    /// <summary>An operator of a function that must be there.</summary>
    public static TypedOperator Operator(string kind, AttributeSet? attributes = null) =>
        new(ByKind[kind], attributes ?? AttributeSet.Empty);
}
