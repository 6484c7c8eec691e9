// Tensors that are made of nothing, and dropout, in C#.
// Opens the tensors and hands their elements to the span kernels of the subject.

using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed partial class ManagedKernels
{
    public void Fill(float value, Tensor output) => output.Fill(value);

    public void Range(double start, double step, Tensor output)
    {
        using TensorAccess target = output.Access();
        Span<float> values = target.Values;
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(start + i * step);
    }

    public void RandomUniform(in RandomSequence sequence, float low, float high, Tensor output)
    {
        using TensorAccess target = output.Access();
        ManagedRandom.Uniform(in sequence, low, high, target.Values);
    }

    public void RandomNormal(in RandomSequence sequence, float mean, float deviation, Tensor output)
    {
        using TensorAccess target = output.Access();
        ManagedRandom.Normal(in sequence, mean, deviation, target.Values);
    }

    public void Dropout(in DropoutMask mask, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedDropout.Elements(in mask, source.Values, target.Values);
    }

    public void DropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient) =>
        Dropout(in mask, outputGradient, inputGradient);

    public void SpatialDropout(in DropoutMask mask, Tensor input, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        ManagedDropout.Channels(in mask, input.Shape[0], input.Shape[^1], source.Values, target.Values);
    }

    public void SpatialDropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient) =>
        SpatialDropout(in mask, outputGradient, inputGradient);
}
