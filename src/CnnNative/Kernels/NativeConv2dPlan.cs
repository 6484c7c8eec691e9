// A prepared convolution on the native library: its plan, the packed weights, and what the gradient by the weights needs
// besides. Memory to work in comes from the pool of the kernels that made it.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed unsafe class NativeConv2dPlan : IConv2dPlan, IPackedWeights
{
    private readonly CnnContextHandle _context;
    private readonly ScratchPool _scratch;
    private readonly CnnConv2dPlanHandle _plan;
    private readonly CnnConv2dPlanInfo _info;
    private readonly Conv2dGeometry _geometry;
    private readonly bool _transposed;
    private CnnBufferHandle? _packed;
    private CnnConv2dPlanHandle? _gradientPlan;
    private long _gradientWorkspaceBytes;

    /// <summary>Takes over the plan; the context and the pool belong to the kernels, which outlive it.</summary>
    public NativeConv2dPlan(
        CnnContextHandle context, ScratchPool scratch, CnnConv2dPlanHandle plan, in Conv2dGeometry geometry, bool transposed)
    {
        _context = context;
        _scratch = scratch;
        _plan = plan;
        _geometry = geometry;
        _transposed = transposed;
        CnnError error = default;
        NativeMethods.Conv2dPlanInfoInit(out _info);
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanDescribe(plan, ref _info, ref error), in error);
        WorkspaceBytes = _info.WorkspaceBytesPerThread * NativeMethods.ContextThreads(context);
    }

    public long PackedBytes => _info.PackedBytes;

    public int PackStep => (int)NativeMethods.Conv2dPackStep(_plan);

    private long WorkspaceBytes { get; }

    public Conv2dPlanDescription Describe() =>
        new(NativeRuntime.Text((byte*)_info.AlgorithmName), PackedBytes, WorkspaceBytes, _info.MultiplyAccumulates);

    public void Pack(Tensor weights, Tensor? bias)
    {
        _packed ??= CnnBufferHandle.Create(PackedBytes, NativeHandleKind.PackedWeights);
        Pack(weights, bias, _packed);
    }

    public void UsePacked(CnnBufferHandle memory)
    {
        _packed?.Dispose();
        _packed = memory;
    }

    public void PackPart(CnnContextHandle context, int first, int count, Tensor weights, Tensor? bias)
    {
        CnnError error = default;
        CnnBufferHandle biasBuffer = bias?.Buffer ?? CnnBufferHandle.None;
        Status.ThrowIfFailed(
            PackStep == 0
                ? NativeMethods.Conv2dPack(context, _plan, weights.Buffer, biasBuffer, _packed!, ref error)
                : NativeMethods.Conv2dPackPart(context, _plan, first, count, weights.Buffer, biasBuffer, _packed!, ref error),
            in error);
    }

    public void Run(Tensor input, Tensor? residual, Tensor output) =>
        Run(_packed ?? throw new InvalidOperationException("The convolution has no weights; call Pack first."), input, residual, output);

    /// <summary>Packs into memory that the caller keeps.</summary>
    public void Pack(Tensor weights, Tensor? bias, CnnBufferHandle packed)
    {
        CnnError error = default;
        CnnBufferHandle biasBuffer = bias?.Buffer ?? CnnBufferHandle.None;
        Status.ThrowIfFailed(NativeMethods.Conv2dPack(_context, _plan, weights.Buffer, biasBuffer, packed, ref error), in error);
    }

    /// <summary>Runs with weights that were packed into <paramref name="packed"/>.</summary>
    public void Run(CnnBufferHandle packed, Tensor input, Tensor? residual, Tensor output)
    {
        CnnError error = default;
        CnnBufferHandle residualBuffer = residual?.Buffer ?? CnnBufferHandle.None;
        using ScratchRental workspace = _scratch.Workspace(WorkspaceBytes);
        Status.ThrowIfFailed(
            NativeMethods.Conv2dRun(
                _context, _plan, packed, input.Buffer, residualBuffer, output.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void BackwardWeights(
        Tensor input, Tensor outputGradient, bool accumulate, Tensor weightsGradient, Tensor? biasGradient)
    {
        CnnConv2dPlanHandle plan = GradientPlan();
        CnnError error = default;
        using (ScratchRental workspace = _scratch.Workspace(_gradientWorkspaceBytes))
        {
            // A transposed convolution reads what its convolution writes, and the other way round; only the bias, which is
            // added to what either of them writes, does not follow.
            Tensor convolutionInput = _transposed ? outputGradient : input;
            Tensor convolutionGradient = _transposed ? input : outputGradient;
            CnnBufferHandle bias = _transposed ? CnnBufferHandle.None : biasGradient?.Buffer ?? CnnBufferHandle.None;
            Status.ThrowIfFailed(
                NativeMethods.Conv2dBackwardWeights(
                    _context, plan, convolutionInput.Buffer, convolutionGradient.Buffer, accumulate ? 1 : 0,
                    weightsGradient.Buffer, bias, workspace.Buffer, ref error),
                in error);
        }

        if (_transposed && biasGradient is not null)
        {
            SumPixels(outputGradient, accumulate, biasGradient);
        }
    }

    public void Dispose()
    {
        _plan.Dispose();
        _packed?.Dispose();
        _gradientPlan?.Dispose();
    }

    private CnnConv2dPlanHandle GradientPlan()
    {
        if (_gradientPlan is { } made)
        {
            return made;
        }

        // The gradient of a transposed convolution is that of its convolution.
        CnnConv2dPlanHandle plan = _transposed ? NativeKernels.PlanForGradient(_context, in _geometry) : _plan;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Conv2dBackwardWeightsWorkspace(_context, plan, out _gradientWorkspaceBytes, ref error), in error);
        CnnConv2dPlanHandle? other = Interlocked.CompareExchange(ref _gradientPlan, plan, null);
        if (other is null || ReferenceEquals(other, plan))
        {
            return plan;
        }

        plan.Dispose();
        return other;
    }

    private void SumPixels(Tensor gradient, bool accumulate, Tensor sums)
    {
        int channels = _geometry.InputChannels;
        NativeMethods.ReduceDescInit(out CnnReduceDesc desc);
        desc.Rank = 2;
        desc.Shape[0] = gradient.ElementCount / channels;
        desc.Shape[1] = channels;
        desc.OutputShape[0] = 1;
        desc.OutputShape[1] = channels;
        desc.Accumulate = accumulate ? 1 : 0;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.ReduceSumWorkspace(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.ReduceSum(_context, in desc, gradient.Buffer, sums.Buffer, workspace.Buffer, ref error), in error);
    }
}
