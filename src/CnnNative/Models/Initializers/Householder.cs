// The Q of a QR decomposition by Householder's reflections (Golub and Van Loan, Matrix Computations, 5.2). Unlike Gram and
// Schmidt's way, its result is orthogonal to the last bits whatever the matrix. Four lanes everywhere, so that all processors add
// in one order.

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnNative;

internal static class Householder
{
    /// <summary>Vectors of length 1 at right angles to each other that span what the given ones span, in their order, each turned
    /// so that its product with the given one is positive. What was given is overwritten.</summary>
    /// <param name="columns">Vectors, each at least as long as there are of them; columns of a matrix.</param>
    public static double[][] Orthonormalize(double[][] columns)
    {
        // Column k becomes the normal of the k-th reflection, which is 0 before position k; the reflection is I - 2 v v'.
        bool[] isNegative = new bool[columns.Length];
        for (int k = 0; k < columns.Length; k++)
        {
            Span<double> v = columns[k].AsSpan(k);
            double norm = Math.Sqrt(Dot(v, v));

            // Away from the first element, so that nothing cancels. The diagonal of R is the opposite.
            isNegative[k] = v[0] > 0;
            v[0] += v[0] > 0 ? norm : -norm;
            double length = Math.Sqrt(Dot(v, v));
            if (length > 0)
                Scale(1 / length, v);
            for (int j = k + 1; j < columns.Length; j++)
                Reflect(v, columns[j].AsSpan(k));
            columns[k].AsSpan(0, k).Clear();
        }

        var q = new double[columns.Length][];
        for (int j = 0; j < q.Length; j++)
        {
            q[j] = new double[columns[j].Length];
            q[j][j] = isNegative[j] ? -1 : 1;

            // The later reflections leave the first j axes alone.
            for (int k = j; k >= 0; k--)
                Reflect(columns[k].AsSpan(k), q[j].AsSpan(k));
        }

        return q;
    }

    private static void Reflect(ReadOnlySpan<double> v, Span<double> x) => AddScaled(-2 * Dot(v, x), v, x);

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ReadOnlySpan<Vector256<double>> xs = MemoryMarshal.Cast<double, Vector256<double>>(x);
        ReadOnlySpan<Vector256<double>> ys = MemoryMarshal.Cast<double, Vector256<double>>(y);
        Vector256<double> even = Vector256<double>.Zero, odd = Vector256<double>.Zero;
        int i = 0;
        for (; i + 1 < xs.Length; i += 2)
        {
            even += xs[i] * ys[i];
            odd += xs[i + 1] * ys[i + 1];
        }

        if (i < xs.Length)
            even += xs[i] * ys[i];
        even += odd;
        double sum = even[0] + even[1] + (even[2] + even[3]);
        for (int rest = 4 * xs.Length; rest < x.Length; rest++)
            sum += x[rest] * y[rest];
        return sum;
    }

    private static void AddScaled(double factor, ReadOnlySpan<double> x, Span<double> y)
    {
        ReadOnlySpan<Vector256<double>> xs = MemoryMarshal.Cast<double, Vector256<double>>(x);
        Span<Vector256<double>> ys = MemoryMarshal.Cast<double, Vector256<double>>(y);
        for (int i = 0; i < xs.Length; i++)
            ys[i] += factor * xs[i];
        for (int rest = 4 * xs.Length; rest < x.Length; rest++)
            y[rest] += factor * x[rest];
    }

    private static void Scale(double factor, Span<double> x)
    {
        foreach (ref double value in x)
            value *= factor;
    }
}
