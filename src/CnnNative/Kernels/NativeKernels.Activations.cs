// Activations and softmax on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void Activate(Activation activation, Tensor input, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Activate(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, 0f, input.ElementCount, input.Buffer, output.Buffer, ref error),
            in error);
    }

    public void Softmax(Tensor input, Tensor output)
    {
        int channels = input.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Softmax(_context, input.ElementCount / channels, channels, input.Buffer, output.Buffer, ref error), in error);
    }
}
