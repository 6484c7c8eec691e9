// Reductions over any dimensions, of any type. Sums of float32 are made in double precision.

using System.Numerics;

namespace CnnNative.Operators;

internal static class TypedReductions
{
    private static readonly string[] One = ["input"];

    public static TypedFunction[] All =>
    [
        Real("Typed.ReduceSum", 0, (sum, x) => sum + x, (sum, _) => sum),
        Real("Typed.ReduceMean", 0, (sum, x) => sum + x, (sum, count) => sum / count),
        Real("Typed.ReduceProd", 1, (product, x) => product * x, (product, _) => product),
        Real("Typed.ReduceL1", 0, (sum, x) => sum + Math.Abs(x), (sum, _) => sum),
        Real("Typed.ReduceL2", 0, (sum, x) => sum + x * x, (sum, _) => Math.Sqrt(sum)),
        Real("Typed.ReduceSumSquare", 0, (sum, x) => sum + x * x, (sum, _) => sum),
        Real("Typed.ReduceLogSum", 0, (sum, x) => sum + x, (sum, _) => Math.Log(sum)),
        new("Typed.ReduceLogSumExp", One, Infer, LogSumExp) { Singles = InputSet.All },
        Extreme<Largest>("Typed.ReduceMax"), Extreme<Smallest>("Typed.ReduceMin"),
    ];

    /// <summary>The dimensions of the output, those that are reduced as 1.</summary>
    public static int[] KeptSizes(Shape input, AttributeSet attributes)
    {
        int[] sizes = input.ToArray();
        foreach (int axis in attributes.Integers("axes"))
        {
            sizes[axis] = 1;
        }

        return sizes;
    }

    private static TypedFunction Real(string kind, double start, Func<double, double, double> add, Func<double, double,
        double> finish) =>
        new(kind, One, Infer, (attributes, tensors) =>
        {
            double[] values = tensors.Input().ToDoubles(), totals = Totals<double>(attributes, tensors, values, start, add);
            double count = totals.Length == 0 ? 0 : (double)values.Length / totals.Length;
            for (int j = 0; j < totals.Length; j++)
            {
                totals[j] = finish(totals[j], count);
            }

            tensors.Output().Store(totals);
        });

    private static TypedFunction Extreme<TChoice>(string kind)
        where TChoice : IChoice => new(kind, One, Infer, (attributes, tensors) =>
            TypedDispatch.Numbers<ExtremeBody<TChoice>>(tensors.Input().ElementType, attributes, tensors));

    private static void Infer(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int[] sizes = KeptSizes(input.Shape, attributes), axes = attributes.Integers("axes");
        outputs[0] = input with
        {
            Shape = new Shape(attributes.Integer("keepdims", 1) != 0 ? sizes : [.. sizes.Where((_, i) => !axes.Contains(i))]),
        };
    }

    /// <summary>A walk over the input, and beside it the element of the output that each belongs to.</summary>
    private static RowLoop Walk(AttributeSet attributes, NodeTensors tensors)
    {
        Shape input = tensors.Input().Shape;
        return RowLoop.Broadcast(input, input, new Shape(KeptSizes(input, attributes)));
    }

    private static double[] Totals<T>(
        AttributeSet attributes, NodeTensors tensors, ReadOnlySpan<T> values, double start, Func<double, double, double> add)
        where T : unmanaged, INumber<T>
    {
        double[] totals = new double[tensors.Output().ElementCount];
        Array.Fill(totals, start);
        RowLoop loop = Walk(attributes, tensors);
        while (loop.MoveNext())
        {
            int i = loop.Offset(0), j = loop.Offset(1);
            for (int k = 0; k < loop.Length; k++, i += loop.Stride(0), j += loop.Stride(1))
            {
                totals[j] = add(totals[j], double.CreateSaturating(values[i]));
            }
        }

        return totals;
    }

    private static void LogSumExp(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        double[] largest = Totals<float>(attributes, tensors, input.Values, double.NegativeInfinity, Math.Max);
        double[] totals = new double[largest.Length];
        RowLoop loop = Walk(attributes, tensors);
        while (loop.MoveNext())
        {
            int i = loop.Offset(0), j = loop.Offset(1);
            for (int k = 0; k < loop.Length; k++, i += loop.Stride(0), j += loop.Stride(1))
            {
                totals[j] += double.IsInfinity(largest[j]) ? Math.Exp(input.Values[i]) : Math.Exp(input.Values[i] - largest[j]);
            }
        }

        for (int j = 0; j < totals.Length; j++)
        {
            output.Values[j] = (float)(Math.Log(totals[j]) + (double.IsInfinity(largest[j]) ? 0 : largest[j]));
        }
    }

    private interface IChoice
    {
        static abstract T Start<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>;

        static abstract T Choose<T>(T left, T right)
            where T : unmanaged, INumber<T>;
    }

    private readonly struct Largest : IChoice
    {
        public static T Start<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            typeof(T) == typeof(float) ? T.CreateSaturating(float.NegativeInfinity) : T.MinValue;

        public static T Choose<T>(T left, T right)
            where T : unmanaged, INumber<T> => T.Max(left, right);
    }

    private readonly struct Smallest : IChoice
    {
        public static T Start<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            typeof(T) == typeof(float) ? T.CreateSaturating(float.PositiveInfinity) : T.MaxValue;

        public static T Choose<T>(T left, T right)
            where T : unmanaged, INumber<T> => T.Min(left, right);
    }

    private readonly struct ExtremeBody<TChoice> : INumberBody
        where TChoice : IChoice
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            output.Values.Fill(TChoice.Start<T>());
            if (tensors.Output().ElementType == ElementType.Bool)
            {
                output.Values.Fill(typeof(TChoice) == typeof(Largest) ? T.Zero : T.One);
            }

            RowLoop loop = Walk(attributes, tensors);
            while (loop.MoveNext())
            {
                int i = loop.Offset(0), j = loop.Offset(1);
                for (int k = 0; k < loop.Length; k++, i += loop.Stride(0), j += loop.Stride(1))
                {
                    output.Values[j] = TChoice.Choose(output.Values[j], input.Values[i]);
                }
            }
        }
    }
}
