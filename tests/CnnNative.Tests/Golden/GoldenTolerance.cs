// How far a single-precision result may lie from a golden value. Each bound follows from the number of roundings, so it is
// neither tuned to an implementation nor loose enough to hide a missing product.
//
// u = 2^-24 is the error of one rounding, relative to its result. A sum of n products, in any order and with or without fused
// multiply-add, is off by at most n u times the sum of the products' magnitudes (N. Higham, "Accuracy and Stability of
// Numerical Algorithms", 2nd ed., section 3.1, first order). An activation multiplies that error by its steepest slope and adds
// its own error, which its author states in units of the last place (ulp).

using CnnNative.Kernels;
using CnnNative.Tests.Kernels;

namespace CnnNative.Tests.Golden;

internal static class GoldenTolerance
{
    private const double Roundoff = 1.0 / (1 << 24);

    private const double SmallestNormal = 1.17549435082228751e-38;

    // SiLU and GELU multiply a factor by x, and the factor may have been flushed. From |x| = 104 on, where exp(-|x|) is below
    // every number of single precision, it is zero anyway.
    private const double LargestFlushedFactor = 104;

    // The steepest of all is the negative side of SELU, 1.0507 * 1.6733 at 0.
    private const double SteepestSlope = 1.76;

    /// <summary>Checks a result against a case.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="actual">The result, in the layout of the case.</param>
    /// <param name="activationUlps">The stated error of the implementation's activations and exponentials, in ulp.</param>
    /// <param name="flushesSubnormals">The implementation takes numbers below the smallest normal one for zero.</param>
    public static void AssertMatches(
        GoldenCase golden, ReadOnlySpan<float> actual, double activationUlps, bool flushesSubnormals = false)
    {
        float[] expected = golden.Expected.ToArray();
        Assert.Equal(expected.Length, actual.Length);
        double[] sums = SumErrors(golden);
        double ulps = activationUlps * OwnErrors(golden);
        double flushed = flushesSubnormals ? LargestFlushedFactor * SmallestNormal : 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double tolerance = SteepestSlope * sums[i % sums.Length] + ulps * Ulp(expected[i]) + flushed;
            Assert.True(
                IsWithin(expected[i], actual[i], tolerance),
                $"{golden.Name}: element {i} is {actual[i]:R}, PyTorch has {expected[i]:R}, tolerance {tolerance:G3}.");
        }
    }

    /// <summary>True if both are NaN, the same infinity, or no further apart than the tolerance.</summary>
    public static bool IsWithin(double expected, double actual, double tolerance) =>
        expected.Equals(actual) || Math.Abs(actual - expected) <= tolerance;

    /// <summary>The distance to the next number of larger magnitude.</summary>
    public static double Ulp(float value)
    {
        float magnitude = Math.Abs(value);
        return float.IsFinite(value) ? (double)MathF.BitIncrement(magnitude) - magnitude : 0;
    }

    /// <summary>The bound of a sum of products: one rounding for each product, one for the bias, one for the golden value.
    /// </summary>
    public static double ProductSum(long products, double magnitude) => (products + 2) * Roundoff * magnitude;

    /// <summary>The error before the activation, for each element or one for all.</summary>
    private static double[] SumErrors(GoldenCase golden)
    {
        switch (golden.Kind)
        {
            case "conv2d":
            case "linear":
                Conv2dGeometry geometry = Geometries.Convolution(golden);
                float[] bias = golden.Inputs.Length > 2 ? golden.Inputs[2].ToArray() : [];
                double[] magnitudes =
                    ReferenceConvolution.Run(geometry, golden.Inputs[0].ToArray(), golden.Inputs[1].ToArray(), bias).Magnitudes;
                long products = golden.Inputs[1].Count / geometry.OutputChannels;
                return Array.ConvertAll(magnitudes, magnitude => ProductSum(products, magnitude));
            case "average_pool2d":
                // A mean of n elements in [-1, 1) is a sum of n products of magnitude 1 / n each.
                return [ProductSum(golden.Options.Window[0] * golden.Options.Window[1], 1)];
            case "global_average_pool":
                return [ProductSum(golden.Inputs[0].Count / golden.Expected.Count, 1)];
            case "add":
                return [ProductSum(1, 2)];
            default:
                return [0];
        }
    }

    /// <summary>How many of the implementation's own errors a result contains.</summary>
    private static double OwnErrors(GoldenCase golden) => golden.Kind switch
    {
        // Of the exponential and of the sum of them, of which each term may add a rounding.
        "softmax" => 2 + golden.Inputs[0].Shape[^1],
        "max_pool2d" or "concat" => 0,
        _ => 1,
    };
}
