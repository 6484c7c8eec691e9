// The values of one map, copied out of a tensor. Three channels are a colour picture, one channel is a map of numbers.

namespace CnnNative.Imaging;

internal sealed class HeatMap
{
    private readonly float[] _values;

    private HeatMap(float[] values, int height, int width, int channels)
    {
        _values = values;
        Height = height;
        Width = width;
        Channels = channels;
    }

    public int Height { get; }

    public int Width { get; }

    /// <summary>1 for numbers, 3 for a colour picture.</summary>
    public int Channels { get; }

    public bool IsPicture => Channels == 3;

    public static HeatMap FromTensor(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        (int height, int width, int channels) = Size(tensor.Shape);
        if (channels is not (1 or 3))
        {
            throw new ShapeException($"Figure.Row: the tensor is {tensor.Shape} with {channels} channels, expected 1 or 3;"
                + $" {nameof(Figure)}.{nameof(Figure.Grid)} shows any number of them.");
        }

        return new HeatMap(tensor.ToArray(), height, width, channels);
    }

    public static HeatMap[] FromChannels(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        (int height, int width, int channels) = Size(tensor.Shape);
        float[] values = tensor.ToArray();
        var maps = new HeatMap[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            var map = new float[height * width];
            for (int i = 0; i < map.Length; i++)
            {
                map[i] = values[i * channels + channel];
            }

            maps[channel] = new HeatMap(map, height, width, 1);
        }

        return maps;
    }

    /// <summary>The values as rows; only for numbers. Infinities become the ends of the range, which they would exceed.</summary>
    public double[,] Rows(ValueRange range)
    {
        var rows = new double[Height, Width];
        for (int i = 0; i < _values.Length; i++)
        {
            // Math.Clamp keeps NaN.
            rows[i / Width, i % Width] = Math.Clamp(_values[i], range.Minimum, range.Maximum);
        }

        return rows;
    }

    /// <summary>The values as pixels; only for a colour picture.</summary>
    public Image ToImage()
    {
        using Tensor tensor = Tensor.FromSpan(_values, (1, Height, Width, Channels));
        return Image.FromTensor(tensor);
    }

    /// <summary>The mean of each block of factor x factor values; smaller blocks at the right and lower edge.</summary>
    public HeatMap Reduce(int factor)
    {
        if (factor == 1)
        {
            return this;
        }

        int height = (Height + factor - 1) / factor, width = (Width + factor - 1) / factor;
        var means = new float[height * width * Channels];
        for (int i = 0; i < means.Length; i++)
        {
            int channel = i % Channels, left = i / Channels % width * factor, top = i / Channels / width * factor;
            means[i] = Mean(left, top, Math.Min(left + factor, Width), Math.Min(top + factor, Height), channel);
        }

        return new HeatMap(means, height, width, Channels);
    }

    /// <summary>The smallest and largest finite value, or null if there is none.</summary>
    public ValueRange? FiniteRange()
    {
        float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity;
        foreach (float value in _values)
        {
            if (float.IsFinite(value))
            {
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
            }
        }

        return minimum <= maximum ? new ValueRange(minimum, maximum) : null;
    }

    private float Mean(int left, int top, int right, int bottom, int channel)
    {
        double sum = 0;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                sum += _values[(y * Width + x) * Channels + channel];
            }
        }

        return (float)(sum / ((right - left) * (bottom - top)));
    }

    private static (int Height, int Width, int Channels) Size(Shape shape) => shape.Rank switch
    {
        2 => (shape[0], shape[1], 1),
        3 => (shape[0], shape[1], shape[2]),
        4 when shape[0] == 1 => (shape[1], shape[2], shape[3]),
        4 => throw new ShapeException($"Figure: the tensor is {shape}, a batch of {shape[0]}; expected one item,"
            + $" such as {nameof(Tensor)}.{nameof(Tensor.Slice)}(0, 1) gives."),
        _ => throw new ShapeException(
            $"Figure: the tensor is {shape}, expected 1 x height x width x channels, height x width x channels or height x width."),
    };
}
