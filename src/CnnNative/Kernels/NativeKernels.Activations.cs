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
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, activation.Beta, input.ElementCount, input.Buffer,
                output.Buffer, ref error),
            in error);
    }

    public void Softmax(Tensor input, Tensor output)
    {
        int channels = input.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Softmax(_context, input.ElementCount / channels, channels, input.Buffer, output.Buffer, ref error), in error);
    }

    public void ActivateBackward(
        Activation activation, Tensor input, Tensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.ActivateBackward(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, activation.Beta, accumulate ? 1 : 0,
                input.ElementCount, input.Buffer, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    public void PRelu(Tensor input, Tensor slopes, Tensor output)
    {
        int channels = slopes.ElementCount;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Prelu(
                _context, input.ElementCount / channels, channels, input.Buffer, slopes.Buffer, output.Buffer, ref error),
            in error);
    }

    public void PReluBackward(
        Tensor input, Tensor slopes, Tensor outputGradient, bool accumulate, Tensor inputGradient, Tensor slopeGradient)
    {
        int channels = slopes.ElementCount, rows = input.ElementCount / channels;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.PreluBackwardWorkspace(rows, channels, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.PreluBackward(
                _context, rows, channels, accumulate ? 1 : 0, input.Buffer, slopes.Buffer, outputGradient.Buffer,
                inputGradient.Buffer, slopeGradient.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void LogSoftmax(Tensor input, Tensor output)
    {
        int channels = input.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.LogSoftmax(_context, input.ElementCount / channels, channels, input.Buffer, output.Buffer, ref error),
            in error);
    }

    public void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        int channels = output.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.SoftmaxBackward(
                _context, output.ElementCount / channels, channels, output.Buffer, outputGradient.Buffer, inputGradient.Buffer,
                ref error),
            in error);
    }

    public void LogSoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        int channels = output.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.LogSoftmaxBackward(
                _context, output.ElementCount / channels, channels, output.Buffer, outputGradient.Buffer, inputGradient.Buffer,
                ref error),
            in error);
    }
}
