// Rearranging on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.CopyRows(
                _context, copy.Rows, copy.RowLength, source.Buffer, copy.SourceOffset, copy.SourceStride, destination.Buffer,
                copy.DestinationOffset, copy.DestinationStride, ref error),
            in error);
    }

    public void Transpose(ReadOnlySpan<int> axes, Tensor input, Tensor output)
    {
        NativeMethods.TransposeDescInit(out CnnTransposeDesc desc);
        desc.Rank = axes.Length;
        for (int i = 0; i < axes.Length; i++)
        {
            desc.Sizes[i] = input.Shape[i];
            desc.Axes[i] = axes[i];
        }

        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Transpose(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void Pad(
        PadMode mode, float value, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor input, Tensor output)
    {
        CnnPadDesc desc = PadDescriptor(mode, value, before, after, input.Shape);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Pad(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void PadBackward(
        PadMode mode, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Tensor outputGradient, Tensor inputGradient)
    {
        CnnPadDesc desc = PadDescriptor(mode, value: 0f, before, after, inputGradient.Shape);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.PadBackward(_context, in desc, outputGradient.Buffer, inputGradient.Buffer, ref error), in error);
    }

    public void Slice(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor input, Tensor output)
    {
        CnnSliceDesc desc = SliceDescriptor(starts, steps, input.Shape, output.Shape);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Slice(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void SliceBackward(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Tensor outputGradient, Tensor inputGradient)
    {
        CnnSliceDesc desc = SliceDescriptor(starts, steps, inputGradient.Shape, outputGradient.Shape);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.SliceBackward(_context, in desc, outputGradient.Buffer, inputGradient.Buffer, ref error), in error);
    }

    public void Gather(in GatherGeometry geometry, Tensor input, Tensor indices, Tensor output)
    {
        CnnGatherDesc desc = GatherDescriptor(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Gather(_context, in desc, input.Buffer, indices.Buffer, output.Buffer, ref error), in error);
    }

    public void GatherBackward(in GatherGeometry geometry, Tensor outputGradient, Tensor indices, Tensor inputGradient)
    {
        CnnGatherDesc desc = GatherDescriptor(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GatherBackward(
                _context, in desc, outputGradient.Buffer, indices.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    public IResizePlan CreateResizePlan(in ResizeGeometry geometry) => new NativeResizePlan(_context, _scratch, in geometry);

    private static CnnPadDesc PadDescriptor(
        PadMode mode, float value, ReadOnlySpan<int> before, ReadOnlySpan<int> after, Shape input)
    {
        NativeMethods.PadDescInit(out CnnPadDesc desc);
        desc.Rank = input.Rank;
        desc.Mode = (CnnPadMode)mode;
        desc.Value = value;
        for (int i = 0; i < input.Rank; i++)
        {
            desc.Sizes[i] = input[i];
            desc.Before[i] = before[i];
            desc.After[i] = after[i];
        }

        return desc;
    }

    private static CnnSliceDesc SliceDescriptor(ReadOnlySpan<int> starts, ReadOnlySpan<int> steps, Shape input, Shape output)
    {
        NativeMethods.SliceDescInit(out CnnSliceDesc desc);
        desc.Rank = input.Rank;
        for (int i = 0; i < input.Rank; i++)
        {
            desc.Sizes[i] = input[i];
            desc.Starts[i] = starts[i];
            desc.Steps[i] = steps[i];
            desc.Counts[i] = output[i];
        }

        return desc;
    }

    private static CnnGatherDesc GatherDescriptor(in GatherGeometry geometry)
    {
        NativeMethods.GatherDescInit(out CnnGatherDesc desc);
        desc.IndexType = (CnnIndexType)geometry.IndexType;
        desc.Outer = geometry.Outer;
        desc.Axis = geometry.Axis;
        desc.Inner = geometry.Inner;
        desc.IndexCount = geometry.IndexCount;
        return desc;
    }
}
