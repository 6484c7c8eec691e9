// The kernels of the native library. This class translates: geometry into descriptors, tensors into buffers, statuses into
// exceptions. It computes nothing.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed class NativeKernels : IKernels
{
    private readonly CnnContextHandle _context;

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
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, input.ElementCount, input.Buffer, output.Buffer, ref error),
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
                _context, (CnnActivationKind)activation.Kind, activation.Alpha, left.ElementCount, left.Buffer, right.Buffer, output.Buffer, ref error),
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

    public void Dispose() => _context.Dispose();

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

    /// <summary>Packs the weights and runs the plan, with buffers for the packed weights and the workspace of this call.</summary>
    private void Run(CnnConv2dPlanHandle plan, Tensor input, Tensor weights, Tensor? bias, Tensor output)
    {
        CnnError error = default;
        NativeMethods.Conv2dPlanInfoInit(out CnnConv2dPlanInfo info);
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanDescribe(plan, ref info, ref error), in error);
        using CnnBufferHandle packed = CnnBufferHandle.Create(info.PackedBytes);
        using CnnBufferHandle workspace = CnnBufferHandle.Create(info.WorkspaceBytesPerThread * Threads);
        CnnBufferHandle biasBuffer = bias?.Buffer ?? CnnBufferHandle.None;
        Status.ThrowIfFailed(NativeMethods.Conv2dPack(_context, plan, weights.Buffer, biasBuffer, packed, ref error), in error);
        Status.ThrowIfFailed(
            NativeMethods.Conv2dRun(_context, plan, packed, input.Buffer, output.Buffer, workspace, ref error), in error);
    }
}
