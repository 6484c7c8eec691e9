// Steps of optimisers: what a training loop may ask of a set of kernels.
// A step reads and writes parameters and state once; clipping comes with it, as a factor.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Updates parameters, and the state of the rule beside them, in place. All tensors have the same number of
    /// elements and do not overlap.</summary>
    /// <param name="rule">The rule and its constants.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="first">b or m; null exactly where the rule has none, see <see cref="OptimizerRule.HasFirst"/>.</param>
    /// <param name="second">v; null exactly where the rule has none, see <see cref="OptimizerRule.HasSecond"/>.</param>
    void OptimizerStep(in OptimizerRule rule, Tensor parameters, Tensor gradient, Tensor? first, Tensor? second);

    /// <summary>The sum of the squares of all elements, in float64; see <see cref="GradientNorm"/>.</summary>
    double SumOfSquares(Tensor input);
}
