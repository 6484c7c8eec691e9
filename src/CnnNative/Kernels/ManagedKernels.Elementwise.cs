// Element-wise arithmetic in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        using TensorAccess first = left.Access();
        using TensorAccess second = right.Access();
        using TensorAccess target = output.Access();
        ManagedElementwise.Add(first.Values, second.Values, activation, target.Values);
    }
}
