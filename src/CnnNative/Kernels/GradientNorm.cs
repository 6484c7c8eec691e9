// Clipping of gradients: their norm over all tensors of a network, and the factor that brings it down to a limit. The factor is
// applied by the optimiser's step itself, so that clipping takes no pass over the gradients but the one that measures them.

namespace CnnNative.Kernels;

internal static class GradientNorm
{
    /// <summary>Keeps the factor finite for a norm of 0; the value is PyTorch's.</summary>
    private const double Small = 1e-6;

    /// <summary>The Euclidean norm of all elements of all tensors together.</summary>
    public static double Of(IKernels kernels, ReadOnlySpan<Tensor> gradients)
    {
        double sum = 0;
        foreach (Tensor gradient in gradients)
            sum += kernels.SumOfSquares(gradient);
        return Math.Sqrt(sum);
    }

    /// <summary>The <see cref="OptimizerRule.GradientScale"/> that makes a norm at most <paramref name="limit"/>: 1 where it is
    /// that already, as PyTorch's clip_grad_norm_ has it. NaN for a norm that is NaN, so that it is not hidden.</summary>
    public static double ClippingScale(double norm, double limit) => Math.Min(1, limit / (norm + Small));
}
