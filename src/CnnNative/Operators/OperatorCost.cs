// What one run of an operator costs: arithmetic and traffic, from shapes alone. Summaries, plans of memory and profiles read it.

namespace CnnNative;

/// <summary>The cost of one forward run of an operator, counted from its definition.</summary>
/// <param name="MultiplyAccumulates">Multiplications that are followed by an addition, as the direct sum counts them.</param>
/// <param name="Operations">Other floating-point operations: one for each element and function of it.</param>
/// <param name="Bytes">Bytes of all inputs and outputs, each counted once.</param>
public readonly record struct OperatorCost(long MultiplyAccumulates, long Operations, long Bytes)
{
    /// <summary>The sum of two costs.</summary>
    /// <param name="left">One cost.</param>
    /// <param name="right">The other cost.</param>
    public static OperatorCost operator +(OperatorCost left, OperatorCost right) => Add(left, right);

    /// <summary>The sum of two costs.</summary>
    /// <param name="left">One cost.</param>
    /// <param name="right">The other cost.</param>
    public static OperatorCost Add(OperatorCost left, OperatorCost right) => new(
        left.MultiplyAccumulates + right.MultiplyAccumulates, left.Operations + right.Operations, left.Bytes + right.Bytes);
}
