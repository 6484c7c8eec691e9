// Elements chosen by indices that are data: gathered from, and scattered into, tensors of any type. Negative indices count from
// the end; an index that is outside is an error, as it is in the frameworks.

using System.Numerics;

namespace CnnNative.Operators;

internal static class TypedIndexing
{
    public static TypedFunction[] All =>
    [
        new("Typed.Gather", ["input", "indices"], InferGather, (attributes, tensors) =>
            TypedDispatch.Moves<GatherBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.GatherElements", ["input", "indices"], InferLikeIndices, (attributes, tensors) =>
            TypedDispatch.Moves<GatherElementsBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.GatherND", ["input", "indices"], InferGatherNd, (attributes, tensors) =>
            TypedDispatch.Moves<GatherNdBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.ScatterElements", ["input", "indices", "updates"], InferSame, (attributes, tensors) =>
            TypedDispatch.Numbers<ScatterElementsBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.ScatterND", ["input", "indices", "updates"], InferSame, (attributes, tensors) =>
            TypedDispatch.Numbers<ScatterNdBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.OneHot", ["indices", "values"], InferOneHot, (attributes, tensors) =>
            TypedDispatch.Moves<OneHotBody>(tensors.Input(1).ElementType, attributes, tensors)),
    ];

    /// <summary>An index counted from the front.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    private static int Resolve(string name, long index, int size) => index >= -size && index < size
        ? (int)(index < 0 ? index + size : index)
        : throw new ArgumentException($"{name}: an index is {index}, expected {-size} to {size - 1}.");

    private static void InferSame(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value;

    private static void InferLikeIndices(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value, indices = inputs[1]!.Value;
        outputs[0] = input.Shape.Rank == indices.Shape.Rank
            ? input with { Shape = indices.Shape }
            : throw new ShapeException($"GatherElements: input is {input}, indices are {indices}; expected as many dimensions.");
    }

    private static void InferGather(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int axis = attributes.Integer("axis", 0);
        int[] sizes = input.Shape.ToArray();
        outputs[0] = input with { Shape = new Shape([.. sizes[..axis], .. inputs[1]!.Value.Shape, .. sizes[(axis + 1)..]]) };
    }

    private static void InferGatherNd(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] indices = inputs[1]!.Value.Shape.ToArray(), sizes = input.Shape.ToArray();
        int batch = attributes.Integer("batch_dims", 0), depth = indices[^1];
        outputs[0] = input with { Shape = new Shape([.. indices[..^1], .. sizes[(batch + depth)..]]) };
    }

    private static void InferOneHot(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        int axis = attributes.Integer("axis", -1);
        List<int> sizes = [.. inputs[0]!.Value.Shape];
        sizes.Insert(axis, attributes.Integer("depth", 1));
        outputs[0] = new ValueSpec(new Shape([.. sizes]), inputs[1]!.Value.Type);
    }

    private static long Product(ReadOnlySpan<int> sizes)
    {
        long product = 1;
        foreach (int size in sizes)
        {
            product *= size;
        }

        return product;
    }

