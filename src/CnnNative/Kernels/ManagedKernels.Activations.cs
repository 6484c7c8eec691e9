// Activations and softmax in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Activate(Activation activation, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedActivation.Run(activation, source.Values, target.Values);
    }

    public void Softmax(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        int channels = input.Shape[^1];
        ManagedSoftmax.Run(input.ElementCount / channels, channels, source.Values, target.Values);
    }
}
