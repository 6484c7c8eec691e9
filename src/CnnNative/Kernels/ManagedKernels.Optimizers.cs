// Steps of optimisers in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using System.Diagnostics;
using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void OptimizerStep(in OptimizerRule rule, Tensor parameters, Tensor gradient, Tensor? first, Tensor? second)
    {
        Debug.Assert(rule.HasFirst == first is not null, "The state is that of another rule.");
        Debug.Assert(rule.HasSecond == second is not null, "The state is that of another rule.");
        using TensorAccess values = parameters.Access();
        using TensorAccess slopes = gradient.Access();
        using TensorAccess means = AccessOrNone(first);
        using TensorAccess squares = AccessOrNone(second);
        ManagedOptimizer.Step(in rule, values.Values, slopes.Values, means.Values, squares.Values);
    }

    public double SumOfSquares(Tensor input)
    {
        using TensorAccess source = input.Access();
        return ManagedOptimizer.SumOfSquares(source.Values);
    }
}
