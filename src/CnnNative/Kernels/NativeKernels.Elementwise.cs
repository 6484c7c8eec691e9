// Element-wise arithmetic on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Add(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, activation.Beta, left.ElementCount, left.Buffer,
                right.Buffer, output.Buffer, ref error),
            in error);
    }
}
