// Convolutions and fully connected layers on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
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

    /// <summary>Packs the weights and runs the plan.</summary>
    private void Run(CnnConv2dPlanHandle plan, Tensor input, Tensor weights, Tensor? bias, Tensor output)
    {
        CnnError error = default;
        NativeMethods.Conv2dPlanInfoInit(out CnnConv2dPlanInfo info);
        Status.ThrowIfFailed(NativeMethods.Conv2dPlanDescribe(plan, ref info, ref error), in error);
        using ScratchRental packed = _scratch.Workspace(info.PackedBytes);
        using ScratchRental workspace = _scratch.Workspace(info.WorkspaceBytesPerThread * Threads);
        CnnBufferHandle biasBuffer = bias?.Buffer ?? CnnBufferHandle.None;
        Status.ThrowIfFailed(NativeMethods.Conv2dPack(_context, plan, weights.Buffer, biasBuffer, packed.Buffer, ref error), in error);
        Status.ThrowIfFailed(
            NativeMethods.Conv2dRun(
                _context, plan, packed.Buffer, input.Buffer, CnnBufferHandle.None, output.Buffer, workspace.Buffer, ref error),
            in error);
    }
}
