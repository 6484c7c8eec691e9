// The kernels of the native library. This class translates: geometry into descriptors, tensors into buffers, statuses into
// exceptions. It computes nothing.

using System.Collections.Concurrent;
using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed class NativeKernels : IKernels
{
    private readonly CnnContextHandle _context;
    private readonly ConcurrentBag<Scratch> _scratch = [];

    public NativeKernels(int threads, CnnIsa maxIsa)
    {
        NativeRuntime.EnsureLoaded();
        _context = CnnContextHandle.Create(threads, maxIsa);
    }

    public CnnIsa Isa => NativeMethods.ContextIsa(_context);

    public int Threads => NativeMethods.ContextThreads(_context);

    public void Conv2d(
        in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        NativeMethods.Conv2dDescInit(out CnnConv2dDesc desc);
        desc.Batch = geometry.Batch;
        desc.InputHeight = geometry.Vertical.Input;
        desc.InputWidth = geometry.Horizontal.Input;
        desc.InputChannels = geometry.InputChannels;
        desc.OutputChannels = geometry.OutputChannels;
        desc.KernelHeight = geometry.Vertical.Window;
        desc.KernelWidth = geometry.Horizontal.Window;
        desc.StrideHeight = geometry.Vertical.Stride;
        desc.StrideWidth = geometry.Horizontal.Stride;
        desc.DilationHeight = geometry.Vertical.Dilation;
        desc.DilationWidth = geometry.Horizontal.Dilation;
        desc.Groups = geometry.Groups;
        desc.PaddingMode = CnnPaddingMode.Explicit;
        desc.PaddingTop = geometry.Vertical.PaddingBefore;
        desc.PaddingBottom = geometry.Vertical.PaddingAfter;
        desc.PaddingLeft = geometry.Horizontal.PaddingBefore;
        desc.PaddingRight = geometry.Horizontal.PaddingAfter;
        desc.Activation = (CnnActivationKind)activation.Kind;
        desc.ActivationAlpha = activation.Alpha;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanCreate(_context, in desc, out CnnConv2dPlanHandle plan, ref error), in error);
        using (plan)
        {
            Run(plan, input, weights, bias, output);
        }
    }

    public void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        NativeMethods.LinearDescInit(out CnnLinearDesc desc);
        desc.Rows = input.Shape[0];
        desc.InputFeatures = input.Shape[1];
        desc.OutputFeatures = weights.Shape[0];
        desc.Activation = (CnnActivationKind)activation.Kind;
        desc.ActivationAlpha = activation.Alpha;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.LinearPlanCreate(_context, in desc, out CnnConv2dPlanHandle plan, ref error), in error);
        using (plan)
        {
            Run(plan, input, weights, bias, output);
        }
    }

    public void MaxPool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.MaxPool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void AveragePool2d(in Pool2dGeometry geometry, Tensor input, Tensor output)
    {
        CnnPool2dDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.AveragePool2d(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void GlobalAveragePool(Tensor input, Tensor output)
    {
        int batch = input.Shape[0], channels = input.Shape[^1];
        long pixels = input.ElementCount / batch / channels;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GlobalAveragePool(_context, batch, pixels, channels, input.Buffer, output.Buffer, ref error), in error);
    }

    public void Activate(Activation activation, Tensor input, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Activate(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, 0f, input.ElementCount, input.Buffer, output.Buffer, ref error),
            in error);
    }

    public void Softmax(Tensor input, Tensor output)
    {
        int channels = input.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Softmax(_context, input.ElementCount / channels, channels, input.Buffer, output.Buffer, ref error), in error);
    }

    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Add(
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, 0f, left.ElementCount, left.Buffer, right.Buffer, output.Buffer, ref error),
            in error);
    }

    public void CopyRows(in RowCopy copy, Tensor source, Tensor destination)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.CopyRows(
                _context, copy.Rows, copy.RowLength, source.Buffer, copy.SourceOffset, copy.SourceStride, destination.Buffer,
                copy.DestinationOffset, copy.DestinationStride, ref error),
            in error);
    }

    public void Dispose()
    {
        _context.Dispose();
        while (_scratch.TryTake(out Scratch? scratch))
        {
            scratch.Dispose();
        }
    }

    private static CnnPool2dDesc Describe(in Pool2dGeometry geometry)
    {
        NativeMethods.Pool2dDescInit(out CnnPool2dDesc desc);
        desc.Batch = geometry.Batch;
        desc.InputHeight = geometry.Vertical.Input;
        desc.InputWidth = geometry.Horizontal.Input;
        desc.Channels = geometry.Channels;
        desc.WindowHeight = geometry.Vertical.Window;
        desc.WindowWidth = geometry.Horizontal.Window;
        desc.StrideHeight = geometry.Vertical.Stride;
        desc.StrideWidth = geometry.Horizontal.Stride;
        desc.DilationHeight = geometry.Vertical.Dilation;
        desc.DilationWidth = geometry.Horizontal.Dilation;
        desc.PaddingMode = CnnPaddingMode.Explicit;
        desc.PaddingTop = geometry.Vertical.PaddingBefore;
        desc.PaddingBottom = geometry.Vertical.PaddingAfter;
        desc.PaddingLeft = geometry.Horizontal.PaddingBefore;
        desc.PaddingRight = geometry.Horizontal.PaddingAfter;
        desc.CeilMode = geometry.CeilMode ? 1 : 0;
        desc.CountIncludePad = geometry.CountIncludePad ? 1 : 0;
        return desc;
    }

    /// <summary>Packs the weights and runs the plan.</summary>
    private void Run(CnnConv2dPlanHandle plan, Tensor input, Tensor weights, Tensor? bias, Tensor output)
    {
        CnnError error = default;
        NativeMethods.Conv2dPlanInfoInit(out CnnConv2dPlanInfo info);
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanDescribe(plan, ref info, ref error), in error);
        Scratch scratch = _scratch.TryTake(out Scratch? kept) ? kept : new Scratch();
        try
        {
            CnnBufferHandle packed = scratch.Packed(info.PackedBytes);
            CnnBufferHandle workspace = scratch.Workspace(info.WorkspaceBytesPerThread * Threads);
            CnnBufferHandle biasBuffer = bias?.Buffer ?? CnnBufferHandle.None;
            Status.ThrowIfFailed(NativeMethods.Conv2dPack(_context, plan, weights.Buffer, biasBuffer, packed, ref error), in error);
            Status.ThrowIfFailed(
                NativeMethods.Conv2dRun(
                    _context, plan, packed, input.Buffer, CnnBufferHandle.None, output.Buffer, workspace, ref error),
                in error);
        }
        finally
        {
            scratch.Trim();
            _scratch.Add(scratch);
        }
    }

    /// <summary>Buffers for packed weights and workspace that one call uses at a time and the next one finds again: new memory
    /// comes from the system page by page, which takes longer than many a convolution.</summary>
    private sealed class Scratch : IDisposable
    {
        private const long Kept = 64L << 20;
        private CnnBufferHandle _packed = CnnBufferHandle.None;
        private CnnBufferHandle _workspace = CnnBufferHandle.None;

        public CnnBufferHandle Packed(long bytes) => Grow(ref _packed, bytes);

        public CnnBufferHandle Workspace(long bytes) => Grow(ref _workspace, bytes);

        /// <summary>Gives back what is too large to keep.</summary>
        public void Trim()
        {
            Trim(ref _packed);
            Trim(ref _workspace);
        }

        public void Dispose()
        {
            Release(ref _packed);
            Release(ref _workspace);
        }

        private static CnnBufferHandle Grow(ref CnnBufferHandle buffer, long bytes)
        {
            if (Bytes(buffer) < bytes)
            {
                Release(ref buffer);
                buffer = CnnBufferHandle.Create(bytes);
            }

            return buffer;
        }

        private static void Trim(ref CnnBufferHandle buffer)
        {
            if (Bytes(buffer) > Kept)
            {
                Release(ref buffer);
            }
        }

        private static void Release(ref CnnBufferHandle buffer)
        {
            if (!buffer.IsInvalid)
            {
                buffer.Dispose();
            }

            buffer = CnnBufferHandle.None;
        }

        private static long Bytes(CnnBufferHandle buffer) => buffer.IsInvalid ? 0 : NativeMethods.BufferBytes(buffer);
    }
}
