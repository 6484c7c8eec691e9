// Moves of elements of any type: other orders of dimensions, parts, repetitions and borders. All of them but padding are one
// strided copy.

namespace CnnNative.Operators;

internal static class TypedMovement
{
    private static readonly string[] One = ["input"];

    public static TypedFunction[] All =>
    [
        new("Typed.Transpose", One, InferTranspose, Transpose),
        new("Typed.Empty", One, (attributes, inputs, outputs) =>
            outputs[0] = inputs[0]!.Value with { Shape = new Shape(attributes.Integers("shape")) }, (_, _) => { }),
        new("Typed.Slice", One, InferSlice, Slice),
        new("Typed.Expand", One, InferExpand, Expand),
        new("Typed.Tile", One, InferTile, Tile),
        new("Typed.Concat", One, InferConcat, Concat) { IsVariadic = true },
        new("Typed.Pad", ["input", "value"], InferPad, (attributes, tensors) =>
            TypedDispatch.Moves<PadBody>(tensors.Input().ElementType, attributes, tensors)) { Required = 1 },
        new("Typed.Triangle", One, Same, (attributes, tensors) =>
            TypedDispatch.Moves<TriangleBody>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.ReverseSequence", ["input", "lengths"], Same, (attributes, tensors) =>
            TypedDispatch.Moves<ReverseBody>(tensors.Input().ElementType, attributes, tensors)),
    ];

    /// <summary>Copies elements of a dense or strided source to a dense or strided target, row by row.</summary>
    public static void Copy(ElementType type, Tensor source, int sourceOffset, Tensor target, int targetOffset, RowLoop loop)
    {
        switch (type.Size())
        {
            case sizeof(byte): Copy<byte>(source, sourceOffset, target, targetOffset, loop); break;
            case sizeof(ushort): Copy<ushort>(source, sourceOffset, target, targetOffset, loop); break;
            case sizeof(uint): Copy<uint>(source, sourceOffset, target, targetOffset, loop); break;
            default: Copy<ulong>(source, sourceOffset, target, targetOffset, loop); break;
        }
    }

    private static void Copy<T>(Tensor source, int sourceOffset, Tensor target, int targetOffset, RowLoop loop)
        where T : unmanaged
    {
        using TensorAccess<T> from = source.AccessAs<T>();
        using TensorAccess<T> to = target.AccessAs<T>();
        ReadOnlySpan<T> input = from.Values;
        Span<T> output = to.Values;
        while (loop.MoveNext())
        {
            int i = sourceOffset + loop.Offset(0), j = targetOffset + loop.Offset(1), length = loop.Length;
            if (loop.Stride(0) == 1 && loop.Stride(1) == 1)
            {
                input.Slice(i, length).CopyTo(output[j..]);
                continue;
            }

            for (int k = 0; k < length; k++, i += loop.Stride(0), j += loop.Stride(1))
            {
                output[j] = input[i];
            }
        }
    }

    private static void Same(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value;

    private static void InferTranspose(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] axes = attributes.Integers("axes");
        outputs[0] = input with { Shape = new Shape([.. axes.Select(axis => input.Shape[axis])]) };
    }

    private static void Transpose(AttributeSet attributes, NodeTensors tensors)
    {
        Tensor input = tensors.Input(), output = tensors.Output();
        int[] dense = RowLoop.DenseStrides(input.Shape.ToArray()), sizes = output.Shape.ToArray();
        int[] strides = [.. attributes.Integers("axes").Select(axis => dense[axis])];
        Copy(input.ElementType, input, 0, output, 0, new RowLoop(sizes, strides, RowLoop.DenseStrides(sizes)));
    }

    private static void InferSlice(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Shape = new Shape(attributes.Integers("counts")) };

    private static void Slice(AttributeSet attributes, NodeTensors tensors)
    {
        Tensor input = tensors.Input(), output = tensors.Output();
        int[] starts = attributes.Integers("starts"), steps = attributes.Integers("steps"), sizes = output.Shape.ToArray();
        int[] strides = RowLoop.DenseStrides(input.Shape.ToArray());
        int offset = 0;
        for (int i = 0; i < strides.Length; i++)
        {
            offset += starts[i] * strides[i];
            strides[i] *= steps[i];
        }

        Copy(input.ElementType, input, offset, output, 0, new RowLoop(sizes, strides, RowLoop.DenseStrides(sizes)));
    }

    private static void InferExpand(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        outputs[0] = input with
        {
            Shape =
            RowLoop.BroadcastShape("Expand", input.Shape, new Shape(attributes.Integers("shape")))
        };
    }

    private static void Expand(AttributeSet attributes, NodeTensors tensors)
    {
        Tensor input = tensors.Input(), output = tensors.Output();
        Copy(input.ElementType, input, 0, output, 0, RowLoop.Broadcast(output.Shape, input.Shape, output.Shape));
    }

