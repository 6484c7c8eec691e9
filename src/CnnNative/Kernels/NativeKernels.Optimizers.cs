// Steps of optimisers on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void OptimizerStep(in OptimizerRule rule, Tensor parameters, Tensor gradient, Tensor? first, Tensor? second)
    {
        NativeMethods.OptimizerDescInit(out CnnOptimizerDesc desc);
        desc.Kind = (CnnOptimizerKind)rule.Kind;
        desc.Nesterov = rule.Nesterov ? 1 : 0;
        desc.Step = rule.Step;
        desc.LearningRate = rule.LearningRate;
        desc.Momentum = rule.Momentum;
        desc.Beta1 = rule.Beta1;
        desc.Beta2 = rule.Beta2;
        desc.Epsilon = rule.Epsilon;
        desc.WeightDecay = rule.WeightDecay;
        desc.GradientScale = rule.GradientScale;
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.OptimizerStep(
                _context, in desc, parameters.ElementCount, parameters.Buffer, gradient.Buffer,
                first?.Buffer ?? CnnBufferHandle.None, second?.Buffer ?? CnnBufferHandle.None, ref error),
            in error);
    }

    public double SumOfSquares(Tensor input)
    {
        CnnError error = default;
        Status.ThrowIfFailed(NativeMethods.SumOfSquaresWorkspace(input.ElementCount, out long bytes, ref error), in error);
        using ScratchRental workspace = _scratch.Workspace(bytes);
        Status.ThrowIfFailed(
            NativeMethods.SumOfSquares(
                _context, input.ElementCount, input.Buffer, workspace.Buffer, out double sum, ref error),
            in error);
        return sum;
    }
}
