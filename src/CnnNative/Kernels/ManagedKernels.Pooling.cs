// Pooling in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Max(in geometry, source.Values, target.Values);
    }

    public void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Average(in geometry, source.Values, target.Values);
    }

    public void GlobalAveragePool(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        int batch = input.Shape[0], channels = input.Shape[^1];
        ManagedPooling.GlobalAverage(batch, input.ElementCount / batch / channels, channels, source.Values, target.Values);
    }
}
