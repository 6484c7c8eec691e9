// Pooling in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using System.Runtime.InteropServices;
using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Max(geometry, source.Values, target.Values);
    }

    public void MaxPool2dIndexed(in Pool2dGeometry geometry, Tensor input, Tensor output, Tensor positions) =>
        MaxIndexed(geometry, input, output, positions);

    public void MaxPool2dBackward(
        in Pool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient) =>
        MaxBackward(geometry, input, positions, outputGradient, inputGradient);

    public void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Average(geometry, source.Values, target.Values);
    }

    public void AveragePool2dBackward(in Pool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedPoolingGradient.Average(geometry, upstream.Values, target.Values);
    }

    public void GlobalAveragePool(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        int batch = input.Shape[0], channels = input.Shape[^1];
        ManagedPooling.GlobalAverage(batch, input.ElementCount / batch / channels, channels, source.Values, target.Values);
    }

    public void GlobalAveragePoolBackward(Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedPoolingGradient.GlobalAverage(
            inputGradient.Shape[0], inputGradient.Shape[^1], upstream.Values, target.Values);
    }

    public void AdaptiveMaxPool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output, Tensor? positions)
    {
        if (positions is not null)
        {
            MaxIndexed(geometry, input, output, positions);
            return;
        }

        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Max(geometry, source.Values, target.Values);
    }

    public void AdaptiveMaxPool2dBackward(
        in AdaptivePool2dGeometry geometry, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient) =>
        MaxBackward(geometry, input, positions, outputGradient, inputGradient);

    public void AdaptiveAveragePool2d(in AdaptivePool2dGeometry geometry, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedPooling.Average(geometry, source.Values, target.Values);
    }

    public void AdaptiveAveragePool2dBackward(in AdaptivePool2dGeometry geometry, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedPoolingGradient.Average(geometry, upstream.Values, target.Values);
    }

    private static void MaxIndexed(in PoolShape shape, Tensor input, Tensor output, Tensor positions)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        using TensorAccess found = positions.AccessBits();
        ManagedPooling.MaxIndexed(shape, source.Values, target.Values, MemoryMarshal.Cast<float, int>(found.Values));
    }

    private static void MaxBackward(
        in PoolShape shape, Tensor? input, Tensor? positions, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess source = Open(input);
        using TensorAccess found = Open(positions);
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedPoolingGradient.Max(
            shape, source.Values, MemoryMarshal.Cast<float, int>(found.Values), upstream.Values, target.Values);
    }
}
