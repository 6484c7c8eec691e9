// Activations and softmax in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Activate(Activation activation, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedActivation.Run(activation, source.Values, target.Values);
    }

    public void Softmax(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        int channels = input.Shape[^1];
        ManagedSoftmax.Run(input.ElementCount / channels, channels, source.Values, target.Values);
    }

    public void ActivateBackward(
        Activation activation, Tensor input, Tensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        using TensorAccess source = input.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedActivationGradient.Run(activation, source.Values, upstream.Values, accumulate, target.Values);
    }

    public void PRelu(Tensor input, Tensor slopes, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess slope = slopes.Access();
        using TensorAccess target = output.Access();
        ManagedActivationGradient.PRelu(source.Values, slope.Values, target.Values);
    }

    public void PReluBackward(
        Tensor input, Tensor slopes, Tensor outputGradient, bool accumulate, Tensor inputGradient, Tensor slopeGradient)
    {
        using TensorAccess source = input.Access();
        using TensorAccess slope = slopes.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        using TensorAccess slopeTarget = slopeGradient.Access();
        ManagedActivationGradient.PReluBackward(
            source.Values, slope.Values, upstream.Values, accumulate, target.Values, slopeTarget.Values);
    }

    public void LogSoftmax(Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedSoftmax.Logarithm(input.Shape[^1], source.Values, target.Values);
    }

    public void SoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess result = output.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedSoftmax.Backward(output.Shape[^1], result.Values, upstream.Values, target.Values);
    }

    public void LogSoftmaxBackward(Tensor output, Tensor outputGradient, Tensor inputGradient)
    {
        using TensorAccess result = output.Access();
        using TensorAccess upstream = outputGradient.Access();
        using TensorAccess target = inputGradient.Access();
        ManagedSoftmax.LogarithmBackward(output.Shape[^1], result.Values, upstream.Values, target.Values);
    }
}
