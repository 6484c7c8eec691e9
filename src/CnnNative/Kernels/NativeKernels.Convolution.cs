// Convolutions and fully connected layers on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public IConv2dPlan PrepareConv2d(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options) =>
        Prepare(in geometry, activation, in options, transposed: false);

    public IConv2dPlan PrepareConv2dTranspose(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options) =>
        Prepare(in geometry, activation, in options, transposed: true);

    public void Conv2d(
        in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        // Packed weights that serve one run lie in memory that the next call uses again.
        using NativeConv2dPlan plan = Prepare(in geometry, activation, default, transposed: false);
        using ScratchRental packed = _scratch.Workspace(plan.PackedBytes);
        plan.Pack(weights, bias, packed.Buffer);
        plan.Run(packed.Buffer, input, residual: null, output);
    }

    public void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        var geometry = Conv2dGeometry.Linear(input.Shape[0], input.Shape[1], weights.Shape[0]);
        Conv2d(in geometry, input, weights, bias, activation, output);
    }

    /// <summary>The plan of a convolution for its gradient by the weights, which has an algorithm of its own.</summary>
    internal static CnnConv2dPlanHandle PlanForGradient(CnnContextHandle context, in Conv2dGeometry geometry)
    {
        CnnConv2dDesc desc = Describe(in geometry, Activation.None, new Conv2dOptions(Algorithm: Conv2dAlgorithm.ImplicitGemm));
        return CnnConv2dPlanHandle.Create(context, in desc, transposed: false);
    }

    private static CnnConv2dDesc Describe(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options)
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
        desc.ActivationBeta = activation.Beta;
        desc.Algorithm = (CnnConv2dAlgorithm)options.Algorithm;
        desc.OutputStride = options.OutputStride;
        desc.ResidualStride = options.ResidualStride;
        return desc;
    }

    private NativeConv2dPlan Prepare(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options, bool transposed)
    {
        CnnConv2dDesc desc = Describe(in geometry, activation, in options);
        var plan = CnnConv2dPlanHandle.Create(_context, in desc, transposed);
        return new NativeConv2dPlan(_context, _scratch, plan, in geometry, transposed);
    }
}
