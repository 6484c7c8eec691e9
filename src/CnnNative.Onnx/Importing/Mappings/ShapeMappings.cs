// Shapes and constants: what an exporter writes around the layers. All of it is known when the shapes of the inputs are, and
// leaves no node behind.

using CnnNative.Operators;

namespace CnnNative.Onnx.Importing.Mappings;

internal static class ShapeMappings
{
    /// <summary>The most elements that a constant may unfold to: a few bytes could otherwise claim all memory.</summary>
    private const long MaxElements = 1L << 28;

    public static void Add(Dictionary<string, MappingFunction> all)
    {
        all["Shape"] = ShapeOf;
        all["Size"] = node => [node.Graph.Constant(node.Name, Tensor.From<long>([node.Input(0).Shape.ElementCount], default))];
        all["Reshape"] = Reshape;
        all["Flatten"] = Flatten;
        all["Squeeze"] = Squeeze;
        all["Unsqueeze"] = Unsqueeze;
        all["Transpose"] = Transpose;
        all["Expand"] = Expand;
        all["Tile"] = Tile;
        all["Constant"] = Constant;
        all["ConstantOfShape"] = ConstantOfShape;
        all["Range"] = Range;
        all["EyeLike"] = EyeLike;
    }

    /// <summary>The value repeated to fill a shape.</summary>
    public static Operand ExpandTo(OnnxNode node, Operand operand, int[] sizes)
    {
        Shape target;
        try
        {
            target = RowLoop.BroadcastShape(node.Kind, operand.Shape, new Shape(sizes));
        }
        catch (ShapeException error)
        {
            throw node.Wrong(error.Message.TrimEnd('.'));
        }

        RequireSize(node, target.ElementCount);
        return target == operand.Shape
            ? operand
            : node.ApplyPlain("Typed.Expand", new AttributeSet().With("shape", (ReadOnlySpan<int>)sizes), operand);
    }

    private static void RequireSize(OnnxNode node, long elements)
    {
        if (elements is < 0 or > MaxElements)
        {
            throw node.Wrong($"the result would have {elements} elements, expected at most {MaxElements}");
        }
    }

    private static Operand[] ShapeOf(OnnxNode node)
    {
        Shape shape = node.Input(0).Shape;
        int start = Limit(node.Long("start", 0), shape.Rank), end = Limit(node.Long("end", shape.Rank), shape.Rank);
        long[] sizes = [.. shape.Skip(start).Take(Math.Max(0, end - start)).Select(size => (long)size)];
        return [node.Graph.Constant(node.Name, sizes)];

        static int Limit(long position, int rank) => (int)Math.Clamp(position < 0 ? position + rank : position, 0, rank);
    }

    private static Operand[] Reshape(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] sizes = node.IntsFrom("shape", 1) ?? throw node.Wrong("the shape is missing");
        bool keepsZeros = node.Flag("allowzero");
        if (sizes is [1, ..] && input.Rank > 0 && input.Shape[0] == node.Importer.OpenedBatch)
        {
            // The batch of the example that the exporter wrote; what is reshaped is each sample.
            sizes[0] = input.Shape[0];
        }

