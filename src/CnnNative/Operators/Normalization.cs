// Normalisation of tensors, as it runs after training: by given statistics, or by those of the tensor itself.

using CnnNative.Operators;

namespace CnnNative;

public static partial class Cnn
{
    /// <summary>Batch normalisation by given statistics: (input - mean) / sqrt(variance + epsilon) gamma + beta, channel by
    /// channel.</summary>
    /// <param name="input">A tensor of any shape; channels are innermost.</param>
    /// <param name="mean">The mean of each channel.</param>
    /// <param name="variance">The variance of each channel.</param>
    /// <param name="gamma">A factor for each channel; null for ones.</param>
    /// <param name="beta">A summand for each channel; null for zeros.</param>
    /// <param name="epsilon">What keeps the root from zero.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">A tensor does not have an element for each channel.</exception>
    public static Tensor BatchNorm(
        Tensor input, Tensor mean, Tensor variance, Tensor? gamma = null, Tensor? beta = null, float epsilon = 1e-5f,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(variance);
        return Run(new BatchNormOperator(new BatchNormAttributes(epsilon)), context, input, mean, variance, gamma, beta);
    }

    /// <summary>Layer normalisation: the innermost dimensions by their own mean and variance; Ba et al. 2016.</summary>
    /// <param name="input">A tensor of any shape.</param>
    /// <param name="gamma">A factor for each element that is normalised together; null for ones.</param>
    /// <param name="beta">A summand for each of them; null for zeros.</param>
    /// <param name="dimensions">How many of the innermost dimensions are normalised together.</param>
    /// <param name="epsilon">What keeps the root from zero.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Tensor LayerNorm(
        Tensor input, Tensor? gamma = null, Tensor? beta = null, int dimensions = 1, float epsilon = 1e-5f,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new LayerNormOperator(dimensions, epsilon), context, input, gamma, beta);
    }

    /// <summary>Group normalisation: each group of neighbouring channels of a picture by its own mean and variance; Wu and He
    /// 2018.</summary>
    /// <param name="input">Batch x any dimensions x channels.</param>
    /// <param name="groups">The number of groups; it divides the channels.</param>
    /// <param name="gamma">A factor for each channel; null for ones.</param>
    /// <param name="beta">A summand for each channel; null for zeros.</param>
    /// <param name="epsilon">What keeps the root from zero.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes or options do not fit together.</exception>
    public static Tensor GroupNorm(
        Tensor input, int groups, Tensor? gamma = null, Tensor? beta = null, float epsilon = 1e-5f,
        ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (groups < 1)
        {
            throw new ShapeException($"GroupNorm: there are {groups} groups, expected at least 1.");
        }

        return Run(new GroupNormOperator(new GroupNormAttributes(groups, epsilon)), context, input, gamma, beta);
    }

    /// <summary>Instance normalisation: each channel of a picture by its own mean and variance; Ulyanov et al. 2016.</summary>
    /// <param name="input">Batch x any dimensions x channels.</param>
    /// <param name="gamma">A factor for each channel; null for ones.</param>
    /// <param name="beta">A summand for each channel; null for zeros.</param>
    /// <param name="epsilon">What keeps the root from zero.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor InstanceNorm(
        Tensor input, Tensor? gamma = null, Tensor? beta = null, float epsilon = 1e-5f, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new GroupNormOperator(new GroupNormAttributes(0, epsilon)), context, input, gamma, beta);
    }

    /// <summary>Local response normalisation: input / (bias + alpha / size times the sum of the squares of neighbouring channels)
    /// ^ beta; Krizhevsky et al. 2012.</summary>
    /// <param name="input">A tensor of any shape; channels are innermost.</param>
    /// <param name="size">How many channels count, the own one in the middle.</param>
    /// <param name="alpha">The weight of the squares.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="bias">What keeps the sum from zero.</param>
    /// <param name="context">Where to run; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>A tensor of the same shape; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The size is not positive.</exception>
    public static Tensor LocalResponseNorm(
        Tensor input, int size = 5, float alpha = 1e-4f, float beta = 0.75f, float bias = 1f, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(new LocalResponseNormOperator(new LocalResponseAttributes(size, alpha, beta, bias)), context, input);
    }
}
