// A prepared resize on the native library: its plan, which holds the weights. Memory to work in comes from the pool of the
// kernels that made it.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed class NativeResizePlan : IResizePlan
{
    private readonly CnnContextHandle _context;
    private readonly ScratchPool _scratch;
    private readonly CnnResizePlanHandle _plan;
    private readonly long _workspaceBytes;

    /// <summary>Makes the plan; the context and the pool belong to the kernels, which outlive it.</summary>
    public NativeResizePlan(CnnContextHandle context, ScratchPool scratch, in ResizeGeometry geometry)
    {
        NativeMethods.ResizeDescInit(out CnnResizeDesc desc);
        desc.Batch = geometry.Batch;
        desc.InputHeight = geometry.Vertical.Input;
        desc.InputWidth = geometry.Horizontal.Input;
        desc.Channels = geometry.Channels;
        desc.OutputHeight = geometry.Vertical.Output;
        desc.OutputWidth = geometry.Horizontal.Output;
        desc.Mode = (CnnResizeMode)geometry.Filter.Mode;
        desc.CoordinateMode = (CnnCoordinateMode)geometry.Filter.Coordinates;
        desc.NearestMode = (CnnNearestMode)geometry.Filter.Nearest;
        desc.Antialias = geometry.Filter.Antialias ? 1 : 0;
        desc.ExcludeOutside = geometry.Filter.ExcludeOutside ? 1 : 0;
        desc.CubicCoefficient = geometry.Filter.CubicCoefficient;
        desc.ScaleHeight = geometry.Vertical.Scale;
        desc.ScaleWidth = geometry.Horizontal.Scale;
        _plan = CnnResizePlanHandle.Create(in desc);
        _context = context;
        _scratch = scratch;
        _workspaceBytes = NativeMethods.ResizePlanWorkspaceBytesPerThread(_plan) * NativeMethods.ContextThreads(context);
    }

    public void Run(Tensor input, Tensor output)
    {
        CnnError error = default;
        using ScratchRental workspace = _scratch.Workspace(_workspaceBytes);
        Status.ThrowIfFailed(
            NativeMethods.ResizeRun(_context, _plan, input.Buffer, output.Buffer, workspace.Buffer, ref error), in error);
    }

    public void Backward(Tensor outputGradient, Tensor inputGradient)
    {
        CnnError error = default;
        using ScratchRental workspace = _scratch.Workspace(_workspaceBytes);
        Status.ThrowIfFailed(
            NativeMethods.ResizeBackward(
                _context, _plan, outputGradient.Buffer, inputGradient.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void Dispose() => _plan.Dispose();
}
