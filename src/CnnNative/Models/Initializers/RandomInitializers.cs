// Constant and random first weights. The kernels draw the numbers, so that all of their sets give the same bits; what is done
// with them here is IEEE 754 arithmetic in a fixed order.

using CnnNative.Kernels;
using CnnNative.Kernels.Managed;

namespace CnnNative;

internal sealed record ConstantInitializer(float Value) : Initializer
{
    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence) =>
        weights.Fill(Value);
}

internal sealed record UniformInitializer(float Low, float High) : Initializer
{
    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence) =>
        kernels.RandomUniform(in sequence, Low, High, weights);
}

internal sealed record NormalInitializer(float Mean, float Deviation) : Initializer
{
    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence) =>
        kernels.RandomNormal(in sequence, Mean, Deviation, weights);
}

/// <summary>Which fan the variance is divided by.</summary>
internal enum FanShare
{
    Input,
    Output,
    Mean,
}

/// <summary>The variance Scale / fan.</summary>
internal sealed record ScaledInitializer(FanShare Share, double Scale, bool IsUniform) : Initializer
{
    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence)
    {
        double connections = Share switch
        {
            FanShare.Input => fan.Input,
            FanShare.Output => fan.Output,
            _ => ((double)fan.Input + fan.Output) / 2,
        };
        double variance = Scale / connections;
        if (IsUniform)
        {
            float limit = (float)Math.Sqrt(3 * variance);
            kernels.RandomUniform(in sequence, -limit, limit, weights);
        }
        else
        {
            kernels.RandomNormal(in sequence, 0, (float)Math.Sqrt(variance), weights);
        }
    }
}

/// <summary>What lies too far out is replaced, in the order of the elements, by the numbers that follow in the
/// sequence.</summary>
internal sealed record TruncatedNormalInitializer(float Mean, float Deviation) : Initializer
{
    private const double Limit = 2;

    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence)
    {
        kernels.RandomNormal(in sequence, Mean, Deviation, weights);
        Span<float> spare = stackalloc float[Philox.GroupSize];
        RandomSequence rest = sequence.After(weights.ElementCount);
        int used = spare.Length;
        using TensorAccess access = weights.Access();
        foreach (ref float value in access.Values)
        {
            while (IsTooFar(value))
            {
                if (used == spare.Length)
                {
                    ManagedRandom.Normal(in rest, Mean, Deviation, spare);
                    rest = rest.After(spare.Length);
                    used = 0;
                }

                value = spare[used++];
            }
        }
    }

    // The mean itself is never too far, and near to it is where most numbers are; so the loop above ends.
    private bool IsTooFar(float value) => Math.Abs((double)value - Mean) > Limit * Deviation;
}
