// Rearranging on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.CopyRows(
                _context, copy.Rows, copy.RowLength, source.Buffer, copy.SourceOffset, copy.SourceStride, destination.Buffer,
                copy.DestinationOffset, copy.DestinationStride, ref error),
            in error);
    }
}
