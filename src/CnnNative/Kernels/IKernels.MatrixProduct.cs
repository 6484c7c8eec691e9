// Matrix products: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Prepares a matrix product.</summary>
    IMatrixProductPlan PrepareMatrixProduct(
        in MatrixProductGeometry geometry, Activation activation = default, in MatrixProductOptions options = default);
}