        int open = -1;
        long known = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == 0 && !keepsZeros)
            {
                sizes[i] = i < input.Rank ? input.Shape[i]
                    : throw node.Wrong($"dimension {i} is to stay, but {input.Shape} has no such one");
            }

            if (sizes[i] == -1 && open < 0)
            {
                open = i;
                continue;
            }

            if (sizes[i] < 0)
            {
                throw node.Wrong($"the shape is {string.Join('x', sizes)}, expected sizes and at most one -1");
            }

            known *= sizes[i];
        }

        if (open >= 0)
        {
            sizes[open] = known > 0 && input.Shape.ElementCount % known == 0
                ? (int)(input.Shape.ElementCount / known)
                : known == 0 ? 0 : throw node.Wrong($"{input.Shape} does not fit into {string.Join('x', sizes)}");
        }

        return [Views.Reshape(node, input, ToShape(node, sizes))];
    }

    /// <summary>A shape of sizes that a model computed.</summary>
    public static Shape ToShape(OnnxNode node, ReadOnlySpan<int> sizes)
    {
        try
        {
            return new Shape(sizes);
        }
        catch (ShapeException error)
        {
            throw node.Wrong(error.Message.TrimEnd('.'));
        }
    }

    private static Operand[] Flatten(OnnxNode node)
    {
        Operand input = node.Input(0);
        int axis = node.Int("axis", 1);
        axis = axis == input.Rank ? axis : node.Axis(axis, Math.Max(1, input.Rank));
        long rows = 1;
        for (int i = 0; i < axis; i++)
        {
            rows *= input.Shape[i];
        }

        long columns = 1;
        for (int i = axis; i < input.Rank; i++)
        {
            columns *= input.Shape[i];
        }

        return [Views.Reshape(node, input, new Shape(checked((int)rows), checked((int)columns)))];
    }

    private static Operand[] Squeeze(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[]? given = node.IntsFrom("axes", 1);
        int[] axes = given is null
            ? [.. Enumerable.Range(0, input.Rank).Where(i => input.Shape[i] == 1)]
            : node.Axes(given, input.Rank);
        foreach (int axis in axes)
        {
            if (input.Shape[axis] != 1)
            {
                throw node.Wrong($"dimension {axis} of {input.Shape} is {input.Shape[axis]}, expected 1");
            }
        }

        return [Views.Reshape(node, input, new Shape([.. input.Shape.Where((_, i) => !axes.Contains(i))]))];
    }

    private static Operand[] Unsqueeze(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] given = node.IntsFrom("axes", 1) ?? throw node.Wrong("the axes are missing");
        int rank = input.Rank + given.Length;
        HashSet<int> axes = [.. node.Axes(given, rank)];
        Queue<int> rest = new(input.Shape);
        if (axes.Count != given.Length || rank > Shape.MaxRank)
        {
            throw node.Wrong(
                $"the axes are {string.Join(", ", given)}, expected different ones, and at most {Shape.MaxRank} dimensions");
        }

        return [Views.Reshape(node, input, new Shape(
            [.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())]))];
    }

    private static Operand[] Transpose(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] permutation = node.Ints("perm") ?? [.. Enumerable.Range(0, input.Rank).Reverse()];
        return permutation.Order().SequenceEqual(Enumerable.Range(0, input.Rank))
            ? [Views.Transpose(input, permutation)]
            : throw node.Wrong(
                $"the permutation is {string.Join(", ", permutation)}, expected each dimension of {input.Shape} once");
    }

    private static Operand[] Expand(OnnxNode node) => [ExpandTo(node, node.Input(0), node.KnownInts(1))];

    private static Operand[] Tile(OnnxNode node)
    {
        Operand input = node.Input(0);
        int[] repeats;
        if (node.Has(2))
        {
            // Version 1 repeats one axis.
            repeats = new int[input.Rank];
            Array.Fill(repeats, 1);
            repeats[node.Axis(node.KnownLong(2), input.Rank)] = (int)node.KnownLong(1);
        }
        else
        {
            repeats = node.KnownInts(1);
        }

        if (repeats.Length != input.Rank || repeats.Any(repeat => repeat < 0))
        {
            throw node.Wrong($"the repeats are {string.Join(", ", repeats)}, expected one for each dimension of {input.Shape}");
        }

        RequireSize(node, repeats.Aggregate(input.Shape.ElementCount, (product, repeat) => checked(product * repeat)));
        return [node.ApplyPlain("Typed.Tile", new AttributeSet().With("repeats", (ReadOnlySpan<int>)repeats), input)];
    }

    private static Operand[] Constant(OnnxNode node)
    {
        if (node.TensorAttribute("value") is { } value)
        {
            return [value];
        }

        if (node.HasAttribute("value_float"))
        {
            return [node.Graph.Constant(node.Name, Tensor.Full(default, node.Float("value_float", 0)))];
        }

        if (node.HasAttribute("value_int"))
        {
            return [node.Graph.Constant(node.Name, Tensor.From<long>([node.Long("value_int", 0)], default))];
        }

        if (node.Floats("value_floats") is { } floats)
        {
            return [node.Graph.Constant(node.Name, Tensor.FromSpan(floats, floats.Length))];
        }

        return node.Longs("value_ints") is { } longs
            ? [node.Graph.Constant(node.Name, longs)]
            : [node.TensorAttribute("sparse_value") ?? throw node.Unsupported("a constant that is no tensor of numbers")];
    }

    private static Operand[] ConstantOfShape(OnnxNode node)
    {
        Shape shape = ToShape(node, node.KnownInts(0));
        RequireSize(node, shape.ElementCount);
        Operand value = node.TensorAttribute("value") ?? node.Graph.Constant(node.Name, Tensor.Zeros(1));
        Operand scalar = Views.Reshape(node, value, default);
        return [node.ApplyPlain("Typed.Expand", new AttributeSet().With("shape", (ReadOnlySpan<int>)shape.ToArray()), scalar)];
    }

    private static Operand[] Range(OnnxNode node)
    {
        if (node.Input(0).Type == ElementType.Float32)
        {
            double start = node.KnownDoubles(0)[0], step = node.KnownDoubles(2)[0];
            double count = Math.Max(0, Math.Ceiling((node.KnownDoubles(1)[0] - start) / step));
            RequireSize(node, count <= MaxElements ? (long)count : -1);
            float[] values = new float[(int)count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(start + i * step);
            }

            return [node.Graph.Constant(node.Name, Tensor.FromSpan(values, values.Length))];
        }

        long first = node.KnownLong(0), limit = node.KnownLong(1), delta = node.KnownLong(2);
        if (delta == 0)
        {
            throw node.Wrong("the step is 0, expected another number");
        }

        long length = Math.Max(0, (limit - first + delta - Math.Sign(delta)) / delta);
        RequireSize(node, length);
        long[] longs = new long[length];
        for (int i = 0; i < longs.Length; i++)
        {
            longs[i] = first + i * delta;
        }

        return [UnaryMappings.Convert(node, node.Graph.Constant(node.Name, longs), node.Input(0).Type)];
    }

    private static Operand[] EyeLike(OnnxNode node)
    {
        Shape shape = node.Input(0).Shape;
        if (shape.Rank != 2)
        {
            throw node.Wrong($"the input is {shape}, expected two dimensions");
        }

        float[] values = new float[shape.ElementCount];
        long diagonal = node.Long("k", 0);
        for (int row = 0; row < shape[0]; row++)
        {
            long column = row + diagonal;
            if (column >= 0 && column < shape[1])
            {
                values[row * shape[1] + column] = 1;
            }
        }

        ElementType type = node.HasAttribute("dtype")
            ? Reading.ElementTypeMap.ToElementType(node.Int("dtype", 1), node.Name)
            : node.Input(0).Type;
        return [UnaryMappings.Convert(node, node.Graph.Constant(node.Name, Tensor.FromSpan(values, shape)), type)];
    }
}
