// Which operator turns dimensions around: the one with a kernel and a gradient where it fits the type and the shape, else the
// plain function for any type. Kernels that move elements take any type of four bytes.

namespace CnnNative.Operators;

internal static class Transposes
{
    /// <summary>The most dimensions that kernels take.</summary>
    private const int MaxKernelRank = 6;

    /// <summary>Whether a kernel that moves elements can move these.</summary>
    public static bool HasKernel(ElementType type, Shape shape) =>
        ValueSpec.IsOfFourBytes(type) && shape.ElementCount > 0 && shape.Rank is >= 1 and <= MaxKernelRank;

    /// <summary>A transpose: dimension i of the output is dimension <paramref name="axes"/>[i] of the input.</summary>
    public static Operator Of(ElementType type, Shape shape, int[] axes) => HasKernel(type, shape)
        ? new TransposeOperator(axes)
        : TypedFunctions.Operator("Typed.Transpose", new AttributeSet().With("axes", (ReadOnlySpan<int>)axes));
}
