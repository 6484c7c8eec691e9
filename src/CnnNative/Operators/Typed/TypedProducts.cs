// Matrix products by NumPy's rules, of any type. Those of float32 that matter have a kernel; these are the others: integers, and
// shapes that are rare.

using System.Numerics;

namespace CnnNative.Operators;

internal static class TypedProducts
{
    public static TypedFunction[] All =>
    [
        new("Typed.MatMul", ["left", "right"], Infer, (attributes, tensors) =>
            TypedDispatch.Numbers<ProductBody>(tensors.Input().ElementType, attributes, tensors)),
    ];

    /// <summary>The shape of a product: matrices in the two innermost dimensions, the others broadcast; a vector is a row on the
    /// left and a column on the right, and that dimension then goes away.</summary>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Shape OutputShape(Shape left, Shape right)
    {
        (Shape a, Shape b) = AsMatrices(left, right);
        if (a[^1] != b[^2])
        {
            throw new ShapeException(
                $"MatMul: left is {left}, right is {right}; expected as many columns on the left as rows on the right.");
        }

        int[] outer = RowLoop.BroadcastShape("MatMul", Outer(a), Outer(b)).ToArray();
        return new Shape([.. outer, .. left.Rank > 1 ? [a[^2]] : Array.Empty<int>(), .. right.Rank > 1 ? [b[^1]]
            : Array.Empty<int>()]);
    }

    private static Shape Outer(Shape shape) => new(shape.ToArray().AsSpan(0, shape.Rank - 2));

    private static (Shape Left, Shape Right) AsMatrices(Shape left, Shape right)
    {
        if (left.Rank == 0 || right.Rank == 0)
        {
            throw new ShapeException($"MatMul: left is {left}, right is {right}; expected at least one dimension.");
        }

        return (left.Rank == 1 ? new Shape(1, left[0]) : left, right.Rank == 1 ? new Shape(right[0], 1) : right);
    }

    private static void Infer(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec left = inputs[0]!.Value, right = inputs[1]!.Value;
        outputs[0] = left with { Shape = OutputShape(left.Shape, right.Shape) };
    }

    private readonly struct ProductBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> left = tensors.Input(0).AccessAs<T>();
            using TensorAccess<T> right = tensors.Input(1).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            (Shape a, Shape b) = AsMatrices(tensors.Input(0).Shape, tensors.Input(1).Shape);
            int rows = a[^2], depth = a[^1], columns = b[^1];
            Shape outer = RowLoop.BroadcastShape("MatMul", Outer(a), Outer(b));
            int[] leftStrides = RowLoop.BroadcastStrides(outer, Outer(a)), rightStrides =
                RowLoop.BroadcastStrides(outer, Outer(b));
            int[] place = new int[outer.Rank], sizes = outer.ToArray();
            T[] row = new T[columns];
            for (int matrix = 0; matrix < outer.ElementCount; matrix++)
            {
                int from = Dot(place, leftStrides) * rows * depth, by = Dot(place, rightStrides) * depth * columns;
                for (int r = 0; r < rows; r++)
                {
                    MultiplyRow<T>(left.Values.Slice(from + r * depth, depth), right.Values[by..], row);
                    row.CopyTo(output.Values[((matrix * rows + r) * columns)..]);
                }

                Positions.Advance(place, sizes);
            }
        }

        private static int Dot(int[] place, int[] strides)
        {
            int sum = 0;
            for (int i = 0; i < place.Length; i++)
            {
                sum += place[i] * strides[i];
            }

            return sum;
        }

        private static void MultiplyRow<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<T> row)
            where T : unmanaged, INumber<T>
        {
            row.Clear();
            for (int k = 0; k < left.Length; k++)
            {
                T factor = left[k];
                ReadOnlySpan<T> source = right.Slice(k * row.Length, row.Length);
                for (int c = 0; c < row.Length; c++)
                {
                    row[c] += factor * source[c];
                }
            }
        }
    }
}
