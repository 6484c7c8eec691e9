// Rearranging: what operators may ask of a set of kernels.
// The subject has a file of its own so that the door stays readable as it grows.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Copies rows of elements between two tensors.</summary>
    void CopyRows(in RowCopy copy, Tensor source, Tensor destination);
}

/// <summary>Rows of RowLength elements; offsets and strides count elements.</summary>
internal readonly record struct RowCopy(
    long Rows, long RowLength, long SourceOffset, long SourceStride, long DestinationOffset, long DestinationStride);
