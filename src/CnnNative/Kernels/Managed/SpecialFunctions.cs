// The functions that the activations need and System.Math lacks, in double precision and accurate relative to the result,
// also where it is tiny.

namespace CnnNative.Kernels.Managed;

internal static class SpecialFunctions
{
    /// <summary>exp(x) - 1 without cancellation near 0: the rounding error of exp(x) is divided out by log. W. Kahan's
    /// method, in N. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 1.14.1.</summary>
    public static double ExpMinus1(double x)
    {
        double exponential = Math.Exp(x);
        if (exponential == 1)
            return x;

        double difference = exponential - 1;
        return exponential == 0 || double.IsInfinity(exponential) ? difference : difference * x / Math.Log(exponential);
    }

    /// <summary>log(1 + exp(x)), with the logarithm of 1 + e corrected for the rounding of that sum; Higham, as above.</summary>
    public static double Softplus(double x)
    {
        double e = Math.Exp(-Math.Abs(x)), sum = 1 + e;
        return Math.Max(x, 0) + (sum == 1 ? e : Math.Log(sum) * (e / (sum - 1)));
    }

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>The complementary error function 1 - erf(x), by the three rational approximations of W. J. Cody, "Rational
    /// Chebyshev Approximations for the Error Function", Mathematics of Computation 23 (1969), with the coefficients of his
    /// routine CALERF (netlib, specfun).</summary>
    public static double Erfc(double x)
    {
        double magnitude = Math.Abs(x);
        if (magnitude <= 0.46875)
            return 1 - x * ErfOverX(x * x);

        double tail = Math.Exp(-x * x) * (magnitude <= 4 ? ScaledErfcNear(magnitude) : ScaledErfcFar(magnitude));
        return x < 0 ? 2 - tail : tail;
    }

    /// <summary>The error function, from the same approximations.</summary>
    public static double Erf(double x) => Math.Abs(x) <= 0.46875 ? x * ErfOverX(x * x) : 1 - Erfc(x);

    /// <summary>erf(x) / x as a function of x squared, for |x| up to 0.46875.</summary>
    private static double ErfOverX(double square) =>
        Polynomial(
            square,
            [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3])
        / Polynomial(
            square,
            [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3]);

    /// <summary>exp(x squared) erfc(x) for x from 0.46875 to 4.</summary>
    private static double ScaledErfcNear(double x) =>
        Polynomial(
            x,
            [
                2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
                8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
            ])
        / Polynomial(
            x,
            [
                1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
                3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
            ]);

    /// <summary>exp(x squared) erfc(x) for x above 4: the leading term 1 / (x sqrt pi) and its correction.</summary>
    private static double ScaledErfcFar(double x)
    {
        double inverseSquare = 1 / (x * x);
        double correction = inverseSquare
            * Polynomial(
                inverseSquare,
                [
                    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
                    1.60837851487422766e-2, 6.58749161529837803e-4,
                ])
            / Polynomial(
                inverseSquare,
                [
                    1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
                    2.33520497626869185e-3,
                ]);
        return (1 / Math.Sqrt(Math.PI) - correction) / x;
    }

    /// <summary>Horner's rule; the coefficient of the highest power comes first.</summary>
    private static double Polynomial(double x, ReadOnlySpan<double> coefficients)
    {
        double sum = 0;
        foreach (double coefficient in coefficients)
            sum = sum * x + coefficient;
        return sum;
    }
}
