// Element-wise arithmetic in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Add(Tensor left, Tensor right, Activation activation, Tensor output)
    {
        using TensorAccess first = left.Access();
        using TensorAccess second = right.Access();
        using TensorAccess target = output.Access();
        ManagedElementwise.Add(first.Values, second.Values, activation, target.Values);
    }

    public void Binary(BinaryOperation operation, AlignedTensor left, AlignedTensor right, Tensor output)
    {
        using TensorAccess first = left.Tensor.Access();
        using TensorAccess second = right.Tensor.Access();
        using TensorAccess target = output.Access();
        ManagedArithmetic.Binary(
            operation, new BroadcastOperand(left.Shape, first.Values), new BroadcastOperand(right.Shape, second.Values),
            output.Shape, target.Values);
    }

    public void Unary(UnaryOperation operation, float parameter, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedArithmetic.Unary(operation, parameter, source.Values, target.Values);
    }

    public void ReduceSum(Tensor input, float scale, bool accumulate, AlignedTensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Tensor.Access();
        ManagedReduction.Sum(input.Shape, source.Values, scale, accumulate, output.Shape, target.Values);
    }
}
