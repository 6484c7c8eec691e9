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

    public void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.AveragePool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void GlobalAveragePool(Tensor input, Tensor output)
    {
        int batch = input.Shape[0], channels = input.Shape[^1];
        long pixels = input.ElementCount / batch / channels;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GlobalAveragePool(_context, batch, pixels, channels, input.Buffer, output.Buffer, ref error), in error);
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
}
