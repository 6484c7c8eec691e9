// What depends on the order of elements along a dimension: the largest ones, their positions, running sums.

using System.Numerics;

namespace CnnNative.Operators;

internal static class TypedOrder
{
    private static readonly string[] One = ["input"];

    public static TypedFunction[] All =>
    [
        new("Typed.ArgMax", One, InferArg, (attributes, tensors) =>
            TypedDispatch.Numbers<ArgBody<Descending>>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.ArgMin", One, InferArg, (attributes, tensors) =>
            TypedDispatch.Numbers<ArgBody<Ascending>>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.TopK", One, InferTopK, (attributes, tensors) =>
            TypedDispatch.Numbers<TopKBody>(tensors.Input().ElementType, attributes, tensors)) { Outputs = 2 },
        new("Typed.CumSum", One, InferSame, (attributes, tensors) =>
            TypedDispatch.Numbers<CumulativeSum>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.CumProd", One, InferSame, (attributes, tensors) =>
            TypedDispatch.Numbers<CumulativeProduct>(tensors.Input().ElementType, attributes, tensors)),
        new("Typed.Hardmax", One, InferSame, Hardmax) { Singles = InputSet.All },
    ];

    /// <summary>A dimension with what is around it.</summary>
    internal readonly record struct AxisView(int Outer, int Size, int Inner)
    {
        public static AxisView Of(Shape shape, int axis)
        {
            int outer = 1, inner = 1;
            for (int i = 0; i < shape.Rank; i++)
            {
                outer *= i < axis ? shape[i] : 1;
                inner *= i > axis ? shape[i] : 1;
            }

            return new AxisView(outer, shape[axis], inner);
        }

        /// <summary>The first element of a line along the dimension.</summary>
        public int Start(int line) => line / Inner * Size * Inner + line % Inner;
    }

    private interface IOrder
    {
        static abstract bool IsBefore<T>(T left, T right)
            where T : unmanaged, INumber<T>;
    }

    private static void InferSame(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value;

    private static void InferArg(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        List<int> sizes = [.. inputs[0]!.Value.Shape];
        int axis = attributes.Integer("axis", 0);
        sizes[axis] = 1;
        if (attributes.Integer("keepdims", 1) == 0)
        {
            sizes.RemoveAt(axis);
        }

        outputs[0] = new ValueSpec(new Shape([.. sizes]), ElementType.Int64);
    }

    private static void InferTopK(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] sizes = input.Shape.ToArray();
        int axis = attributes.Integer("axis", 0), count = attributes.Integer("count", 1);
        sizes[axis] = count <= sizes[axis]
            ? count
            : throw new ShapeException($"TopK: {count} elements are wanted, but dimension {axis} of {input} has {sizes[axis]}.");
        outputs[0] = input with { Shape = new Shape(sizes) };
        outputs[1] = new ValueSpec(new Shape(sizes), ElementType.Int64);
    }

    private static void Hardmax(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        AxisView view = AxisView.Of(tensors.Input().Shape, attributes.Integer("axis", 0));
        output.Values.Clear();
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            int start = view.Start(line), best = 0;
            for (int k = 1; k < view.Size; k++)
            {
                best = input.Values[start + k * view.Inner] > input.Values[start + best * view.Inner] ? k : best;
            }

            output.Values[start + best * view.Inner] = 1;
        }
    }

    private readonly struct Descending : IOrder
    {
        public static bool IsBefore<T>(T left, T right)
            where T : unmanaged, INumber<T> => left > right;
    }

    private readonly struct Ascending : IOrder
    {
        public static bool IsBefore<T>(T left, T right)
            where T : unmanaged, INumber<T> => left < right;
    }

    private readonly struct ArgBody<TOrder> : INumberBody
        where TOrder : IOrder
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<long> output = tensors.Output().AccessAs<long>();
            AxisView view = AxisView.Of(tensors.Input().Shape, attributes.Integer("axis", 0));
            bool last = attributes.Flag("select_last_index");
            for (int line = 0; line < view.Outer * view.Inner; line++)
            {
                int start = view.Start(line), best = 0;
                for (int k = 1; k < view.Size; k++)
                {
                    T value = input.Values[start + k * view.Inner], found = input.Values[start + best * view.Inner];
                    best = TOrder.IsBefore(value, found) || (last && value == found) ? k : best;
                }

                output.Values[line] = best;
            }
        }
    }

    private readonly struct TopKBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> values = tensors.Output(0).AccessAs<T>();
            using TensorAccess<long> indices = tensors.Output(1).AccessAs<long>();
            int axis = attributes.Integer("axis", 0), count = attributes.Integer("count", 1);
            AxisView view = AxisView.Of(tensors.Input().Shape, axis), result = view with { Size = count };
            int sign = attributes.Integer("largest", 1) != 0 ? -1 : 1;
            T[] keys = new T[view.Size];
            int[] order = new int[view.Size];
            for (int line = 0; line < view.Outer * view.Inner; line++)
            {
                for (int k = 0; k < order.Length; k++)
                {
                    keys[k] = input.Values[view.Start(line) + k * view.Inner];
                    order[k] = k;
                }

                Array.Sort(order, (left, right) =>
                {
                    int byValue = sign * keys[left].CompareTo(keys[right]);
                    return byValue != 0 ? byValue : left.CompareTo(right);
                });
                for (int k = 0; k < count; k++)
                {
                    int to = result.Start(line) + k * result.Inner;
                    values.Values[to] = keys[order[k]];
                    indices.Values[to] = order[k];
                }
            }
        }
    }

    private readonly struct CumulativeSum : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => Cumulate<T>(attributes, tensors, product: false);
    }

    private readonly struct CumulativeProduct : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => Cumulate<T>(attributes, tensors, product: true);
    }

    private static void Cumulate<T>(AttributeSet attributes, NodeTensors tensors, bool product)
        where T : unmanaged, INumber<T>
    {
        using TensorAccess<T> input = tensors.Input().AccessAs<T>();
        using TensorAccess<T> output = tensors.Output().AccessAs<T>();
        AxisView view = AxisView.Of(tensors.Input().Shape, attributes.Integer("axis", 0));
        bool exclusive = attributes.Flag("exclusive"), reverse = attributes.Flag("reverse");
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            T total = product ? T.One : T.Zero;
            for (int k = 0; k < view.Size; k++)
            {
                int at = view.Start(line) + (reverse ? view.Size - 1 - k : k) * view.Inner;
                T value = input.Values[at], next = product ? total * value : total + value;
                output.Values[at] = exclusive ? total : next;
                total = next;
            }
        }
    }
}
