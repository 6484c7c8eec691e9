// Losses with their gradients on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public double CrossEntropy(
        in CrossEntropyOptions options, Tensor logits, Tensor labels, Tensor? classWeights, Tensor? gradient) =>
        CrossEntropy(in options, logits, labels.Buffer, CnnBufferHandle.None, classWeights, gradient);

    public double SoftCrossEntropy(
        in CrossEntropyOptions options, Tensor logits, Tensor softLabels, Tensor? classWeights, Tensor? gradient) =>
        CrossEntropy(in options, logits, CnnBufferHandle.None, softLabels.Buffer, classWeights, gradient);

    public double Loss(in LossFunction loss, Tensor prediction, Tensor target, Tensor? positiveWeights, Tensor? gradient)
    {
        NativeMethods.LossDescInit(out CnnLossDesc desc);
        desc.Kind = (CnnLossKind)loss.Kind;
        desc.Reduction = (CnnReduction)loss.Reduction;
        desc.Delta = loss.Delta;
        desc.Gamma = loss.Gamma;
        desc.Alpha = loss.Alpha;
        desc.Channels = positiveWeights?.ElementCount ?? prediction.Shape[^1];
        desc.Rows = prediction.ElementCount / desc.Channels;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.LossWorkspace(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.Loss(
                _context, in desc, prediction.Buffer, target.Buffer, positiveWeights?.Buffer ?? CnnBufferHandle.None,
                gradient?.Buffer ?? CnnBufferHandle.None, workspace.Buffer, out double value, ref error),
            in error);
        return value;
    }

    private double CrossEntropy(
        in CrossEntropyOptions options, Tensor logits, CnnBufferHandle labels, CnnBufferHandle softLabels, Tensor? classWeights,
        Tensor? gradient)
    {
        NativeMethods.CrossEntropyDescInit(out CnnCrossEntropyDesc desc);
        desc.Reduction = (CnnReduction)options.Reduction;
        desc.Classes = logits.Shape[^1];
        desc.Rows = logits.ElementCount / desc.Classes;
        desc.LabelSmoothing = options.LabelSmoothing;
        desc.IgnoreIndex = options.IgnoreIndex;
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.CrossEntropyWorkspace(in desc, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.CrossEntropy(
                _context, in desc, logits.Buffer, labels, softLabels, classWeights?.Buffer ?? CnnBufferHandle.None,
                gradient?.Buffer ?? CnnBufferHandle.None, workspace.Buffer, out double value, ref error),
            in error);
        return value;
    }
}
