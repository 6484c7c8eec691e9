// Tensors that are made of nothing, and dropout, on the native library.
// Descriptors and buffers for its functions, and exceptions for its statuses; nothing is computed here.

using CnnNative.Interop;

namespace CnnNative.Kernels;

internal sealed partial class NativeKernels
{
    public void Fill(float value, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Fill(_context, output.ElementCount, value, output.Buffer, ref error), in error);
    }

    public void Range(double start, double step, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Range(_context, output.ElementCount, start, step, output.Buffer, ref error), in error);
    }

    public void RandomUniform(in RandomSequence sequence, float low, float high, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.RandomUniform(
                _context, sequence.Seed, sequence.Offset, output.ElementCount, low, high, output.Buffer, ref error),
            in error);
    }

    public void RandomNormal(in RandomSequence sequence, float mean, float deviation, Tensor output)
    {
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.RandomNormal(
                _context, sequence.Seed, sequence.Offset, output.ElementCount, mean, deviation, output.Buffer, ref error),
            in error);
    }

    public void Dropout(in DropoutMask mask, Tensor input, Tensor output)
    {
        CnnDropoutDesc desc = DropoutDescriptor(in mask);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.Dropout(_context, in desc, input.ElementCount, input.Buffer, output.Buffer, ref error), in error);
    }

    public void DropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient)
    {
        CnnDropoutDesc desc = DropoutDescriptor(in mask);
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.DropoutBackward(
                _context, in desc, outputGradient.ElementCount, outputGradient.Buffer, inputGradient.Buffer, ref error),
            in error);
    }

    public void SpatialDropout(in DropoutMask mask, Tensor input, Tensor output)
    {
        CnnDropoutDesc desc = DropoutDescriptor(in mask);
        int batch = input.Shape[0], channels = input.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.SpatialDropout(
                _context, in desc, batch, input.ElementCount / batch / channels, channels, input.Buffer, output.Buffer,
                ref error),
            in error);
    }

    public void SpatialDropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient)
    {
        CnnDropoutDesc desc = DropoutDescriptor(in mask);
        int batch = outputGradient.Shape[0], channels = outputGradient.Shape[^1];
        CnnError error = default;
        Status.ThrowIfFailed(
            NativeMethods.SpatialDropoutBackward(
                _context, in desc, batch, outputGradient.ElementCount / batch / channels, channels, outputGradient.Buffer,
                inputGradient.Buffer, ref error),
            in error);
    }

    private static CnnDropoutDesc DropoutDescriptor(in DropoutMask mask)
    {
        NativeMethods.DropoutDescInit(out CnnDropoutDesc desc);
        desc.Probability = mask.Probability;
        desc.Seed = mask.Sequence.Seed;
        desc.Offset = mask.Sequence.Offset;
        return desc;
    }
}
