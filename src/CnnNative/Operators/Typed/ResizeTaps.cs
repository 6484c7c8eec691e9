// Which elements of a line make up each element of the resized line, and with which weights: ONNX's Resize for one dimension,
// with all its coordinate transformations. Formulas: the operator's specification, versions 10 to 19; the cubic filter is that of
// Keys 1981.

namespace CnnNative.Operators;

internal sealed class ResizeTaps
{
    private readonly (int Index, double Weight)[][] _taps;
    private readonly bool[] _outside;

    public ResizeTaps(AttributeSet attributes, int input, int output, double scale, double roiStart, double roiEnd)
    {
        _taps = new (int, double)[output][];
        _outside = new bool[output];
        string mode = attributes.Text("mode", "nearest");
        string coordinates = attributes.Text("coordinates", "half_pixel");
        for (int k = 0; k < output; k++)
        {
            double x = Coordinate(coordinates, k, input, output, scale, roiStart, roiEnd);
            _outside[k] = x < 0 || x > input - 1;
            _taps[k] = mode == "nearest"
                ? [(Math.Clamp(Nearest(attributes.Text("nearest", "round_prefer_floor"), x), 0, input - 1), 1)]
                : Filtered(attributes, mode == "cubic", x, input, scale);
        }
    }

    /// <summary>The elements of the input that make up one of the output.</summary>
    public (int Index, double Weight)[] Of(int output) => _taps[output];

    /// <summary>Whether an element of the output lies outside the input.</summary>
    public bool IsOutside(int output) => _outside[output];

    private static double Coordinate(string mode, int k, int input, int output, double scale, double start, double end) =>
        mode switch
        {
            "align_corners" => scale * input <= 1 ? 0 : k * (input - 1) / (scale * input - 1),
            "asymmetric" => k / scale,
            "pytorch_half_pixel" => output == 1 ? -0.5 : (k + 0.5) / scale - 0.5,
            "tf_half_pixel_for_nn" => (k + 0.5) / scale,
            "half_pixel_symmetric" => input / 2.0 * (1 - output / (scale * input)) + (k + 0.5) / scale - 0.5,
            "tf_crop_and_resize" => output == 1
                ? 0.5 * (start + end) * (input - 1)
                : start * (input - 1) + k * (end - start) * (input - 1) / (output - 1),
            _ => (k + 0.5) / scale - 0.5,
        };

    private static int Nearest(string mode, double x) => (int)(mode switch
    {
        "round_prefer_ceil" => Math.Floor(x + 0.5),
        "floor" => Math.Floor(x),
        "ceil" => Math.Ceiling(x),
        _ => Math.Ceiling(x - 0.5),
    });

    private static (int, double)[] Filtered(AttributeSet attributes, bool cubic, double x, int input, double scale)
    {
        // A filter that shrinks a line with antialiasing is stretched, to see all elements that it passes.
        double stretch = attributes.Flag("antialias") ? Math.Min(scale, 1) : 1, coefficient =
            attributes.Single("cubic_coefficient", -0.75f);
        int reach = cubic ? 2 : 1, start = (int)Math.Floor(-reach / stretch) + 1, origin = (int)Math.Floor(x), count =
            2 - 2 * start;
        bool excludes = attributes.Flag("exclude_outside");
        var taps = new (int Index, double Weight)[count];
        double total = 0;
        for (int i = 0; i < count; i++)
        {
            int index = origin + start + i;
            double distance = Math.Abs((index - x) * stretch);
            double weight = cubic ? Cubic(distance, coefficient) : Math.Max(0, 1 - distance);
            weight = excludes && (index < 0 || index >= input) ? 0 : weight;
            taps[i] = (Math.Clamp(index, 0, input - 1), weight);
            total += weight;
        }

        for (int i = 0; i < count && total != 0; i++)
        {
            taps[i].Weight /= total;
        }

        return taps;
    }

    private static double Cubic(double x, double a) => x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
        : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        : 0;
}
