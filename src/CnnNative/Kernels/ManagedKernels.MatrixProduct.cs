// Matrix products in C#.
// The plan opens the tensors and hands their elements to the span kernels of the subject.

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public IMatrixProductPlan PrepareMatrixProduct(
        in MatrixProductGeometry geometry, Activation activation, in MatrixProductOptions options) =>
        new ManagedMatrixProductPlan(in geometry, activation, in options);
}
