// A prepared matrix product on the native library: its plan and, where it was asked for, the packed right matrix. Memory to work
// in comes from the pool of the kernels that made it.

using System.Diagnostics;
using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed unsafe class NativeMatrixProductPlan : IMatrixProductPlan, IPackedWeights
{
    private readonly CnnContextHandle _context;
    private readonly ScratchPool _scratch;
    private readonly CnnGemmPlanHandle _plan;
    private readonly CnnGemmPlanInfo _info;
    private readonly long _workspaceBytes;
    private CnnBufferHandle? _packed;

    /// <summary>Takes over the plan; the context and the pool belong to the kernels, which outlive it.</summary>
    public NativeMatrixProductPlan(CnnContextHandle context, ScratchPool scratch, CnnGemmPlanHandle plan)
    {
        _context = context;
        _scratch = scratch;
        _plan = plan;
        CnnError error = default;
        NativeMethods.GemmPlanInfoInit(out _info);
        Status.ThrowIfFailed(NativeMethods.GemmPlanDescribe(plan, ref _info, ref error), in error);
        _workspaceBytes = _info.WorkspaceBytesPerThread * NativeMethods.ContextThreads(context);
    }

    public long PackedBytes => _info.PackedBytes;

    /// <summary>A right matrix is packed at once.</summary>
    public int PackStep => 0;

    public MatrixProductDescription Describe() =>
        new(NativeRuntime.Text((byte*)_info.AlgorithmName), _info.PackedBytes, _workspaceBytes, _info.MultiplyAccumulates);

    public void Pack(Tensor right)
    {
        Debug.Assert(_info.PackedBytes > 0, "only a plan with PackedRight packs");
        _packed ??= CnnBufferHandle.Create(_info.PackedBytes, NativeHandleKind.PackedWeights);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.GemmPackRight(_context, _plan, right.Buffer, _packed, ref error), in error);
    }

    public void UsePacked(CnnBufferHandle memory)
    {
        _packed?.Dispose();
        _packed = memory;
    }

    public void PackPart(CnnContextHandle context, int first, int count, Tensor weights, Tensor? bias)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.GemmPackRight(context, _plan, weights.Buffer, _packed!, ref error), in error);
    }

    public void Run(Tensor left, Tensor? right, Tensor? bias, Tensor? residual, Tensor output)
    {
        Debug.Assert(right is null == _info.PackedBytes > 0, "a plan with PackedRight gets its right matrix from Pack, others here");
        CnnBufferHandle rightBuffer = right?.Buffer
            ?? _packed
            ?? throw new InvalidOperationException("The matrix product has no right matrix; give one, or call Pack first.");
        using ScratchRental workspace = _scratch.Workspace(_workspaceBytes);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.GemmRun(
                _context, _plan, left.Buffer, rightBuffer, bias?.Buffer ?? CnnBufferHandle.None,
                residual?.Buffer ?? CnnBufferHandle.None, output.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void Dispose()
    {
        _plan.Dispose();
        _packed?.Dispose();
    }
}
