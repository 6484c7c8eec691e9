// What the pixels of one direction weigh in a resize, by the definition of ONNX's operator, in double precision. Where a pixel
// lies is computed with one rounding, so that a pixel halfway between two others lies there exactly.

namespace CnnNative.Kernels.Managed;

/// <summary>For each output position, the input positions that it is made of and their weights.</summary>
internal sealed class ResizeTaps
{
    /// <summary>Sums below this are no divisors: the pixel that is nearest stands in.</summary>
    private const double Nothing = 1e-6;

    private readonly int[] _starts;
    private readonly int[] _positions;
    private readonly double[] _weights;

    private ResizeTaps(int inputs, int[] starts, int[] positions, double[] weights)
    {
        Inputs = inputs;
        _starts = starts;
        _positions = positions;
        _weights = weights;
    }

    /// <summary>Positions of the input.</summary>
    public int Inputs { get; }

    /// <summary>Positions of the output.</summary>
    public int Outputs => _starts.Length - 1;

    /// <summary>Computes the weights. Those that vanish as float32 are left out.</summary>
    public static ResizeTaps Create(ResizeAxis axis, ResizeFilter filter)
    {
        var starts = new int[axis.Output + 1];
        List<int> positions = [];
        List<double> weights = [];
        SortedDictionary<int, double> taps = [];
        for (int output = 0; output < axis.Output; output++)
        {
            taps.Clear();
            Weigh(axis, filter, Coordinate(axis, filter.Coordinates, output), taps);
            foreach ((int position, double weight) in taps)
            {
                if ((float)weight != 0)
                {
                    positions.Add(position);
                    weights.Add(weight);
                }
            }

            starts[output + 1] = positions.Count;
        }

        return new ResizeTaps(axis.Input, starts, [.. positions], [.. weights]);
    }

    /// <summary>The input positions of an output position.</summary>
    public ReadOnlySpan<int> Positions(int output) => _positions.AsSpan(_starts[output].._starts[output + 1]);

    /// <summary>Their weights.</summary>
    public ReadOnlySpan<double> Weights(int output) => _weights.AsSpan(_starts[output].._starts[output + 1]);

    /// <summary>The same weights seen from the input: for each of its positions, the outputs that it is part of.</summary>
    public ResizeTaps Transpose()
    {
        List<(int Output, double Weight)>[] users = [.. Enumerable.Range(0, Inputs).Select(_ => new List<(int, double)>())];
        for (int output = 0; output < Outputs; output++)
        {
            for (int tap = _starts[output]; tap < _starts[output + 1]; tap++)
                users[_positions[tap]].Add((output, _weights[tap]));
        }

        var starts = new int[Inputs + 1];
        for (int input = 0; input < Inputs; input++)
            starts[input + 1] = starts[input] + users[input].Count;
        return new ResizeTaps(
            Outputs, starts, [.. users.SelectMany(user => user.Select(tap => tap.Output))],
            [.. users.SelectMany(user => user.Select(tap => tap.Weight))]);
    }

    private static double Coordinate(ResizeAxis axis, CoordinateMode mode, int output) => mode switch
    {
        CoordinateMode.AlignCorners => axis.Output == 1 ? 0 : (double)output * (axis.Input - 1) / (axis.Output - 1),
        CoordinateMode.Asymmetric => Unscaled(axis, output),
        CoordinateMode.HalfPixelSymmetric =>
            (axis.Input - 1) / 2.0 + Unscaled(axis, output - (axis.Output - 1) / 2.0),
        CoordinateMode.PytorchHalfPixel when axis.Output == 1 => 0,
        _ => Unscaled(axis, output + 0.5) - 0.5,
    };

    private static double Unscaled(ResizeAxis axis, double position) =>
        axis.Scale > 0 ? position / axis.Scale : position * axis.Input / axis.Output;

    private static void Weigh(ResizeAxis axis, ResizeFilter filter, double x, SortedDictionary<int, double> taps)
    {
        if (filter.Mode == ResizeMode.Nearest)
        {
            taps[Inside(axis, Nearest(filter.Nearest, x))] = 1;
            return;
        }

        double scale = axis.Scale > 0 ? axis.Scale : (double)axis.Output / axis.Input;
        double stretch = filter.Antialias ? Math.Min(1, scale) : 1, radius = (filter.Mode == ResizeMode.Linear ? 1 : 2) / stretch;
        double sum = 0;
        for (double place = Math.Ceiling(x - radius); place <= x + radius; place++)
        {
            bool outside = place < 0 || place >= axis.Input;
            if (outside && filter.ExcludeOutside)
                continue;

            double weight = Weight(filter, (place - x) * stretch);
            int position = Inside(axis, place);
            taps[position] = taps.GetValueOrDefault(position) + weight;
            sum += weight;
        }

        if (Math.Abs(sum) < Nothing && filter is not { Antialias: false, ExcludeOutside: false })
        {
            taps.Clear();
            taps[Inside(axis, Math.Floor(x + 0.5))] = 1;
        }
        else if (filter.Antialias || filter.ExcludeOutside)
        {
            foreach (int position in taps.Keys.ToArray())
                taps[position] /= sum;
        }
    }

    private static int Inside(ResizeAxis axis, double place) => (int)Math.Clamp(place, 0, axis.Input - 1);

    private static double Nearest(NearestMode mode, double x) => mode switch
    {
        NearestMode.Floor => Math.Floor(x),
        NearestMode.Ceil => Math.Ceiling(x),
        NearestMode.RoundPreferCeil => Math.Ceiling(x) - x <= 0.5 ? Math.Ceiling(x) : Math.Floor(x),
        _ => x - Math.Floor(x) <= 0.5 ? Math.Floor(x) : Math.Ceiling(x),
    };

    /// <summary>The triangle, and Keys' cubic convolution with its coefficient a.</summary>
    private static double Weight(ResizeFilter filter, double distance)
    {
        double t = Math.Abs(distance), a = filter.CubicCoefficient;
        if (filter.Mode == ResizeMode.Linear)
            return Math.Max(0, 1 - t);
        return t <= 1 ? (a + 2) * t * t * t - (a + 3) * t * t + 1 : t < 2 ? a * (t * t * t - 5 * t * t + 8 * t - 4) : 0;
    }
}
