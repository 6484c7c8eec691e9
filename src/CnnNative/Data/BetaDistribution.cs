// The symmetric beta distribution, from which MixUp and CutMix draw their weights: two gamma variates, one as a part of both.

namespace CnnNative;

internal static class BetaDistribution
{
    public static void Check(double alpha)
    {
        if (!(alpha > 0) || double.IsInfinity(alpha))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Expected a finite number above 0.");
        }
    }

    /// <summary>A number from 0 to 1 of Beta(alpha, alpha).</summary>
    public static double Draw(double alpha, ref SampleRandom random)
    {
        double first = LogOfGamma(alpha, ref random), second = LogOfGamma(alpha, ref random);

        // Of very small alphas both variates are below the smallest float64; their logarithms are not.
        return 1 / (1 + Math.Exp(second - first));
    }

    /// <summary>The logarithm of a gamma variate, by the method of Marsaglia and Tsang (2000); shapes below 1 by their step
    /// up.</summary>
    private static double LogOfGamma(double shape, ref SampleRandom random)
    {
        if (shape < 1)
        {
            double uniform = (random.NextUInt32() + 0.5) / 4294967296.0;
            return LogOfGamma(shape + 1, ref random) + Math.Log(uniform) / shape;
        }

        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = random.Normal(), v = 1 + c * x;
            v = v * v * v;
            double uniform = (random.NextUInt32() + 0.5) / 4294967296.0;
            if (v > 0 && Math.Log(uniform) < 0.5 * x * x + d - d * v + d * Math.Log(v))
            {
                return Math.Log(d * v);
            }
        }
    }
}
