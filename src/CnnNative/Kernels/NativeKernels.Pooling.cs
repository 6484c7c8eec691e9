// Pooling on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.MaxPool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void MaxPool2dIndexed(in Pool2dGeometry geometry, Tensor input, Tensor output, Tensor positions)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.MaxPool2dIndexed(_context, in desc, input.Buffer, output.Buffer, positions.Buffer, ref error),
            in error);
    }

    public void MaxPool2dBackward(
        in Pool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.MaxPool2dBackward(
                _context, in desc, BufferOf(input), outputGradient.Buffer, BufferOf(positions), inputGradient.Buffer, ref error),
            in error);
    }

    public void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.AveragePool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void AveragePool2dBackward(in Pool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.AveragePool2dBackward(_context, in desc, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    public void GlobalAveragePool(Tensor input, Tensor output)
    {
        int batch = input.Shape[0], channels = input.Shape[^1];
        long pixels = input.ElementCount / batch / channels;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GlobalAveragePool(_context, batch, pixels, channels, input.Buffer, output.Buffer, ref error), in error);
    }

    public void GlobalAveragePoolBackward(Tensor outputGradient, Tensor inputGradient)
    {
        int batch = inputGradient.Shape[0], channels = inputGradient.Shape[^1];
        long pixels = inputGradient.ElementCount / batch / channels;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GlobalAveragePoolBackward(
                _context, batch, pixels, channels, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    public void AdaptiveMaxPool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output, Tensor? positions)
    {
        CnnAdaptivePool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.AdaptiveMaxPool2d(
                _context, in desc, input.Buffer, output.Buffer, BufferOf(positions), ref error),
            in error);
    }

    public void AdaptiveMaxPool2dBackward(
        in AdaptivePool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient)
    {
        CnnAdaptivePool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.AdaptiveMaxPool2dBackward(
                _context, in desc, BufferOf(input), outputGradient.Buffer, BufferOf(positions), inputGradient.Buffer, ref error),
            in error);
    }

    public void AdaptiveAveragePool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnAdaptivePool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.AdaptiveAveragePool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void AdaptiveAveragePool2dBackward(in AdaptivePool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        CnnAdaptivePool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.AdaptiveAveragePool2dBackward(
                _context, in desc, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    private static CnnPool2dDesc Describe(in Pool2dGeometry geometry)
    {
        NativeMethods.Pool2dDescInit(out CnnPool2dDesc desc);
        desc.Batch = geometry.Batch;
        desc.InputHeight = geometry.Vertical.Input;
        desc.InputWidth = geometry.Horizontal.Input;
        desc.Channels = geometry.Channels;
        desc.WindowHeight = geometry.Vertical.Window;
        desc.WindowWidth = geometry.Horizontal.Window;
        desc.StrideHeight = geometry.Vertical.Stride;
        desc.StrideWidth = geometry.Horizontal.Stride;
        desc.DilationHeight = geometry.Vertical.Dilation;
        desc.DilationWidth = geometry.Horizontal.Dilation;
        desc.PaddingMode = CnnPaddingMode.Explicit;
        desc.PaddingTop = geometry.Vertical.PaddingBefore;
        desc.PaddingBottom = geometry.Vertical.PaddingAfter;
        desc.PaddingLeft = geometry.Horizontal.PaddingBefore;
        desc.PaddingRight = geometry.Horizontal.PaddingAfter;
        desc.CeilMode = geometry.CeilMode ? 1 : 0;
        desc.CountIncludePad = geometry.CountIncludePad ? 1 : 0;
        return desc;
    }

    private static CnnAdaptivePool2dDesc Describe(in AdaptivePool2dGeometry geometry)
    {
        NativeMethods.AdaptivePool2dDescInit(out CnnAdaptivePool2dDesc desc);
        desc.Batch = geometry.Batch;
        desc.InputHeight = geometry.InputHeight;
        desc.InputWidth = geometry.InputWidth;
        desc.Channels = geometry.Channels;
        desc.OutputHeight = geometry.OutputHeight;
        desc.OutputWidth = geometry.OutputWidth;
        return desc;
    }
}
