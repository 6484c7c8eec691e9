// Elastic distortion (Simard, Steinkraus and Platt 2003): every pixel gets a random displacement, and a Gaussian makes neighbours
// agree. It looks like another hand writing the same digit, and gives more than any other augmentation there.

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CnnNative;

/// <summary>Moves each pixel by a smooth random field.</summary>
public sealed class ElasticDistortion : GeometricStep
{
    private const int Lanes = 32;

    private readonly float[] _weights;
    private readonly int _radius;

    /// <summary>Makes the step.</summary>
    /// <param name="alpha">The strength: displacements are drawn from -alpha to alpha pixels, before they are smoothed. Simard
    /// et al. used 34 for digits of 28x28.</param>
    /// <param name="sigma">The standard deviation of the Gaussian that smooths them, in pixels, from 0.5 to 64; 4 in the paper.
    /// It is cut off at three deviations, and no displacements come from outside the picture.</param>
    public ElasticDistortion(float alpha = 34, float sigma = 4)
    {
        Ranges.Check(alpha, 0, 1e6f, nameof(alpha));
        Ranges.Check(sigma, 0.5f, 64, nameof(sigma));
        _radius = (int)MathF.Ceiling(3 * sigma);
        _weights = new float[2 * _radius + 1];
        double sum = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            double distance = (i - _radius) / (double)sigma;
            sum += _weights[i] = (float)Math.Exp(-0.5 * distance * distance);
        }

        // Each direction is smoothed once, so half of the strength belongs to either.
        double factor = Math.Sqrt(alpha) / sum;
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (float)(_weights[i] * factor);
        }
    }

    internal override bool HasDisplacements => true;

    internal override void AddDisplacements(Shape shape, Span<float> x, Span<float> y, ref SampleRandom random)
    {
        AddField(shape[0], shape[1], x, ref random);
        AddField(shape[0], shape[1], y, ref random);
    }

    private void AddField(int height, int width, Span<float> displacements, ref SampleRandom random)
    {
        int columns = (width + Lanes - 1) / Lanes * Lanes, stride = columns + 2 * _radius, rows = height + 2 * _radius;
        float[] rented = ArrayPool<float>.Shared.Rent(height * width + height * stride + rows * columns);
        Span<float> noise = rented.AsSpan(0, height * width), wide = rented.AsSpan(noise.Length, height * stride);
        Span<float> high = rented.AsSpan(noise.Length + wide.Length, rows * columns);
        random.FillUniform(noise, -1, 1);
        wide.Clear();
        high.Clear();
        for (int row = 0; row < height; row++)
        {
            noise.Slice(row * width, width).CopyTo(wide.Slice(row * stride + _radius, width));
            Smooth(wide.Slice(row * stride, stride), 1, high.Slice((row + _radius) * columns, columns));
        }

        Span<float> smooth = wide[..columns];
        for (int row = 0; row < height; row++)
        {
            Smooth(high[(row * columns)..], columns, smooth);
            Span<float> target = displacements.Slice(row * width, width);
            for (int i = 0; i < width; i++)
            {
                target[i] += smooth[i];
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Weighted sums of what lies <paramref name="step"/> apart. Four vectors at a time hide the latency of
    /// additions.</summary>
    private void Smooth(ReadOnlySpan<float> source, int step, Span<float> result)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, (_weights.Length - 1) * step + result.Length);
        ref float from = ref MemoryMarshal.GetReference(source);
        for (int i = 0; i < result.Length; i += Lanes)
        {
            Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
            ref float place = ref Unsafe.Add(ref from, i);
            foreach (float weight in _weights)
            {
                Vector256<float> factor = Vector256.Create(weight);
                a += factor * Vector256.LoadUnsafe(ref place);
                b += factor * Vector256.LoadUnsafe(ref place, 8);
                c += factor * Vector256.LoadUnsafe(ref place, 16);
                d += factor * Vector256.LoadUnsafe(ref place, 24);
                place = ref Unsafe.Add(ref place, step);
            }

            a.CopyTo(result[i..]);
            b.CopyTo(result[(i + 8)..]);
            c.CopyTo(result[(i + 16)..]);
            d.CopyTo(result[(i + 24)..]);
        }
    }
}
