// Operators whose results have as many elements as the data says. They are computed while the model is imported, from values that
// are known; where the graph computes the values, it is run up to there first.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class SelectionMappings
{
    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["NonZero"] = NonZero;
        all["Compress"] = Compress;
        all["Unique"] = Unique;
        all["NonMaxSuppression"] = NonMaxSuppression;
    }

    private static Operand[] NonZero(OnnxNode node)
    {
        double[] values = node.Known(0).ToDoubles();
        Shape shape = node.Input(0).Shape;
        int[] strides = RowLoop.DenseStrides(shape.ToArray());
        int[] found = [.. Enumerable.Range(0, values.Length).Where(i => values[i] != 0)];
        long[] places = new long[Math.Max(1, shape.Rank) * found.Length];
        for (int d = 0; d < shape.Rank; d++)
        {
            for (int i = 0; i < found.Length; i++)
            {
                places[d * found.Length + i] = found[i] / strides[d] % shape[d];
            }
        }

        return [node.Graph.Constant(node.Name, Tensor.From<long>(places, (Math.Max(1, shape.Rank), found.Length)))];
    }

    private static Operand[] Compress(OnnxNode node)
    {
        Operand input = node.Input(0);
        int axis = 0;
        if (node.HasAttribute("axis"))
        {
            axis = node.Axis(node.Long("axis", 0), input.Rank);
        }
        else
        {
            input = Views.Reshape(node, input, checked((int)input.Shape.ElementCount));
        }

        long[] flags = node.KnownLongs(1);
        long[] kept = [
            .. Enumerable.Range(0, Math.Min(flags.Length, input.Shape[axis])).Where(i => flags[i] != 0).Select(i => (long)i)];
        return [node.ApplyPlain(
            "Typed.Gather", new AttributeSet().With("axis", axis), input, node.Graph.Constant(node.Name, kept))];
    }

    /// <summary>The different elements, or slices along an axis, with where they were first, which one each was, and how
    /// many.</summary>
    private static Operand[] Unique(OnnxNode node)
    {
        Operand input = node.Input(0);
        bool isFlat = !node.HasAttribute("axis");
        double[] values = node.Known(0).ToDoubles();
        int axis = isFlat ? 0 : node.Axis(node.Long("axis", 0), input.Rank);
        if (isFlat)
        {
            input = Views.Reshape(node, input, checked((int)input.Shape.ElementCount));
        }

        TypedOrder.AxisView view = TypedOrder.AxisView.Of(input.Shape, axis);
        double[][] slices = new double[view.Size][];
        for (int k = 0; k < slices.Length; k++)
        {
            slices[k] = new double[view.Outer * view.Inner];
            for (int line = 0; line < slices[k].Length; line++)
            {
                slices[k][line] = values[view.Start(line) + k * view.Inner];
            }
        }

        (List<int> first, int[] inverse) = Group(slices, sorted: node.Flag("sorted", true));
        long[] counts = new long[first.Count];
        foreach (int group in inverse)
        {
            counts[group]++;
        }

        long[] firsts = [.. first.Select(k => (long)k)];
        Operand chosen = node.ApplyPlain("Typed.Gather", new AttributeSet().With("axis", axis), input,
            node.Graph.Constant(node.Name, firsts));
        return
        [
            chosen, node.Graph.Constant(node.Name, firsts),
                node.Graph.Constant(node.Name, [.. inverse.Select(group => (long)group)]),
            node.Graph.Constant(node.Name, counts),
        ];
    }

    private static (List<int> First, int[] Inverse) Group(double[][] slices, bool sorted)
    {
        Comparer<int> comparer = Comparer<int>.Create((left, right) => slices[left].AsSpan().SequenceCompareTo(slices[right]));
        SortedDictionary<int, int> groups = new(comparer);
        List<int> first = [];
        int[] inverse = new int[slices.Length];
        for (int k = 0; k < slices.Length; k++)
        {
            if (!groups.TryGetValue(k, out int group))
            {
                groups[k] = group = first.Count;
                first.Add(k);
            }

            inverse[k] = group;
        }

        if (!sorted)
        {
            return (first, inverse);
        }

        int[] order = [.. groups.Values], places = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            places[order[i]] = i;
        }

        return ([.. order.Select(group => first[group])], [.. inverse.Select(group => places[group])]);
    }

    /// <summary>Boxes of each class, best first, without those that overlap a better one too much.</summary>
    private static Operand[] NonMaxSuppression(OnnxNode node)
    {
        double[] boxes = node.KnownDoubles(0), scores = node.KnownDoubles(1);
        Shape shape = node.Input(1).Shape;
        if (shape.Rank != 3 || node.Input(0).Shape != (shape[0], shape[2], 4))
        {
            throw node.Wrong(
                $"boxes are {node.Input(0).Shape}, scores are {shape}; expected batch x boxes x 4 and batch x classes x boxes");
        }

        long limit = node.Has(2) ? node.KnownLongs(2)[0] : 0;
        double overlap = node.Has(3) ? node.KnownDoubles(3)[0] : 0;
        double threshold = node.Has(4) ? node.KnownDoubles(4)[0] : double.NegativeInfinity;
        bool hasCentres = node.Flag("center_point_box");
        List<long> result = [];
        for (int batch = 0; batch < shape[0]; batch++)
        {
            Box[] all = [.. Enumerable.Range(0, shape[2]).Select(i =>
                Box.From(boxes.AsSpan((batch * shape[2] + i) * 4, 4), hasCentres))];
            for (int kind = 0; kind < shape[1]; kind++)
            {
                int start = (batch * shape[1] + kind) * shape[2];
                List<int> kept = [];
                foreach (int i in Enumerable.Range(0, shape[2]).Where(i => scores[start + i] > threshold).OrderByDescending(i =>
                    scores[start + i]))
                {
                    if (kept.Count < limit && kept.TrueForAll(other => all[i].Overlap(all[other]) <= overlap))
                    {
                        kept.Add(i);
                        result.AddRange([batch, kind, i]);
                    }
                }
            }
        }

        return [node.Graph.Constant(node.Name, Tensor.From<long>([.. result], (result.Count / 3, 3)))];
    }

    private readonly record struct Box(double Top, double Left, double Bottom, double Right)
    {
        private double Area => (Bottom - Top) * (Right - Left);

        public static Box From(ReadOnlySpan<double> values, bool hasCentres) => hasCentres
            ? new Box(values[1] - values[3] / 2, values[0] - values[2] / 2, values[1] + values[3] / 2, values[0] + values[2] / 2)
            : new Box(
                Math.Min(values[0], values[2]), Math.Min(values[1], values[3]), Math.Max(values[0], values[2]),
                    Math.Max(values[1], values[3]));

        /// <summary>The common area as a part of the area of both.</summary>
        public double Overlap(Box other)
        {
            double height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
            double width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
            double common = height * width, both = Area + other.Area - common;
            return both > 0 ? common / both : 0;
        }
    }
}
