// Resizing with the arithmetic of Pillow's Image.resize, because the preprocessing of nearly every published model was
// made with it and a network notices other pixels. That means: filters widened by the reduction, 8-bit fixed-point weights with
// 22 fraction bits, the horizontal pass before the vertical one, and rounding to 8 bits between the two.

namespace CnnNative.Imaging;

internal static class Resampler
{
    // 8 bits of pixel, 22 of weight and 2 of headroom for the overshoot of the cubic make 32.
    private const int WeightBits = 32 - 8 - 2;

    public static byte[] Resize(ReadOnlySpan<byte> pixels, int height, int width, int channels, int newHeight, int newWidth, Resampling resampling)
    {
        if (resampling == Resampling.Nearest)
        {
            return PickNearest(pixels, height, width, channels, newHeight, newWidth);
        }

        ReadOnlySpan<byte> narrowed = newWidth == width
            ? pixels
            : ResizeRows(pixels, height, width, channels, FilterWeights.Compute(width, newWidth, resampling));
        return newHeight == height
            ? narrowed.ToArray()
            : ResizeColumns(narrowed, newWidth * channels, FilterWeights.Compute(height, newHeight, resampling));
    }

    private static byte[] PickNearest(ReadOnlySpan<byte> pixels, int height, int width, int channels, int newHeight, int newWidth)
    {
        int[] columns = NearestPositions(width, newWidth);
        int[] rows = NearestPositions(height, newHeight);
        byte[] result = GC.AllocateUninitializedArray<byte>(checked(newHeight * newWidth * channels));
        int target = 0;
        foreach (int y in rows)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * width * channels, width * channels);
            foreach (int x in columns)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    result[target++] = row[x * channels + channel];
                }
            }
        }

        return result;
    }

    // The positions are summed rather than multiplied, as Pillow does: the rounding errors decide which of two pixels is
    // taken where a centre falls exactly between them.
    private static int[] NearestPositions(int size, int newSize)
    {
        var positions = new int[newSize];
        double step = (double)size / newSize;
        double position = step * 0.5;
        for (int i = 0; i < newSize; i++)
        {
            positions[i] = Math.Min((int)position, size - 1);
            position += step;
        }

        return positions;
    }

    private static byte[] ResizeRows(ReadOnlySpan<byte> pixels, int height, int width, int channels, FilterWeights weights)
    {
        int newWidth = weights.Count;
        byte[] result = GC.AllocateUninitializedArray<byte>(checked(height * newWidth * channels));
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> source = pixels.Slice(y * width * channels, width * channels);
            Span<byte> target = result.AsSpan(y * newWidth * channels, newWidth * channels);
            for (int x = 0; x < newWidth; x++)
            {
                ReadOnlySpan<int> taps = weights.Taps(x, out int first);
                for (int channel = 0; channel < channels; channel++)
                {
                    int sum = 1 << (WeightBits - 1);
                    for (int tap = 0; tap < taps.Length; tap++)
                    {
                        sum += source[(first + tap) * channels + channel] * taps[tap];
                    }

                    target[x * channels + channel] = Round(sum);
                }
            }
        }

        return result;
    }

    // Whole rows are summed at a time, so that memory is read in order and the loop vectorises.
    private static byte[] ResizeColumns(ReadOnlySpan<byte> pixels, int rowLength, FilterWeights weights)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(checked(weights.Count * rowLength));
        var sums = new int[rowLength];
        for (int y = 0; y < weights.Count; y++)
        {
            ReadOnlySpan<int> taps = weights.Taps(y, out int first);
            Array.Fill(sums, 1 << (WeightBits - 1));
            for (int tap = 0; tap < taps.Length; tap++)
            {
                ReadOnlySpan<byte> source = pixels.Slice((first + tap) * rowLength, rowLength);
                int weight = taps[tap];
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += source[i] * weight;
                }
            }

            Span<byte> target = result.AsSpan(y * rowLength, rowLength);
            for (int i = 0; i < sums.Length; i++)
            {
                target[i] = Round(sums[i]);
            }
        }

        return result;
    }

    private static byte Round(int sum) => (byte)Math.Clamp(sum >> WeightBits, 0, 255);

    /// <summary>For each new position on one axis: the first old position, and the weights from there on.</summary>
    private sealed class FilterWeights
    {
        private readonly int[] _first;
        private readonly int[] _length;
        private readonly int[] _weights;
        private readonly int _stride;

        private FilterWeights(int count, int stride)
        {
            _first = new int[count];
            _length = new int[count];
            _weights = new int[count * stride];
            _stride = stride;
        }

        public int Count => _first.Length;

        public ReadOnlySpan<int> Taps(int position, out int first)
        {
            first = _first[position];
            return _weights.AsSpan(position * _stride, _length[position]);
        }

        public static FilterWeights Compute(int size, int newSize, Resampling resampling)
        {
            double scale = (double)size / newSize;
            double widening = Math.Max(scale, 1.0);
            double support = (resampling == Resampling.Bicubic ? 2.0 : 1.0) * widening;
            long stride = (long)Math.Ceiling(support) * 2 + 1;
            if (newSize * stride > Array.MaxLength)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(newSize), $"Resizing a side from {size} to {newSize} needs more than {Array.MaxLength} weights.");
            }

            var result = new FilterWeights(newSize, (int)stride);
            Span<double> exact = new double[result._stride];
            for (int i = 0; i < newSize; i++)
            {
                double center = (i + 0.5) * scale;
                int first = Math.Max((int)(center - support + 0.5), 0);
                int length = Math.Min((int)(center + support + 0.5), size) - first;
                double total = 0;
                for (int tap = 0; tap < length; tap++)
                {
                    double distance = (first + tap - center + 0.5) * (1.0 / widening);
                    exact[tap] = resampling == Resampling.Bicubic ? Cubic(distance) : Triangle(distance);
                    total += exact[tap];
                }

                result._first[i] = first;
                result._length[i] = length;
                for (int tap = 0; tap < length; tap++)
                {
                    result._weights[i * result._stride + tap] = ToFixedPoint(exact[tap] / total);
                }
            }

            return result;
        }

        private static int ToFixedPoint(double weight) => (int)(weight * (1 << WeightBits) + (weight < 0 ? -0.5 : 0.5));

        private static double Triangle(double x) => Math.Max(1.0 - Math.Abs(x), 0.0);

        // R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with his a = -1/2.
        private static double Cubic(double x)
        {
            const double A = -0.5;
            x = Math.Abs(x);
            return x switch
            {
                < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
                < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
                _ => 0.0,
            };
        }
    }
}