    private readonly struct GatherBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int axis = attributes.Integer("axis", 0);
            int[] sizes = tensors.Input().Shape.ToArray();
            long[] indices = tensors.Input(1).ToLongs();
            int outer = (int)Product(sizes.AsSpan(0, axis)), inner = (int)Product(sizes.AsSpan(axis + 1));
            for (int o = 0, to = 0; o < outer; o++)
            {
                foreach (long index in indices)
                {
                    int row = o * sizes[axis] + Resolve("Gather", index, sizes[axis]);
                    input.Values.Slice(row * inner, inner).CopyTo(output.Values[to..]);
                    to += inner;
                }
            }
        }
    }

    private readonly struct GatherElementsBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int axis = attributes.Integer("axis", 0);
            int[] sizes = tensors.Input().Shape.ToArray(), strides = RowLoop.DenseStrides(sizes);
            int[] target = tensors.Output().Shape.ToArray(), place = new int[target.Length];
            long[] indices = tensors.Input(1).ToLongs();
            for (int i = 0; i < indices.Length; i++)
            {
                int offset = 0;
                for (int d = 0; d < place.Length; d++)
                {
                    offset += strides[d] * (d == axis ? Resolve("GatherElements", indices[i], sizes[d]) : place[d]);
                }

                output.Values[i] = input.Values[offset];
                Positions.Advance(place, target);
            }
        }
    }

    private readonly struct GatherNdBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int batch = attributes.Integer("batch_dims", 0);
            int[] sizes = tensors.Input().Shape.ToArray(), shape = tensors.Input(1).Shape.ToArray();
            int[] strides = RowLoop.DenseStrides(sizes);
            long[] indices = tensors.Input(1).ToLongs();
            int depth = shape[^1], inner = (int)Product(sizes.AsSpan(batch + depth));
            int tuples = (int)Product(shape.AsSpan(0, shape.Length - 1)), batches = (int)Product(shape.AsSpan(0, batch));
            for (int k = 0; k < tuples; k++)
            {
                int offset = k / Math.Max(1, tuples / Math.Max(1, batches)) * (int)Product(sizes.AsSpan(batch));
                for (int d = 0; d < depth; d++)
                {
                    offset += strides[batch + d] * Resolve("GatherND", indices[k * depth + d], sizes[batch + d]);
                }

                input.Values.Slice(offset, inner).CopyTo(output.Values[(k * inner)..]);
            }
        }
    }

    /// <summary>What becomes of an element that an update meets.</summary>
    private static T Reduce<T>(string reduction, T old, T update)
        where T : unmanaged, INumber<T> => reduction switch
        {
            "add" => old + update,
            "mul" => old * update,
            "max" => T.Max(old, update),
            "min" => T.Min(old, update),
            _ => update,
        };

    private readonly struct ScatterElementsBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> updates = tensors.Input(2).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            input.Values.CopyTo(output.Values);
            int axis = attributes.Integer("axis", 0);
            string reduction = attributes.Text("reduction", "none");
            int[] sizes = tensors.Input().Shape.ToArray(), strides = RowLoop.DenseStrides(sizes);
            int[] source = tensors.Input(1).Shape.ToArray(), place = new int[source.Length];
            long[] indices = tensors.Input(1).ToLongs();
            for (int i = 0; i < indices.Length; i++)
            {
                int offset = 0;
                for (int d = 0; d < place.Length; d++)
                {
                    offset += strides[d] * (d == axis ? Resolve("ScatterElements", indices[i], sizes[d]) : place[d]);
                }

                output.Values[offset] = Reduce(reduction, output.Values[offset], updates.Values[i]);
                Positions.Advance(place, source);
            }
        }
    }

    private readonly struct ScatterNdBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> updates = tensors.Input(2).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            input.Values.CopyTo(output.Values);
            string reduction = attributes.Text("reduction", "none");
            int[] sizes = tensors.Input().Shape.ToArray(), shape = tensors.Input(1).Shape.ToArray();
            int[] strides = RowLoop.DenseStrides(sizes);
            long[] indices = tensors.Input(1).ToLongs();
            int depth = shape[^1], inner = (int)Product(sizes.AsSpan(depth));
            for (int k = 0; k < (int)Product(shape.AsSpan(0, shape.Length - 1)); k++)
            {
                int offset = 0;
                for (int d = 0; d < depth; d++)
                {
                    offset += strides[d] * Resolve("ScatterND", indices[k * depth + d], sizes[d]);
                }

                for (int i = 0; i < inner; i++)
                {
                    ref T value = ref output.Values[offset + i];
                    value = Reduce(reduction, value, updates.Values[k * inner + i]);
                }
            }
        }
    }

    private readonly struct OneHotBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> values = tensors.Input(1).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int axis = attributes.Integer("axis", -1), depth = attributes.Integer("depth", 1);
            long[] indices = tensors.Input(0).ToLongs();
            output.Values.Fill(values.Values[0]);
            int inner = (int)Product(tensors.Input(0).Shape.ToArray().AsSpan(axis));
            for (int i = 0; i < indices.Length; i++)
            {
                long index = indices[i] < 0 ? indices[i] + depth : indices[i];
                if (index >= 0 && index < depth)
                {
                    output.Values[(int)((i / inner * depth + index) * inner + i % inner)] = values.Values[1];
                }
            }
        }
    }
}
