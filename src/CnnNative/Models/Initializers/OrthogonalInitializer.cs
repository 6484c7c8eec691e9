// Orthogonal first weights: the Q of a normal random matrix, with the signs that make every rotation equally likely (Mezzadri
// 2007). In double precision and in a fixed order of operations, so that it has the same bits on every processor.

using CnnNative.Kernels;

namespace CnnNative;

internal sealed record OrthogonalInitializer(double Gain) : Initializer
{
    private protected override void Fill(IKernels kernels, Tensor weights, Fan fan, RandomSequence sequence)
    {
        kernels.RandomNormal(in sequence, 0, 1, weights);
        int rows = weights.Shape[0], columns = weights.ElementCount / rows;
        using TensorAccess access = weights.Access();
        Span<float> values = access.Values;

        // The vectors that become orthogonal are the longer ones: rows where there are fewer rows, else columns.
        bool areRows = rows < columns;
        int count = Math.Min(rows, columns), length = Math.Max(rows, columns);
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = new double[length];
            for (int j = 0; j < length; j++)
                vectors[i][j] = values[areRows ? i * columns + j : j * columns + i];
        }

        double[][] q = Householder.Orthonormalize(vectors);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < length; j++)
                values[areRows ? i * columns + j : j * columns + i] = (float)(Gain * q[i][j]);
        }
    }
}
