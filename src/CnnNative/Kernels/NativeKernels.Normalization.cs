// Normalisation on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void BatchNormTrain(
        in BatchNormGeometry geometry, in NormParameters parameters, in RunningStatistics running, Tensor input, Tensor output,
        in NormStatistics saved)
    {
        CnnBatchNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BatchNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.BatchNormTrain(
                _context, in desc, input.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta), BufferOf(running.Mean),
                BufferOf(running.Variance), output.Buffer, saved.Mean.Buffer, saved.Inverse.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void BatchNormInfer(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor input, Tensor output)
    {
        CnnBatchNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BatchNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.BatchNormInfer(
                _context, in desc, input.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta), mean.Buffer,
                variance.Buffer, output.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void BatchNormBackward(
        in BatchNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients)
    {
        CnnBatchNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.BatchNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.BatchNormBackward(
                _context, in desc, input.Buffer, outputGradient.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta),
                saved.Mean.Buffer, saved.Inverse.Buffer, BufferOf(gradients.Input), BufferOf(gradients.Gamma),
                BufferOf(gradients.Beta), workspace.Buffer, ref error),
            in error);
    }

    public void BatchNormScaleOffset(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor scale, Tensor offset)
    {
        CnnBatchNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.BatchNormScaleOffset(
                in desc, BufferOf(parameters.Gamma), BufferOf(parameters.Beta), mean.Buffer, variance.Buffer, scale.Buffer,
                offset.Buffer, ref error),
            in error);
    }

    public void BatchNormFold(
        in BatchNormGeometry geometry, in NormParameters parameters, Tensor mean, Tensor variance, Tensor weights, Tensor? bias,
        Tensor foldedWeights, Tensor foldedBias)
    {
        CnnBatchNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.BatchNormFold(
                _context, in desc, weights.ElementCount / geometry.Channels, BufferOf(parameters.Gamma),
                BufferOf(parameters.Beta), mean.Buffer, variance.Buffer, weights.Buffer, BufferOf(bias),
                foldedWeights.Buffer, foldedBias.Buffer, ref error),
            in error);
    }

    public void GroupNorm(
        in GroupNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved)
    {
        CnnGroupNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.GroupNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.GroupNorm(
                _context, in desc, input.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta), output.Buffer,
                saved.Mean.Buffer, saved.Inverse.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void GroupNormBackward(
        in GroupNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients)
    {
        CnnGroupNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.GroupNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.GroupNormBackward(
                _context, in desc, input.Buffer, outputGradient.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta),
                saved.Mean.Buffer, saved.Inverse.Buffer, BufferOf(gradients.Input), BufferOf(gradients.Gamma),
                BufferOf(gradients.Beta), workspace.Buffer, ref error),
            in error);
    }

    public void LayerNorm(
        in LayerNormGeometry geometry, in NormParameters parameters, Tensor input, Tensor output, in NormStatistics saved)
    {
        CnnLayerNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.LayerNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.LayerNorm(
                _context, in desc, input.Buffer, BufferOf(parameters.Gamma), BufferOf(parameters.Beta), output.Buffer,
                saved.Mean.Buffer, saved.Inverse.Buffer, workspace.Buffer, ref error),
            in error);
    }

    public void LayerNormBackward(
        in LayerNormGeometry geometry, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor outputGradient,
        in NormGradients gradients)
    {
        CnnLayerNormDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.LayerNormWorkspaceBytes(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.LayerNormBackward(
                _context, in desc, input.Buffer, outputGradient.Buffer, BufferOf(parameters.Gamma), saved.Mean.Buffer,
                saved.Inverse.Buffer, BufferOf(gradients.Input), BufferOf(gradients.Gamma), BufferOf(gradients.Beta),
                workspace.Buffer, ref error),
            in error);
    }

    public void LocalResponseNorm(in LocalResponseGeometry geometry, Tensor input, Tensor output)
    {
        CnnLrnDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.Lrn(_context, in desc, input.Buffer, output.Buffer, ref error), in error);
    }

    public void LocalResponseNormBackward(
        in LocalResponseGeometry geometry, Tensor input, Tensor outputGradient, Tensor inputGradient)
    {
        CnnLrnDesc desc = Describe(in geometry);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.LrnBackward(
                _context, in desc, input.Buffer, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    private static CnnBatchNormDesc Describe(in BatchNormGeometry geometry)
    {
        NativeMethods.BatchNormDescInit(out CnnBatchNormDesc desc);
        desc.Rows = geometry.Rows;
        desc.Channels = geometry.Channels;
        desc.Epsilon = geometry.Epsilon;
        desc.Momentum = geometry.Momentum;
        desc.Activation = geometry.Relu ? CnnActivationKind.Relu : CnnActivationKind.None;
        return desc;
    }

    private static CnnGroupNormDesc Describe(in GroupNormGeometry geometry)
    {
        NativeMethods.GroupNormDescInit(out CnnGroupNormDesc desc);
        desc.Batch = geometry.Batch;
        desc.Pixels = geometry.Pixels;
        desc.Channels = geometry.Channels;
        desc.Groups = geometry.Groups;
        desc.Epsilon = geometry.Epsilon;
        desc.Activation = geometry.Relu ? CnnActivationKind.Relu : CnnActivationKind.None;
        return desc;
    }

    private static CnnLayerNormDesc Describe(in LayerNormGeometry geometry)
    {
        NativeMethods.LayerNormDescInit(out CnnLayerNormDesc desc);
        desc.Rows = geometry.Rows;
        desc.Length = geometry.Length;
        desc.Epsilon = geometry.Epsilon;
        return desc;
    }

    private static CnnLrnDesc Describe(in LocalResponseGeometry geometry)
    {
        NativeMethods.LrnDescInit(out CnnLrnDesc desc);
        desc.Size = geometry.Size;
        desc.Rows = geometry.Rows;
        desc.Channels = geometry.Channels;
        desc.Alpha = geometry.Alpha;
        desc.Beta = geometry.Beta;
        desc.Bias = geometry.Bias;
        return desc;
    }
}
