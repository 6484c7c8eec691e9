// Rearranging in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        using TensorAccess from = source.Access();
        using TensorAccess to = destination.Access();
        ManagedElementwise.CopyRows(
            copy.Rows, (int)copy.RowLength, from.Values, copy.SourceOffset, copy.SourceStride, to.Values, copy.DestinationOffset,
            copy.DestinationStride);
    }
}
