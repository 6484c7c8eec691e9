// The kernels in C#, subject by subject in the other parts of this class: each opens the tensors and hands their elements to the
// span kernels in Managed/. Here is what they share.

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels : IKernels
{
    public void Dispose()
    {
    }

    /// <summary>Opens a tensor; where an optional one is missing there are no elements.</summary>
    private static TensorAccess Open(Tensor? tensor) => tensor is null ? default : tensor.AccessBits();
}
