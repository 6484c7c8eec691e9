// Resizing and sampling. Resizing of pictures has a kernel for what networks use; the rest of ONNX's many modes works by
// definition.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class SamplingMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Resize"] = Resize;
        all["Upsample"] = Upsample;
        all["GridSample"] = GridSample;
        all["AffineGrid"] = AffineGrid;
        all["RoiAlign"] = RoiAlign;
    }

    private sealed record Options(
        string Mode, string Coordinates, string Nearest, double[] RoiStart, double[] RoiEnd, bool Antialias, bool ExcludeOutside,
        float Cubic, float Extrapolation);

    private static Operand[] Upsample(OnnxNode node)
    {
        Operand input = node.Input(0);
        double[] scales = node.Has(1) ? node.KnownDoubles(1)
            : node.Floats("scales") is { } list ? [.. list.Select(scale => (double)scale)]
            : [1, 1, node.Float("height_scale", 1), node.Float("width_scale", 1)];
        string mode = node.Text("mode", "nearest");
        return [Resize(node, input, scales, null, NoRegion(
            input.Rank, new Options(mode is "bilinear" ? "linear" : mode, "asymmetric", "floor", [], [], false, false, -0.75f,
                0)))];
    }

    private static Options NoRegion(int rank, Options options) =>
        options with { RoiStart = new double[rank], RoiEnd = [.. Enumerable.Repeat(1.0, rank)] };

    private static Operand[] Resize(OnnxNode node)
    {
        Operand input = node.Input(0);
        int rank = input.Rank;

        // Version 10 has the scales where later ones have the region.
        (int scaleInput, int sizeInput) = node.Opset < 11 ? (1, -1) : (2, 3);
        int[] axes = node.Ints("axes") is { } given ? node.Axes(given, rank) : [.. Enumerable.Range(0, rank)];
        double[] scales = [.. Enumerable.Repeat(1.0, rank)];
        int[]? sizes = null;
        if (sizeInput > 0 && node.Has(sizeInput) && node.KnownInts(sizeInput) is { Length: > 0 } asked)
        {
            sizes = Sizes(node, input.Shape, axes, asked, scales);
        }
        else
        {
            double[] factors = node.KnownDoubles(scaleInput);
            for (int i = 0; i < axes.Length; i++)
            {
                scales[axes[i]] = i < factors.Length ? factors[i]
                    : throw node.Wrong($"there are {factors.Length} scales, expected {axes.Length}");
            }
        }

        Options options = NoRegion(rank, new Options(
            node.Text("mode", "nearest"), node.Opset < 11 ? "asymmetric"
                : node.Text("coordinate_transformation_mode", "half_pixel"),
            node.Opset < 11 ? "floor" : node.Text("nearest_mode", "round_prefer_floor"), [], [], node.Flag("antialias"),
            node.Flag("exclude_outside"), node.Float("cubic_coeff_a", -0.75f), node.Float("extrapolation_value", 0)));
        if (options.Coordinates == "tf_crop_and_resize" && node.Has(1))
        {
            double[] region = node.KnownDoubles(1);
            for (int i = 0; i < axes.Length; i++)
            {
                (options.RoiStart[axes[i]], options.RoiEnd[axes[i]]) = (region[i], region[axes.Length + i]);
            }
        }

        return [Resize(node, input, scales, sizes, options)];
    }

    /// <summary>The sizes that are asked for, perhaps with the proportions kept; the scales follow from them.</summary>
    private static int[] Sizes(OnnxNode node, Shape input, int[] axes, int[] asked, double[] scales)
    {
        if (asked.Length != axes.Length)
        {
            throw node.Wrong($"there are {asked.Length} sizes, expected {axes.Length}");
        }

        string policy = node.Text("keep_aspect_ratio_policy", "stretch");
        int[] sizes = input.ToArray();
        double[] ratios = [.. axes.Select((axis, i) => (double)asked[i] / input[axis])];
        double common = policy == "not_larger" ? ratios.Min() : ratios.Max();
        for (int i = 0; i < axes.Length; i++)
        {
            sizes[axes[i]] = policy == "stretch" ? asked[i]
                : (int)Math.Round(common * input[axes[i]], MidpointRounding.AwayFromZero);
            scales[axes[i]] = policy == "stretch" ? ratios[i] : common;
        }

        return sizes;
    }

    private static Operand Resize(OnnxNode node, Operand input, double[] scales, int[]? sizes, Options options)
    {
        if (scales.Length != input.Rank || scales.Any(scale => scale is <= 0 or > int.MaxValue || double.IsNaN(scale)))
        {
            throw node.Wrong(
                $"the scales are {string.Join(", ", scales)}, expected a positive one for each dimension of {input.Shape}");
        }

        bool isAsked = sizes is not null;
        sizes ??= [.. input.Shape.Select((size, d) => (int)Math.Min(int.MaxValue, Math.Floor(size * scales[d])))];
        if (HasKernel(input, sizes, scales, options) is { } filter)
        {
            int[] order = [0, 2, 3, 1];
            ResizeAttributes attributes = isAsked && node.Text("keep_aspect_ratio_policy", "stretch") == "stretch"
                ? ResizeAttributes.To((sizes[2], sizes[3]), filter)
                : ResizeAttributes.By(scales[2], scales[3], filter);
            DimLayout layout = DimLayout.Ordered(new Shape(sizes), order);
            GraphValue value = node.Graph.Arrange(input, order);
            Operator resize = new ResizeOperator(attributes);
            ValueSpec[] result = new ValueSpec[1];
            resize.Infer([node.Graph.SpecOf(value)], result);
            if (result[0].Shape == (sizes[0], sizes[2], sizes[3], sizes[1]))
            {
                return node.Apply(resize, layout, value);
            }
        }

        AttributeSet set = new AttributeSet()
            .With("output", (ReadOnlySpan<int>)sizes).With("mode", (AttributeValue)options.Mode)
            .With("coordinates", (AttributeValue)options.Coordinates).With("nearest", (AttributeValue)options.Nearest)
            .With("antialias", options.Antialias).With("exclude_outside", options.ExcludeOutside).With("cubic_coefficient",
                options.Cubic)
            .With("extrapolation_value", options.Extrapolation).With("scales", (AttributeValue)scales)
            .With("roi_start", (AttributeValue)options.RoiStart).With("roi_end", (AttributeValue)options.RoiEnd);
        return node.ApplyPlain("Typed.Resize", set, input);
    }

    /// <summary>The filter of the kernel, where it has the mode and only height and width change.</summary>
    private static ResizeFilter? HasKernel(Operand input, int[] sizes, double[] scales, Options options)
    {
        bool isPicture = input.Rank == 4 && input.Type == ElementType.Float32 && sizes[0] == input.Shape[0] &&
            sizes[1] == input.Shape[1];
        if (!isPicture || input.Shape.ElementCount == 0 || sizes.Any(size => size < 1))
        {
            return null;
        }

        // With the corners aligned the kernel goes by whole sizes, while ONNX goes by what the scales make of them.
        if (options.Coordinates == "align_corners" &&
            (sizes[2] != input.Shape[2] * scales[2] || sizes[3] != input.Shape[3] * scales[3]))
        {
            return null;
        }

        ResizeMode? mode = options.Mode switch
        {
            "nearest" => ResizeMode.Nearest,
            "linear" => ResizeMode.Linear,
            "cubic" => ResizeMode.Cubic,
            _ => null,
        };
        CoordinateMode? coordinates = options.Coordinates switch
        {
            "half_pixel" => CoordinateMode.HalfPixel,
            "half_pixel_symmetric" => CoordinateMode.HalfPixelSymmetric,
            "pytorch_half_pixel" => CoordinateMode.PytorchHalfPixel,
            "align_corners" => CoordinateMode.AlignCorners,
            "asymmetric" => CoordinateMode.Asymmetric,
            _ => null,
        };
        NearestMode? nearest = options.Nearest switch
        {
            "round_prefer_floor" => NearestMode.RoundPreferFloor,
            "round_prefer_ceil" => NearestMode.RoundPreferCeil,
            "floor" => NearestMode.Floor,
            "ceil" => NearestMode.Ceil,
            _ => null,
        };
        return mode is null || coordinates is null || nearest is null
            ? null
            : new ResizeFilter(mode.Value, coordinates.Value, nearest.Value, options.Antialias, options.ExcludeOutside,
                options.Cubic);
    }

    private static Operand[] GridSample(OnnxNode node)
    {
        string mode = node.Text("mode", "linear");
        AttributeSet attributes = new AttributeSet()
            .With("mode", (AttributeValue)(mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode }))
            .With("padding_mode", (AttributeValue)node.Text("padding_mode", "zeros")).With("align_corners",
                node.Flag("align_corners"));
        Operand input = node.Input(0), grid = node.Input(1);
        return grid.Rank == input.Rank && input.Rank > 2 && grid.Shape[^1] == input.Rank - 2 && grid.Shape[0] == input.Shape[0]
            ? [node.ApplyPlain("Typed.GridSample", attributes, input, grid)]
            : throw node.Wrong($"the input is {input.Shape}, the grid is {grid.Shape}, which do not fit together");
    }

    private static Operand[] AffineGrid(OnnxNode node)
    {
        int[] sizes = node.KnownInts(1)[2..];
        return [node.ApplyPlain("Typed.AffineGrid", new AttributeSet()
            .With("sizes", (ReadOnlySpan<int>)sizes).With("align_corners", node.Flag("align_corners")), node.Input(0))];
    }

    private static Operand[] RoiAlign(OnnxNode node)
    {
        bool isHalf = node.Opset >= 16 && node.Text("coordinate_transformation_mode", "half_pixel") == "half_pixel";
        AttributeSet attributes = new AttributeSet()
            .With("output_height", node.Int("output_height", 1)).With("output_width", node.Int("output_width", 1))
            .With("sampling_ratio", node.Int("sampling_ratio", 0)).With("spatial_scale", node.Float("spatial_scale", 1))
            .With("mode", (AttributeValue)node.Text("mode", "avg")).With("half_pixel", isHalf);
        return [node.ApplyPlain("Typed.RoiAlign", attributes, node.Input(0), node.Input(1), node.Input(2))];
    }
}
