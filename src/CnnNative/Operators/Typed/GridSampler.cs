// One point of a picture or a volume, between its pixels: ONNX's GridSample, which is PyTorch's grid_sample, for any rank.

namespace CnnNative.Operators;

/// <summary>Samples planes of the given sizes.</summary>
internal sealed class GridSampler(AttributeSet attributes, int[] sizes)
{
    private readonly string _mode = attributes.Text("mode", "linear");
    private readonly string _padding = attributes.Text("padding_mode", "zeros");
    private readonly bool _corners = attributes.Flag("align_corners");
    private readonly int[] _place = new int[sizes.Length];

    /// <summary>The elements of a plane.</summary>
    public int Pixels { get; } = sizes.Aggregate(1, (product, size) => product * size);

    /// <summary>The value at a point whose coordinates go from -1 to 1, outermost dimension first.</summary>
    public double Sample(ReadOnlySpan<float> values, ReadOnlySpan<double> point)
    {
        Span<double> x = stackalloc double[sizes.Length];
        for (int d = 0; d < x.Length; d++)
        {
            double last = sizes[d] - 1;
            x[d] = _corners ? (point[d] + 1) / 2 * last : ((point[d] + 1) * sizes[d] - 1) / 2;
            x[d] = _mode == "nearest" ? Math.Round(x[d], MidpointRounding.ToEven) : x[d];
            (double low, double high) = Border(d);
            if (x[d] < low || x[d] > high)
            {
                x[d] = _padding switch
                {
                    "border" => Math.Clamp(x[d], 0, last),
                    "reflection" => Reflect(x[d], low, high),
                    _ => x[d],
                };
            }
        }

        return Interpolate(values, x, 0);
    }

    private (double Low, double High) Border(int dimension) => _corners ? (0, sizes[dimension] - 1)
        : (-0.5, sizes[dimension] - 0.5);

    private static double Reflect(double x, double low, double high)
    {
        double range = high - low;
        if (range <= 0)
        {
            return low;
        }

        double distance = x < low ? low - x : x > high ? x - high : 0, rest = distance % range;
        bool turns = (long)(distance / range) % 2 != 0;
        return x < low ? (turns ? high - rest : low + rest) : x > high ? (turns ? low + rest : high - rest) : x;
    }

    /// <summary>Dimension by dimension, the innermost last.</summary>
    private double Interpolate(ReadOnlySpan<float> values, ReadOnlySpan<double> x, int dimension)
    {
        if (dimension == x.Length)
        {
            return Pixel(values);
        }

        if (_mode == "nearest")
        {
            return At(values, x, dimension, (int)x[dimension]);
        }

        int origin = (int)Math.Floor(x[dimension]), reach = _mode == "cubic" ? 2 : 1;
        double sum = 0;
        for (int index = origin + 1 - reach; index <= origin + reach; index++)
        {
            double distance = Math.Abs(index - x[dimension]);
            double weight = reach == 2 ? Cubic(distance) : Math.Max(0, 1 - distance);
            if (weight != 0)
            {
                sum += weight * At(values, x, dimension, index);
            }
        }

        return sum;
    }

    private double At(ReadOnlySpan<float> values, ReadOnlySpan<double> x, int dimension, int index)
    {
        _place[dimension] = index;
        return Interpolate(values, x, dimension + 1);
    }

    private double Pixel(ReadOnlySpan<float> values)
    {
        int offset = 0;
        for (int d = 0; d < sizes.Length; d++)
        {
            int index = _place[d];
            if (index < 0 || index >= sizes[d])
            {
                if (_padding == "zeros")
                {
                    return 0;
                }

                (double low, double high) = Border(d);
                index = Math.Clamp(_padding == "border" ? index : (int)Reflect(index, low, high), 0, sizes[d] - 1);
            }

            offset = offset * sizes[d] + index;
        }

        return values[offset];
    }

    private static double Cubic(double x)
    {
        const double A = -0.75;
        return x <= 1 ? ((A + 2) * x - (A + 3)) * x * x + 1 : x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
    }
}
