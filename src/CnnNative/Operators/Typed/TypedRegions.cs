// Windows whose place is data: regions of interest (He et al. 2017, "Mask R-CNN"), and convolutions whose taps are moved (Dai et
// al. 2017, "Deformable Convolutional Networks"; with a mask Zhu et al. 2019).

namespace CnnNative.Operators;

internal static class TypedRegions
{
    public static TypedFunction[] All =>
    [
        new("Typed.RoiAlign", ["input", "regions", "batch_indices"], InferRoiAlign, RoiAlign) { Singles = InputSet.Of(0, 1) },
        new("Typed.DeformConv", ["input", "weights", "offset", "bias", "mask"], InferDeformConv, DeformConv) { Required = 3,
            Singles = InputSet.All },
    ];

    private static void InferRoiAlign(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = new ValueSpec(new Shape(
            inputs[1]!.Value.Shape[0], inputs[0]!.Value.Shape[1], attributes.Integer("output_height", 1),
                attributes.Integer("output_width", 1)));

    private static void InferDeformConv(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        Shape offset = inputs[2]!.Value.Shape;
        outputs[0] = new ValueSpec(new Shape(inputs[0]!.Value.Shape[0], inputs[1]!.Value.Shape[0], offset[2], offset[3]));
    }

    /// <summary>The value between four pixels; <paramref name="clampsBorder"/> lets the border reach one pixel out.</summary>
    private static double Bilinear(ReadOnlySpan<float> plane, int height, int width, double y, double x, bool clampsBorder,
        out double largest)
    {
        largest = 0;
        if (y < -1 || y > height || x < -1 || x > width)
        {
            return 0;
        }

        if (clampsBorder)
        {
            (y, x) = (Math.Max(y, 0), Math.Max(x, 0));
        }

        int top = (int)Math.Floor(y), left = (int)Math.Floor(x);
        if (clampsBorder && top >= height - 1)
        {
            top = height - 1;
            y = top;
        }

        if (clampsBorder && left >= width - 1)
        {
            left = width - 1;
            x = left;
        }

        double sum = 0;
        largest = double.NegativeInfinity;
        for (int corner = 0; corner < 4; corner++)
        {
            int row = top + corner / 2, column = left + corner % 2;
            double weight = (1 - Math.Abs(y - row)) * (1 - Math.Abs(x - column));
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            double part = inside ? weight * plane[row * width + column] : 0;
            sum += part;
            largest = Math.Max(largest, part);
        }

        return sum;
    }

    private static void RoiAlign(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input(0).Access();
        using TensorAccess regions = tensors.Input(1).Access();
        using TensorAccess output = tensors.Output().Access();
        long[] batches = tensors.Input(2).ToLongs();
        Shape shape = tensors.Input(0).Shape, result = tensors.Output().Shape;
        int channels = shape[1], height = shape[2], width = shape[3], rows = result[2], columns = result[3];
        double scale = attributes.Single("spatial_scale", 1), offset = attributes.Flag("half_pixel") ? 0.5 : 0;
        for (int r = 0; r < result[0]; r++)
        {
            double x1 = regions.Values[r * 4] * scale - offset, y1 = regions.Values[r * 4 + 1] * scale - offset;
            double regionWidth = regions.Values[r * 4 + 2] * scale - offset - x1, regionHeight =
                regions.Values[r * 4 + 3] * scale - offset - y1;
            if (offset == 0)
            {
                (regionWidth, regionHeight) = (Math.Max(regionWidth, 1), Math.Max(regionHeight, 1));
            }

            if (batches[r] < 0 || batches[r] >= shape[0])
            {
                throw new ArgumentException($"RoiAlign: a batch index is {batches[r]}, expected 0 to {shape[0] - 1}.");
            }

            Bin bin = new(y1, x1, regionHeight / rows, regionWidth / columns, attributes.Integer("sampling_ratio", 0));
            for (int i = 0; i < channels * rows * columns; i++)
            {
                int channel = i / (rows * columns);
                ReadOnlySpan<float> plane = input.Values.Slice((int)(batches[r] * channels + channel) * height * width,
                    height * width);
                output.Values[r * channels * rows * columns + i] = (float)bin.Value(
                    plane, height, width, i / columns % rows, i % columns, attributes.Text("mode", "avg") == "max");
            }
        }
    }

    /// <summary>The bins of a region, of one size.</summary>
    private readonly record struct Bin(double Top, double Left, double Height, double Width, int Ratio)
    {
        public double Value(ReadOnlySpan<float> plane, int height, int width, int row, int column, bool isMaximum)
        {
            int rows = Ratio > 0 ? Ratio : (int)Math.Ceiling(Height), columns = Ratio > 0 ? Ratio : (int)Math.Ceiling(Width);
            double sum = 0, largest = double.NegativeInfinity;
            for (int i = 0; i < rows * columns; i++)
            {
                double y = Top + row * Height + (i / columns + 0.5) * Height / rows;
                double x = Left + column * Width + (i % columns + 0.5) * Width / columns;
                sum += Bilinear(plane, height, width, y, x, clampsBorder: true, out double part);
                largest = Math.Max(largest, part);
            }

            return isMaximum ? largest : sum / Math.Max(1, rows * columns);
        }
    }

    private static void DeformConv(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input(0).Access();
        using TensorAccess weights = tensors.Input(1).Access();
        using TensorAccess offset = tensors.Input(2).Access();
        using TensorAccess output = tensors.Output().Access();
        float[]? bias = tensors.OptionalInput(3)?.ToArray(), mask = tensors.OptionalInput(4)?.ToArray();
        WindowNumbers window = WindowNumbers.From(attributes);
        Shape shape = tensors.Input(0).Shape, result = tensors.Output().Shape;
        int channels = shape[1], height = shape[2], width = shape[3], filters = result[1], places = result[2] * result[3];
        int groups = attributes.Integer("groups", 1), offsetGroups = attributes.Integer("offset_groups", 1);
        int taps = window.Kernel[0] * window.Kernel[1], each = channels / groups;
        double[] columns = new double[channels * taps];
        for (int n = 0; n < result[0]; n++)
        {
            for (int p = 0; p < places; p++)
            {
                for (int i = 0; i < columns.Length; i++)
                {
                    int channel = i / taps, tap = i % taps, group = channel / (channels / offsetGroups);
                    int at = ((n * offsetGroups + group) * taps + tap) * 2 * places + p;
                    double y = p / result[3] * window.Strides[0] +
                        tap / window.Kernel[1] * window.Dilations[0] - window.Before[0] + offset.Values[at];
                    double x = p % result[3] * window.Strides[1] + tap % window.Kernel[1] * window.Dilations[1] - window.Before[1]
                        + offset.Values[at + places];
                    ReadOnlySpan<float> plane = input.Values.Slice((n * channels + channel) * height * width, height * width);
                    columns[i] = Bilinear(plane, height, width, y, x, clampsBorder: false, out _)
                        * (mask?[((n * offsetGroups + group) * taps + tap) * places + p] ?? 1);
                }

                for (int f = 0; f < filters; f++)
                {
                    double sum = bias?[f] ?? 0;
                    int first = f / (filters / groups) * each * taps;
                    for (int i = 0; i < each * taps; i++)
                    {
                        sum += columns[first + i] * weights.Values[f * each * taps + i];
                    }

                    output.Values[(n * filters + f) * places + p] = (float)sum;
                }
            }
        }
    }
}
