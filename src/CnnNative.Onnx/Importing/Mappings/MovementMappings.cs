// Parts and arrangements of tensors: concatenation, splitting, slices, borders, and pixels that become channels.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class MovementMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Concat"] = Concat;
        all["Split"] = Split;
        all["Slice"] = Slice;
        all["Pad"] = Pad;
        all["DepthToSpace"] = DepthToSpace;
        all["SpaceToDepth"] = SpaceToDepth;
        all["CenterCropPad"] = CenterCropPad;
        all["Trilu"] = node => [node.ApplyPlain("Typed.Triangle", new AttributeSet()
            .With("upper", node.Flag("upper", true)).With("diagonal", (AttributeValue)(node.Has(1) ? node.KnownLong(1) : 0)),
                node.Input(0))];
        all["ReverseSequence"] = node => [node.ApplyPlain("Typed.ReverseSequence", new AttributeSet()
            .With("batch_axis", node.Int("batch_axis", 1)).With("time_axis", node.Int("time_axis", 0)), node.Input(0),
                node.Input(1))];
    }

    /// <summary>A part of a value: counts of elements from starts on in steps, along some dimensions.</summary>
    public static Operand Cut(OnnxNode node, Operand operand, int[] dims, int[] starts, int[] counts, int[] steps)
    {
        (GraphValue value, DimLayout layout) = Views.Along(node, operand, dims, out int[] axes);
        int[] sizes = node.Graph.SpecOf(value).Shape.ToArray();
        if (Choice.CanMove(operand.Type, new Shape(sizes)) && counts.All(count => count > 0))
        {
            // The end of a range that goes backwards to the first element lies beyond the front.
            int[] ends = [.. counts.Select((count, i) => End(starts[i], count, steps[i], sizes[axes[i]]))];
            Operator slice = new SliceOperator(axes, starts, ends, steps);
            return node.Apply(slice, Resized(layout, sizes, axes, counts), value);
        }

        int[] first = new int[sizes.Length], stride = new int[sizes.Length], length = (int[])sizes.Clone();
        Array.Fill(stride, 1);
        for (int i = 0; i < axes.Length; i++)
        {
            (first[axes[i]], stride[axes[i]], length[axes[i]]) = (starts[i], steps[i], counts[i]);
        }

        AttributeSet attributes = new AttributeSet()
            .With("starts", (ReadOnlySpan<int>)first).With("steps", (ReadOnlySpan<int>)stride).With("counts",
                (ReadOnlySpan<int>)length);
        return node.Apply(TypedFunctions.Operator("Typed.Slice", attributes), Resized(layout, sizes, axes, counts), value);
    }

    /// <summary>A value with elements added before and after some dimensions, or cut off.</summary>
    public static Operand Border(OnnxNode node, Operand operand, int[] dims, int[] before, int[] after, string mode,
        Operand? value)
    {
        (GraphValue stored, DimLayout layout) = Views.Along(node, operand, dims, out int[] axes);
        int[] sizes = node.Graph.SpecOf(stored).Shape.ToArray();
        int[] first = new int[sizes.Length], last = new int[sizes.Length], results = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            (first[axes[i]], last[axes[i]]) = (before[i], after[i]);
            results[i] = sizes[axes[i]] + before[i] + after[i];
            if (results[i] < 0)
            {
                throw node.Wrong($"dimension {dims[i]} would be {results[i]}, expected at least 0");
            }
        }

        DimLayout result = Resized(layout, sizes, axes, results);
        bool hasKernel = Choice.CanCompute(operand.Type, new Shape(sizes)) && results.All(size => size > 0) &&
            value is null or { Constant: not null };
        if (hasKernel && Enum.TryParse(mode, ignoreCase: true, out PadMode kind))
        {
            float border = value is null ? 0 : (float)value.Constant!.ToDoubles()[0];
            return node.Apply(new PadOperator(first, last, kind, border), result, stored);
        }

        AttributeSet attributes = new AttributeSet().With("mode", (AttributeValue)mode)
            .With("before", (ReadOnlySpan<int>)first).With("after", (ReadOnlySpan<int>)last);
        return node.Apply(TypedFunctions.Operator("Typed.Pad", attributes), result, stored, value is null ? null
            : node.Graph.Plain(value));
    }

    private static DimLayout Resized(DimLayout layout, int[] sizes, int[] axes, int[] results)
    {
        int[] stored = (int[])sizes.Clone();
        for (int i = 0; i < axes.Length; i++)
        {
            stored[axes[i]] = results[i];
        }

        return layout.WithSizes(stored);
    }

    private static int End(int start, int count, int step, int size)
    {
        int end = start + (count - 1) * step + Math.Sign(step);
        return end < 0 ? end - size - 1 : end;
    }

    private static Operand[] Concat(OnnxNode node)
    {
        Operand[] parts = node.AllInputs();
        int rank = parts[0].Rank, dim = node.Axis(node.Long("axis", 1), Math.Max(1, rank));
        int total = 0;
        foreach (Operand part in parts)
        {
            bool fits = part.Rank == rank && part.Type == parts[0].Type;
            for (int d = 0; d < rank && fits; d++)
            {
                fits = d == dim || part.Shape[d] == parts[0].Shape[d];
            }

            total = fits
                ? checked(total + part.Shape[dim])
                : throw node.Wrong(
                    $"'{part.Name}' is {part.Shape} {part.Type}, the first input is {parts[0].Shape} {parts[0].Type}; expected " +
                    $"the same but for dimension {dim}");
        }

        if (parts.Length == 1)
        {
            return [parts[0]];
        }

        // The largest part that is computed leads; the others follow its layout.
        Operand lead = parts.MaxBy(part => part.Value is null ? -1 : part.Shape.ElementCount)!;
        int[] order = lead.Value is null ? [.. Enumerable.Range(0, rank)] : lead.Layout.WholeOrder();
        int axis = Array.IndexOf(order, dim);
        GraphValue[] values = [.. parts.Select(part => node.Graph.Arrange(part, order))];
        int[] sizes = parts[0].Shape.ToArray();
        sizes[dim] = total;
        bool hasKernel = parts.All(part => Choice.CanMove(part.Type, part.Shape));
        Operator concat = hasKernel ? new ConcatOperator(axis)
            : TypedFunctions.Operator("Typed.Concat", new AttributeSet().With("axis", axis));
        return [node.Apply(concat, DimLayout.Ordered(new Shape(sizes), order), values)];
    }

    private static Operand[] Split(OnnxNode node)
    {
        Operand input = node.Input(0);
        int dim = node.Axis(node.Long("axis", 0), input.Rank), size = input.Shape[dim], count = node.OutputCount;
        int asked = node.Int("num_outputs", count);
        if (asked < 1 || asked > Math.Max(size, count))
        {
            throw node.Wrong($"num_outputs is {asked}, expected {count} for a dimension of {size}");
        }

        int[] parts = node.IntsFrom("split", 1) ?? Even(size, asked);
        if (parts.Sum() != size || parts.Any(part => part < 0) || parts.Length < count)
        {
            throw node.Wrong($"the parts are {string.Join(", ", parts)}, expected {count} that add up to {size}");
        }

        (GraphValue value, DimLayout layout) = Views.Along(node, input, [dim], out int[] axes);
        Shape shape = node.Graph.SpecOf(value).Shape;
        if (Choice.CanMove(input.Type, shape) && parts.All(part => part > 0))
        {
            DimLayout[] layouts = [.. parts.Select(part => Resized(layout, shape.ToArray(), axes, [part]))];
            return node.Graph.Apply(node.Name, new SplitOperator(parts, axes[0]), [value], layouts);
        }

        Operand[] outputs = new Operand[parts.Length];
        for (int i = 0, start = 0; i < parts.Length; start += parts[i++])
        {
            outputs[i] = Cut(node, input, [dim], [start], [parts[i]], [1]);
        }

        return outputs;
    }

    /// <summary>Equal parts; the last is smaller where they do not fit.</summary>
    private static int[] Even(int size, int count)
    {
        int part = (size + count - 1) / Math.Max(1, count);
        return [.. Enumerable.Range(0, count).Select(i => Math.Clamp(size - i * part, 0, part))];
    }

    private static Operand[] Slice(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] starts = node.IntsFrom("starts", 1) ?? throw node.Wrong("the starts are missing");
        int[] ends = node.IntsFrom("ends", 2) ?? throw node.Wrong("the ends are missing");
        int[] axes = node.Axes(node.IntsFrom("axes", 3) ?? [.. Enumerable.Range(0, starts.Length)], input.Rank);
        int[] steps = node.Has(4) ? node.KnownInts(4) : [.. starts.Select(_ => 1)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
        {
            throw node.Wrong("starts, ends, axes and steps are not of one length, or a step is 0");
        }

        int[] counts = new int[starts.Length];
        for (int i = 0; i < counts.Length; i++)
        {
            (starts[i], counts[i]) = Range(input.Shape[axes[i]], starts[i], ends[i], steps[i]);
        }

        return [counts.Select((count, i) => count == input.Shape[axes[i]] && steps[i] == 1).All(whole => whole)
            ? input
            : Cut(node, input, axes, starts, counts, steps)];
    }

    private static (int Start, int Count) Range(int size, long start, long end, long step)
    {
        start = start < 0 ? start + size : start;
        end = end < 0 ? end + size : end;
        if (step > 0)
        {
            (start, end) = (Math.Clamp(start, 0, size), Math.Clamp(end, 0, size));
            return ((int)start, (int)Math.Max(0, (end - start + step - 1) / step));
        }

        (start, end) = (Math.Clamp(start, 0, Math.Max(0, size - 1)), Math.Clamp(end, -1, size - 1));
        return ((int)start, (int)Math.Max(0, (end - start + step + 1) / step));
    }

    private static Operand[] Pad(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] pads = node.IntsFrom(node.HasAttribute("paddings") ? "paddings" : "pads", 1) ?? throw node.Wrong(
            "the pads are missing");
        int[] dims = node.Has(3) ? node.Axes(node.KnownInts(3), input.Rank) : [.. Enumerable.Range(0, input.Rank)];
        if (pads.Length != 2 * dims.Length)
        {
            throw node.Wrong($"there are {pads.Length} pads, expected {2 * dims.Length}");
        }

        Operand? value = node.Has(2) ? Views.Reshape(node, node.Input(2), default)
            : node.HasAttribute("value") ? node.Graph.Constant(node.Name, Tensor.Full(default, node.Float("value", 0)))
            : null;
        int[] touched = [.. Enumerable.Range(0, dims.Length).Where(i => pads[i] != 0 || pads[dims.Length + i] != 0)];
        return touched.Length == 0
            ? [input]
            : [Border(node, input, [.. touched.Select(i => dims[i])], [.. touched.Select(i => pads[i])],
                [.. touched.Select(i => pads[dims.Length + i])], node.Text("mode", "constant"), value)];
    }

    private static Operand[] CenterCropPad(OnnxNode node)
    {
        Operand result = node.Input(0);
        int[] sizes = node.KnownInts(1);
        int[] dims = node.Ints("axes") is { } axes ? node.Axes(axes, result.Rank) : [.. Enumerable.Range(0, result.Rank)];
        for (int i = 0; i < dims.Length; i++)
        {
            int difference = sizes[i] - result.Shape[dims[i]], first = Math.Abs(difference) / 2;
            if (difference > 0)
            {
                result = Border(node, result, [dims[i]], [first], [difference - first], "constant", null);
            }
            else if (difference < 0)
            {
                result = Cut(node, result, [dims[i]], [first], [sizes[i]], [1]);
            }
        }

        return [result];
    }

    private static Operand[] DepthToSpace(OnnxNode node)
    {
        Operand input = node.Input(0);
        int block = Block(node, input);
        (int n, int c, int h, int w) = (input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]);
        if (c % (block * block) != 0)
        {
            throw node.Wrong($"{c} channels do not make blocks of {block}x{block}");
        }

        bool columnsFirst = node.Text("mode", "DCR") == "CRD";
        int depth = c / (block * block);
        Operand cut = columnsFirst
            ? Views.Transpose(Views.Reshape(node, input, [n, depth, block, block, h, w]), [0, 1, 4, 2, 5, 3])
            : Views.Transpose(Views.Reshape(node, input, [n, block, block, depth, h, w]), [0, 3, 4, 1, 5, 2]);
        return [Views.Reshape(node, cut, (n, depth, checked(h * block), checked(w * block)))];
    }

    private static Operand[] SpaceToDepth(OnnxNode node)
    {
        Operand input = node.Input(0);
        int block = Block(node, input);
        (int n, int c, int h, int w) = (input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]);
        if (h % block != 0 || w % block != 0)
        {
            throw node.Wrong($"{h}x{w} pixels do not make blocks of {block}x{block}");
        }

        Operand cut = Views.Reshape(node, input, [n, c, h / block, block, w / block, block]);
        return [Views.Reshape(node, Views.Transpose(cut, [0, 3, 5, 1, 2, 4]), (n, c * block * block, h / block, w / block))];
    }

    private static int Block(OnnxNode node, Operand input)
    {
        int block = node.Int("blocksize", 0);
        return input.Rank == 4 && block > 0 ? block
            : throw node.Wrong($"the input is {input.Shape} and blocks are {block}, expected four dimensions");
    }
}
