// Gradients against the slope of what they belong to: each element of an argument is moved a step up and down, and the weighted
// sum of the results is followed in double precision.

namespace CnnNative.Tests.Kernels;

internal static class CentralDifferences
{
    /// <summary>The sum of output times weight, whose gradient with respect to the output is the weight.</summary>
    public static double WeightedSum(Tensor output, Tensor weight)
    {
        using TensorAccess values = output.Access();
        using TensorAccess weights = weight.Access();
        double sum = 0;
        for (int i = 0; i < values.Values.Length; i++)
            sum += (double)values.Values[i] * weights.Values[i];
        return sum;
    }

    /// <summary>Each element of the gradient is the difference quotient of the objective for that element of the argument.
    /// </summary>
    public static void AreClose(
        Tensor argument, Tensor gradient, Func<double> objective, float step, double tolerance, string what)
    {
        float[] slopes = gradient.ToArray();
        for (int i = 0; i < slopes.Length; i++)
        {
            float value = Exchange(argument, i, 0), above = value + step, below = value - step;
            Exchange(argument, i, above);
            double high = objective();
            Exchange(argument, i, below);
            double low = objective();
            Exchange(argument, i, value);
            double difference = (high - low) / ((double)above - below);
            Assert.True(
                Math.Abs(slopes[i] - difference) <= tolerance,
                $"{what}: element {i} of the gradient is {slopes[i]:R}, the difference quotient {difference:R}.");
        }
    }

    private static float Exchange(Tensor tensor, int index, float value)
    {
        using TensorAccess access = tensor.Access();
        (float before, access.Values[index]) = (access.Values[index], value);
        return before;
    }
}
