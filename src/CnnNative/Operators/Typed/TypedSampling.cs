// Pictures and volumes seen at other places: resizing in every way that ONNX knows, sampling at given points, and the grids of
// affine maps. What networks mostly need of resizing has a kernel; this is the definition, written down.

namespace CnnNative.Operators;

internal static class TypedSampling
{
    public static TypedFunction[] All =>
    [
        new("Typed.Resize", ["input"], InferResize, Resize),
        new("Typed.GridSample", ["input", "grid"], InferGridSample, GridSample) { Singles = InputSet.All },
        new("Typed.AffineGrid", ["theta"], InferAffineGrid, AffineGrid) { Singles = InputSet.All },
    ];

    private static void InferResize(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Shape = new Shape(attributes.Integers("output")) };

    private static void InferGridSample(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] grid = inputs[1]!.Value.Shape.ToArray();
        outputs[0] = input with { Shape = new Shape([input.Shape[0], input.Shape[1], .. grid[1..^1]]) };
    }

    private static void InferAffineGrid(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        int[] sizes = attributes.Integers("sizes");
        outputs[0] = new ValueSpec(new Shape([inputs[0]!.Value.Shape[0], .. sizes, sizes.Length]));
    }

    /// <summary>One dimension after the other, in double precision. Type does not matter: integers are rounded back.</summary>
    private static void Resize(AttributeSet attributes, NodeTensors tensors)
    {
        Tensor input = tensors.Input();
        double[] values = input.ToDoubles();
        int[] sizes = input.Shape.ToArray(), target = attributes.Integers("output");
        ReadOnlySpan<double> scales = Numbers(attributes, "scales"), starts = Numbers(attributes, "roi_start"), ends =
            Numbers(attributes, "roi_end");
        bool[] outside = new bool[tensors.Output().ElementCount];
        bool extrapolates = attributes.Text("coordinates", "half_pixel") == "tf_crop_and_resize";
        for (int d = 0; d < sizes.Length; d++)
        {
            ResizeTaps taps = new(attributes, sizes[d], target[d], scales[d], starts[d], ends[d]);
            if (sizes[d] != target[d] || scales[d] != 1 || extrapolates)
            {
                values = Apply(values, TypedOrder.AxisView.Of(new Shape(sizes), d), target[d], taps);
                sizes[d] = target[d];
            }

            Mark(outside, TypedOrder.AxisView.Of(tensors.Output().Shape, d), taps, extrapolates);
        }

        double extrapolation = attributes.Single("extrapolation_value", 0);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = outside[i] ? extrapolation : values[i];
        }

        tensors.Output().Store(values);
    }

    private static ReadOnlySpan<double> Numbers(AttributeSet attributes, string name) =>
        attributes.TryGet(name, out AttributeValue value) ? value.ToNumbers()
            : throw new FormatException($"the attribute '{name}' is missing.");

    private static double[] Apply(double[] values, TypedOrder.AxisView view, int target, ResizeTaps taps)
    {
        TypedOrder.AxisView result = view with { Size = target };
        double[] output = new double[view.Outer * target * view.Inner];
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            int from = view.Start(line), to = result.Start(line);
            for (int k = 0; k < target; k++)
            {
                double sum = 0;
                foreach ((int index, double weight) in taps.Of(k))
                {
                    sum += weight * values[from + index * view.Inner];
                }

                output[to + k * view.Inner] = sum;
            }
        }

        return output;
    }

    private static void Mark(bool[] outside, TypedOrder.AxisView view, ResizeTaps taps, bool extrapolates)
    {
        for (int i = 0; extrapolates && i < outside.Length; i++)
        {
            outside[i] |= taps.IsOutside(i / view.Inner % view.Size);
        }
    }

    private static void AffineGrid(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess theta = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        int[] sizes = attributes.Integers("sizes"), place = new int[sizes.Length];
        bool corners = attributes.Flag("align_corners");
        int rank = sizes.Length, points = output.Values.Length / rank, each = points / tensors.Input().Shape[0];
        double[] point = new double[rank + 1];
        for (int i = 0; i < points; i++)
        {
            // Coordinates go from x, the innermost dimension, to the outermost.
            for (int d = 0; d < rank; d++)
            {
                int size = sizes[rank - 1 - d], at = place[rank - 1 - d];
                point[d] = corners ? (size == 1 ? -1 : -1 + 2.0 * at / (size - 1)) : (2.0 * at + 1) / size - 1;
            }

            point[rank] = 1;
            for (int r = 0; r < rank; r++)
            {
                double sum = 0;
                for (int c = 0; c <= rank; c++)
                {
                    sum += theta.Values[(i / each * rank + r) * (rank + 1) + c] * point[c];
                }

                output.Values[i * rank + r] = (float)sum;
            }

            Positions.Advance(place, sizes);
        }
    }

    private static void GridSample(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input(0).Access();
        using TensorAccess grid = tensors.Input(1).Access();
        using TensorAccess output = tensors.Output().Access();
        Shape shape = tensors.Input(0).Shape;
        GridSampler sampler = new(attributes, shape.ToArray()[2..]);
        int rank = shape.Rank - 2, channels = shape[1], points = grid.Values.Length / rank / shape[0];
        double[] point = new double[rank];
        for (int i = 0; i < points * shape[0]; i++)
        {
            for (int d = 0; d < rank; d++)
            {
                point[d] = grid.Values[i * rank + rank - 1 - d];
            }

            for (int c = 0; c < channels; c++)
            {
                int plane = i / points * channels + c;
                ReadOnlySpan<float> values = input.Values.Slice(plane * sampler.Pixels, sampler.Pixels);
                output.Values[plane * points + i % points] = (float)sampler.Sample(values, point);
            }
        }
    }
}
