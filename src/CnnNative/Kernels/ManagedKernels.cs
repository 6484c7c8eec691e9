// The kernels in C#: opens the tensors and hands their elements to the span kernels in Managed/.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed class ManagedKernels : IKernels
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

    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        using TensorAccess first = left.Access();
        using TensorAccess second = right.Access();
        using TensorAccess target = output.Access();
        ManagedElementwise.Add(first.Values, second.Values, activation, target.Values);
    }

    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        using TensorAccess from = source.Access();
        using TensorAccess to = destination.Access();
        ManagedElementwise.CopyRows(
            copy.Rows, (int)copy.RowLength, from.Values, copy.SourceOffset, copy.SourceStride, to.Values, copy.DestinationOffset,
            copy.DestinationStride);
    }

    public void Dispose()
    {
    }
}
