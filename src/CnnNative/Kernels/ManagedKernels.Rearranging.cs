// Rearranging in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        using TensorAccess from = source.AccessBits();
        using TensorAccess to = destination.AccessBits();
        ManagedElementwise.CopyRows(
            copy.Rows, (int)copy.RowLength, from.Values, copy.SourceOffset, copy.SourceStride, to.Values, copy.DestinationOffset,
            copy.DestinationStride);
    }

    public void Transpose(ReadOnlySpan<int> axes, Tensor input, Tensor output)
    {
        using TensorAccess source = input.AccessBits();
        using TensorAccess target = output.AccessBits();
        StridedView.Transposed(input.Shape, axes).Read(output.Shape, source.Values, target.Values);
    }

    public void Pad(
        PadMode mode, float value, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor input, Tensor output)
    {
        using TensorAccess source = input.AccessBits();
        using TensorAccess target = output.AccessBits();
        new ManagedPad(mode, before, after, input.Shape, output.Shape).Run(value, source.Values, target.Values);
    }

    public void PadBackward(
        PadMode mode, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        new ManagedPad(mode, before, after, inputGradient.Shape, outputGradient.Shape).Backward(upstream.Values, target.Values);
    }

    public void Slice(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor input, Tensor output)
    {
        using TensorAccess source = input.AccessBits();
        using TensorAccess target = output.AccessBits();
        StridedView.Sliced(input.Shape, starts, steps).Read(output.Shape, source.Values, target.Values);
    }

    public void SliceBackward(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        target.Values.Clear();
        StridedView.Sliced(inputGradient.Shape, starts, steps).Write(outputGradient.Shape, upstream.Values, target.Values);
    }

    public void Gather(in GatherGeometry geometry, Tensor input, Tensor indices, Tensor output)
    {
        using TensorAccess source = input.AccessBits();
        using TensorAccess choice = indices.AccessBits();
        using TensorAccess target = output.AccessBits();
        ManagedGather.Run(in geometry, source.Values, choice.Values, target.Values);
    }

    public void GatherBackward(in GatherGeometry geometry, Tensor outputGradient, Tensor indices, Tensor inputGradient)
    {
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess choice = indices.AccessBits();
        using TensorAccess target = inputGradient.Access();
        ManagedGather.Backward(in geometry, upstream.Values, choice.Values, target.Values);
    }

    public IResizePlan CreateResizePlan(in ResizeGeometry geometry) => new ManagedResizePlan(in geometry);
}
