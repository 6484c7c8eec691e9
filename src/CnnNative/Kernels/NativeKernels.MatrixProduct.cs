// Matrix products on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public IMatrixProductPlan PrepareMatrixProduct(
        in MatrixProductGeometry geometry, Activation activation, in MatrixProductOptions options)
    {
        NativeMethods.GemmDescInit(out CnnGemmDesc desc);
        desc.TransposeLeft = geometry.TransposeLeft ? 1 : 0;
        desc.TransposeRight = geometry.TransposeRight ? 1 : 0;
        desc.Accumulate = options.Accumulate ? 1 : 0;
        desc.PackedRight = options.PackedRight ? 1 : 0;
        desc.Activation = (CnnActivationKind)activation.Kind;
        desc.ActivationAlpha = activation.Alpha;
        desc.ActivationBeta = activation.Beta;
        desc.Rows = geometry.Rows;
        desc.Columns = geometry.Columns;
        desc.Depth = geometry.Depth;
        desc.LeftStride = geometry.LeftStride;
        desc.RightStride = geometry.RightStride;
        desc.OutputStride = geometry.OutputStride;
        desc.ResidualStride = geometry.ResidualStride;
        return new NativeMatrixProductPlan(_context, _scratch, CnnGemmPlanHandle.Create(_context, in desc));
    }
}
