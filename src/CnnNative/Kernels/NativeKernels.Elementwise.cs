// Element-wise arithmetic on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Add(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, activation.Beta, left.ElementCount, left.Buffer,
                right.Buffer, output.Buffer, ref error),
            in error);
    }

    public void Binary(BinaryOperation operation, AlignedTensor left, AlignedTensor right, Tensor output)
    {
        NativeMethods.BinaryDescInit(out CnnBinaryDesc desc);
        desc.Kind = (CnnBinaryKind)operation;
        desc.Rank = output.Shape.Rank;
        long leftStride = 1, rightStride = 1;
        for (int i = desc.Rank - 1; i >= 0; i--)
        {
            int size = output.Shape[i];
            desc.Shape[i] = size;
            desc.LeftStrides[i] = Broadcasting.Stride(left.Shape, desc.Rank, i, size, ref leftStride);
            desc.RightStrides[i] = Broadcasting.Stride(right.Shape, desc.Rank, i, size, ref rightStride);
        }

        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Binary(_context, in desc, left.Tensor.Buffer, right.Tensor.Buffer, output.Buffer, ref error), in error);
    }

    public void Unary(UnaryOperation operation, float parameter, Tensor input, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Unary(
                _context, (CnnUnaryKind)operation, parameter, input.ElementCount, input.Buffer, output.Buffer, ref error),
            in error);
    }

    public void ReduceSum(Tensor input, float scale, bool accumulate, AlignedTensor output)
    {
        NativeMethods.ReduceDescInit(out CnnReduceDesc desc);
        desc.Rank = input.Shape.Rank;
        desc.Scale = scale;
        desc.Accumulate = accumulate ? 1 : 0;
        for (int i = 0; i < desc.Rank; i++)
        {
            desc.Shape[i] = input.Shape[i];
            desc.OutputShape[i] = Broadcasting.Size(output.Shape, desc.Rank, i);
        }

        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.ReduceSumWorkspace(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.ReduceSum(_context, in desc, input.Buffer, output.Tensor.Buffer, workspace.Buffer, ref error),
            in error);
    }
}
