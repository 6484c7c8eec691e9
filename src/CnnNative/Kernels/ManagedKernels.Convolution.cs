// Convolutions and fully connected layers in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public IConv2dPlan PrepareConv2d(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options) =>
        new ManagedConv2dPlan(in geometry, activation, in options, transposed: false);

    public IConv2dPlan PrepareConv2dTranspose(in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options) =>
        new ManagedConv2dPlan(in geometry, activation, in options, transposed: true);

    public void Conv2d(
        in Conv2dGeometry geometry, Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess filter = weights.Access();
        using TensorAccess target = output.Access();
        using TensorAccess shift = bias is null ? default : bias.Access();
        ManagedConvolution.Run(in geometry, source.Values, filter.Values, shift.Values, activation, target.Values);
    }

    public void Linear(Tensor input, Tensor weights, Tensor? bias, Activation activation, Tensor output)
    {
        var geometry = Conv2dGeometry.Linear(input.Shape[0], input.Shape[1], weights.Shape[0]);
        Conv2d(in geometry, input, weights, bias, activation, output);
    }
}
