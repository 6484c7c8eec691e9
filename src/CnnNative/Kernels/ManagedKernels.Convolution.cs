// Convolutions and fully connected layers in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Conv2d(
        in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess filter = weights.Access();
        using TensorAccess target = output.Access();
        using TensorAccess shift = bias is null ? default : bias.Access();
        ManagedConvolution.Run(in geometry, source.Values, filter.Values, shift.Values, activation, target.Values);
    }

    /// <summary>A fully connected layer is a 1x1 convolution over its rows.</summary>
    public void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        WindowAxis single = new(Input: 1, Window: 1, Stride: 1, Dilation: 1, PaddingBefore: 0, PaddingAfter: 0, Output: 1);
        WindowAxis rows = single with { Input = input.Shape[0], Output = input.Shape[0] };
        Conv2dGeometry geometry = new(1, single, rows, input.Shape[1], weights.Shape[0], Groups: 1);
        Conv2d(in geometry, input, weights, bias, activation, output);
    }
}
