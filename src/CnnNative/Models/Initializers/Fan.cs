// How many connections a unit of a layer has: what the usual first weights are scaled by, so that signals and gradients keep
// their size from layer to layer.

namespace CnnNative;

/// <summary>Which connections count.</summary>
public enum FanMode
{
    /// <summary>Those that lead into a unit: signals keep their size on their way forward.</summary>
    Input = 0,

    /// <summary>Those that lead out of a unit: gradients keep their size on their way back.</summary>
    Output = 1,
}

/// <summary>The connections of a layer's units.</summary>
/// <param name="Input">Those that lead into a unit, at least 1.</param>
/// <param name="Output">Those that lead out of a unit, at least 1.</param>
public readonly record struct Fan(int Input, int Output)
{
    /// <summary>The fan of a convolution.</summary>
    /// <param name="weights">The shape of its weights: output channels x height x width x input channels of a group.</param>
    /// <param name="groups">The groups of the convolution. PyTorch takes 1 here whatever the groups are, which makes the output
    /// fan of a depthwise convolution that of a full one.</param>
    /// <exception cref="ShapeException">The shape does not have four dimensions, the groups do not divide the output channels, or
    /// there are more than 2^31 - 1 connections.</exception>
    public static Fan OfConv2d(Shape weights, int groups = 1)
    {
        if (weights.Rank != 4 || groups < 1 || weights[0] % groups != 0)
        {
            throw new ShapeException(
                $"Fan: the weights of a convolution are {weights} with {groups} groups, expected output channels, which the "
                + "groups divide, x height x width x input channels of a group.");
        }

        long window = (long)weights[1] * weights[2];
        return Checked(window * weights[3], window * (weights[0] / groups), weights);
    }

    /// <summary>The fan of a fully connected layer.</summary>
    /// <param name="weights">The shape of its weights: output features x input features.</param>
    /// <exception cref="ShapeException">The shape does not have two dimensions.</exception>
    public static Fan OfLinear(Shape weights) => weights.Rank == 2
        ? new Fan(weights[1], weights[0])
        : throw new ShapeException(
            $"Fan: the weights of a fully connected layer are {weights}, expected output features x input features.");

    private static Fan Checked(long input, long output, Shape weights) => Math.Max(input, output) <= int.MaxValue
        ? new Fan((int)input, (int)output)
        : throw new ShapeException($"Fan: weights {weights} have more than {int.MaxValue} connections a unit.");
}
