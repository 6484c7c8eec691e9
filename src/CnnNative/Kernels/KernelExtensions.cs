// What is made of one kernel with fixed arguments, and read by several operators.

namespace CnnNative.Kernels;

internal static class KernelExtensions
{
    /// <summary>Copies all elements; the shapes may differ, the numbers of elements not.</summary>
    public static void Copy(this IKernels kernels, Tensor source, Tensor destination)
    {
        if (source.ElementType.Size() != sizeof(float))
        {
            using TensorAccess<byte> from = source.AccessBytes();
            using TensorAccess<byte> to = destination.AccessBytes();
            from.Values.CopyTo(to.Values);
            return;
        }

        RowCopy copy = new(1, source.ElementCount, 0, source.ElementCount, 0, source.ElementCount);
        kernels.CopyRows(in copy, source, destination);
    }
}
