// Tensors that are made of nothing, and dropout: what operators may ask of a set of kernels. Random numbers have the same bits
// from all kernels, instruction sets and thread counts.

namespace CnnNative.Kernels;

internal partial interface IKernels
{
    /// <summary>Sets every element to the value.</summary>
    void Fill(float value, Tensor output);

    /// <summary>output[i] = start + i step, in double precision and rounded once.</summary>
    void Range(double start, double step, Tensor output);

    /// <summary>Numbers that are equally likely from <paramref name="low"/> to <paramref name="high"/>, which rounding may
    /// give.</summary>
    void RandomUniform(in RandomSequence sequence, float low, float high, Tensor output);

    /// <summary>Numbers of a normal distribution, by Box and Muller; at most 6.7 deviations from the mean.</summary>
    void RandomNormal(in RandomSequence sequence, float mean, float deviation, Tensor output);

    /// <summary>output[i] = 0 where the mask drops it, even for NaN, else input[i] / (1 - probability). Output may be the
    /// input.</summary>
    void Dropout(in DropoutMask mask, Tensor input, Tensor output);

    /// <summary>The gradient of dropout: the same mask on the output's gradient. May run in place.</summary>
    void DropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient);

    /// <summary>Drops whole channels of images (NHWC, of any rank from 2 on): the position of the mask is image x channels +
    /// channel. Output may be the input.</summary>
    void SpatialDropout(in DropoutMask mask, Tensor input, Tensor output);

    /// <summary>The gradient of dropping channels. May run in place.</summary>
    void SpatialDropoutBackward(in DropoutMask mask, Tensor outputGradient, Tensor inputGradient);
}