    private static void InferTile(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] repeats = attributes.Integers("repeats");
        outputs[0] = input with { Shape = new Shape([.. repeats.Select((repeat, i) => checked(repeat * input.Shape[i]))]) };
    }

    private static void Tile(AttributeSet attributes, NodeTensors tensors)
    {
        // Each dimension is two: how often it is repeated, and its size; the first has no distance in the input.
        Tensor input = tensors.Input(), output = tensors.Output();
        int[] repeats = attributes.Integers("repeats"), dense = RowLoop.DenseStrides(input.Shape.ToArray());
        List<int> sizes = [], strides = [];
        for (int i = 0; i < repeats.Length; i++)
        {
            sizes.AddRange([repeats[i], input.Shape[i]]);
            strides.AddRange([0, dense[i]]);
        }

        int[] all = [.. sizes];
        Copy(input.ElementType, input, 0, output, 0, new RowLoop(all, [.. strides], RowLoop.DenseStrides(all)));
    }

    private static void InferConcat(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec first = inputs[0]!.Value;
        int axis = attributes.Integer("axis", 0);
        int[] sizes = first.Shape.ToArray();
        for (int i = 1; i < inputs.Length; i++)
        {
            ValueSpec input = inputs[i]!.Value;
            bool fits = input.Type == first.Type && input.Shape.Rank == sizes.Length;
            for (int d = 0; fits && d < sizes.Length; d++)
            {
                fits = d == axis || input.Shape[d] == sizes[d];
            }

            if (!fits)
            {
                throw new ShapeException(
                    $"Concat: tensor {i} is {input}, tensor 0 is {first}; expected the same but for dimension {axis}.");
            }

            sizes[axis] = checked(sizes[axis] + input.Shape[axis]);
        }

        outputs[0] = first with { Shape = new Shape(sizes) };
    }

    private static void Concat(AttributeSet attributes, NodeTensors tensors)
    {
        Tensor output = tensors.Output();
        int axis = attributes.Integer("axis", 0), start = 0;
        int[] strides = RowLoop.DenseStrides(output.Shape.ToArray());
        foreach (Tensor? part in tensors.Inputs)
        {
            int[] sizes = part!.Shape.ToArray();
            Copy(part.ElementType, part, 0, output, start * strides[axis],
                new RowLoop(sizes, RowLoop.DenseStrides(sizes), strides));
            start += sizes[axis];
        }
    }

    private static void InferPad(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] before = attributes.Integers("before"), after = attributes.Integers("after");
        outputs[0] = input with { Shape = new Shape([.. input.Shape.Select((size, i) => size + before[i] + after[i])]) };
    }

    private readonly struct PadBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            T value = default;
            if (tensors.OptionalInput(1) is { } border)
            {
                using TensorAccess<T> given = border.AccessAs<T>();
                value = given.Values[0];
            }

            string mode = attributes.Text("mode", "constant");
            int[] before = attributes.Integers("before"), sizes = tensors.Input().Shape.ToArray();
            int[] target = tensors.Output().Shape.ToArray(), strides = RowLoop.DenseStrides(sizes), place = new int[sizes.Length];
            for (int i = 0; i < output.Values.Length; i++)
            {
                int offset = 0;
                for (int d = 0; d < sizes.Length && offset >= 0; d++)
                {
                    int position = Source(mode, place[d] - before[d], sizes[d]);
                    offset = position < 0 ? -1 : offset + position * strides[d];
                }

                output.Values[i] = offset < 0 ? value : input.Values[offset];
                Positions.Advance(place, target);
            }
        }

        /// <summary>Where an element outside the input comes from; -1 for the value of the border.</summary>
        private static int Source(string mode, int position, int size)
        {
            if (position >= 0 && position < size)
            {
                return position;
            }

            switch (mode)
            {
                case "edge":
                    return size == 0 ? -1 : Math.Clamp(position, 0, size - 1);
                case "wrap":
                    return size == 0 ? -1 : (position % size + size) % size;
                case "reflect":
                    int period = Math.Max(1, 2 * (size - 1));
                    int rest = (position % period + period) % period;
                    return size == 0 ? -1 : Math.Min(rest, period - rest) % Math.Max(1, size);
                default:
                    return -1;
            }
        }
    }

    private readonly struct TriangleBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            Shape shape = tensors.Input().Shape;
            long diagonal = attributes.TryGet("diagonal", out AttributeValue k) ? k.ToInteger() : 0;
            bool upper = attributes.Flag("upper");
            int rows = shape[^2], columns = shape[^1];
            for (int i = 0; i < output.Values.Length; i++)
            {
                long row = i / columns % rows, column = i % columns;
                bool keeps = upper ? column >= row + diagonal : column <= row + diagonal;
                output.Values[i] = keeps ? input.Values[i] : default;
            }
        }
    }

    private readonly struct ReverseBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int batchAxis = attributes.Integer("batch_axis", 1), timeAxis = attributes.Integer("time_axis", 0);
            int[] sizes = tensors.Input().Shape.ToArray(), strides = RowLoop.DenseStrides(sizes), place = new int[sizes.Length];
            long[] lengths = tensors.Input(1).ToLongs();
            for (int i = 0; i < output.Values.Length; i++)
            {
                int time = place[timeAxis], length = (int)lengths[place[batchAxis]];
                int source = time < length ? length - 1 - time : time;
                output.Values[i] = input.Values[i + (source - time) * strides[timeAxis]];
                Positions.Advance(place, sizes);
            }
        }
    }
}

/// <summary>Positions in a tensor, counted through in order.</summary>
internal static class Positions
{
    /// <summary>Goes to the next position.</summary>
    public static void Advance(Span<int> place, ReadOnlySpan<int> sizes)
    {
        for (int d = place.Length - 1; d >= 0; d--)
        {
            if (++place[d] < sizes[d])
            {
                return;
            }

            place[d] = 0;
        }
    }
}
