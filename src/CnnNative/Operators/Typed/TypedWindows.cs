// Windows that slide over any number of dimensions, channels before pixels, of any type: convolutions of integers and of volumes,
// pooling that tells positions, and their inverses. What networks mostly need has kernels; this is the definition, written down.

using System.Numerics;

namespace CnnNative.Operators;

/// <summary>The numbers of a window: for each spatial dimension its size, step, dilation and the padding before.</summary>
internal sealed record WindowNumbers(int[] Kernel, int[] Strides, int[] Dilations, int[] Before)
{
    public static WindowNumbers From(AttributeSet attributes) => new(
        attributes.Integers("kernel"), attributes.Integers("strides"), attributes.Integers("dilations"),
            attributes.Integers("before"));

    /// <summary>The spatial offset in the input that an element of the window at a place of the output sees; -1
    /// outside.</summary>
    public int Offset(ReadOnlySpan<int> output, ReadOnlySpan<int> tap, ReadOnlySpan<int> sizes)
    {
        int offset = 0;
        for (int d = 0; d < sizes.Length; d++)
        {
            int position = output[d] * Strides[d] + tap[d] * Dilations[d] - Before[d];
            if (position < 0 || position >= sizes[d])
            {
                return -1;
            }

            offset = offset * sizes[d] + position;
        }

        return offset;
    }
}

internal static class TypedWindows
{
    public static TypedFunction[] All =>
    [
        new("Typed.Conv", ["input", "weights", "bias"], InferConv, (attributes, tensors) =>
            TypedDispatch.Numbers<ConvBody>(tensors.Input().ElementType, attributes, tensors)) { Required = 2 },
        new("Typed.ConvTranspose", ["input", "weights", "bias"], InferConvTranspose, ConvTranspose) { Required = 2, Singles =
            InputSet.All },
        new("Typed.MaxPool", ["input"], InferPool, (attributes, tensors) =>
            TypedDispatch.Numbers<MaxPoolBody>(tensors.Input().ElementType, attributes, tensors)) { Outputs = 2 },
        new("Typed.AveragePool", ["input"], InferPool, AveragePool) { Singles = InputSet.All },
        new("Typed.LpPool", ["input"], InferPool, LpPool) { Singles = InputSet.All },
        new("Typed.MaxUnpool", ["input", "indices"], InferUnpool, MaxUnpool) { Singles = InputSet.Of(0) },
        new("Typed.Col2Im", ["input"], InferCol2Im, Col2Im) { Singles = InputSet.All },
    ];

    private static int[] Spatial(Shape shape) => shape.ToArray()[2..];

    private static int Product(ReadOnlySpan<int> sizes)
    {
        int product = 1;
        foreach (int size in sizes)
        {
            product = checked(product * size);
        }

        return product;
    }

    private static void InferConv(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value, weights = inputs[1]!.Value;
        int groups = attributes.Integer("groups", 1);
        outputs[0] = input.Shape.Rank == weights.Shape.Rank && weights.Shape[1] * groups == input.Shape[1] &&
            weights.Shape[0] % groups == 0
            ? input with { Shape = new Shape([input.Shape[0], weights.Shape[0], .. attributes.Integers("output")]) }
            : throw new ShapeException(
                $"Conv: input is {input}, weights are {weights} with {groups} groups, which do not fit together.");
    }

    private static void InferConvTranspose(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value, weights = inputs[1]!.Value;
        int channels = weights.Shape[1] * attributes.Integer("groups", 1);
        outputs[0] = weights.Shape[0] == input.Shape[1]
            ? input with { Shape = new Shape([input.Shape[0], channels, .. attributes.Integers("output")]) }
            : throw new ShapeException($"ConvTranspose: input is {input}, weights are {weights}, which do not fit together.");
    }

    private static void InferPool(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        outputs[0] = input with { Shape = new Shape([input.Shape[0], input.Shape[1], .. attributes.Integers("output")]) };
        if (outputs.Length > 1)
        {
            outputs[1] = outputs[0] with { Type = ElementType.Int64 };
        }
    }

    private static void InferUnpool(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Shape = new Shape(attributes.Integers("output")) };

    private static void InferCol2Im(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int channels = input.Shape[1] / Product(attributes.Integers("kernel"));
        outputs[0] = input with { Shape = new Shape([input.Shape[0], channels, .. attributes.Integers("output")]) };
    }

    private readonly struct ConvBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input(0).AccessAs<T>();
            using TensorAccess<T> weights = tensors.Input(1).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            T[]? bias = tensors.OptionalInput(2)?.ToArray<T>();
            WindowNumbers window = WindowNumbers.From(attributes);
            int[] sizes = Spatial(tensors.Input().Shape), results = Spatial(tensors.Output().Shape);
            int groups = attributes.Integer("groups", 1), filters = tensors.Output().Shape[1], channels =
                tensors.Input().Shape[1] / groups;
            int pixels = Product(sizes), taps = Product(window.Kernel), places = Product(results);
            int[] place = new int[sizes.Length], tap = new int[sizes.Length], offsets = new int[taps];
            for (int p = 0; p < places; p++)
            {
                for (int t = 0; t < taps; t++)
                {
                    offsets[t] = window.Offset(place, tap, sizes);
                    Positions.Advance(tap, window.Kernel);
                }

                for (int f = 0; f < tensors.Output().Shape[0] * filters; f++)
                {
                    int filter = f % filters, group = filter / (filters / groups);
                    T sum = bias is null ? T.Zero : bias[filter];
                    for (int c = 0; c < channels; c++)
                    {
                        int from = ((f / filters * groups + group) * channels + c) * pixels, by = (filter * channels + c) * taps;
                        for (int t = 0; t < taps; t++)
                        {
                            sum += offsets[t] < 0 ? T.Zero : input.Values[from + offsets[t]] * weights.Values[by + t];
                        }
                    }

                    output.Values[f * places + p] = sum;
                }

                Positions.Advance(place, results);
            }
        }
    }

    private static void ConvTranspose(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input(0).Access();
        using TensorAccess weights = tensors.Input(1).Access();
        using TensorAccess output = tensors.Output().Access();
        float[]? bias = tensors.OptionalInput(2)?.ToArray();
        WindowNumbers window = WindowNumbers.From(attributes);
        int[] sizes = Spatial(tensors.Input().Shape), results = Spatial(tensors.Output().Shape);
        int batch = tensors.Input().Shape[0], channels = tensors.Input().Shape[1], filters = tensors.Output().Shape[1];
        int groups = attributes.Integer("groups", 1), each = filters / groups;
        int pixels = Product(sizes), taps = Product(window.Kernel), places = Product(results);
        for (int i = 0; i < output.Values.Length; i++)
        {
            output.Values[i] = bias?[i / places % filters] ?? 0;
        }

        int[] place = new int[sizes.Length], tap = new int[sizes.Length];
        for (int p = 0; p < pixels; p++)
        {
            for (int t = 0; t < taps; t++)
            {
                int offset = window.Offset(place, tap, results);
                Positions.Advance(tap, window.Kernel);
                for (int c = 0; c < batch * channels && offset >= 0; c++)
                {
                    int n = c / channels, channel = c % channels, group = channel / (channels / groups);
                    for (int f = 0; f < each; f++)
                    {
                        output.Values[(n * filters + group * each + f) * places + offset] +=
                            input.Values[c * pixels + p] * weights.Values[(channel * each + f) * taps + t];
                    }
                }
            }

            Positions.Advance(place, sizes);
        }
    }

    private readonly struct MaxPoolBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<T> output = tensors.Output(0).AccessAs<T>();
            using TensorAccess<long> indices = tensors.Output(1).Access<long>();
            WindowNumbers window = WindowNumbers.From(attributes);
            int[] sizes = Spatial(tensors.Input().Shape), results = Spatial(tensors.Output().Shape);
            int pixels = Product(sizes), taps = Product(window.Kernel), places = Product(results);
            int[] place = new int[sizes.Length], tap = new int[sizes.Length];
            bool columns = attributes.Flag("storage_order");
            for (int i = 0; i < output.Values.Length; i++)
            {
                int start = i / places * pixels, best = -1;
                for (int t = 0; t < taps; t++)
                {
                    int offset = window.Offset(place, tap, sizes);
                    Positions.Advance(tap, window.Kernel);
                    if (offset >= 0 && (best < 0 || input.Values[start + offset] > input.Values[start + best]))
                    {
                        best = offset;
                    }
                }

                output.Values[i] = best < 0 ? T.MinValue : input.Values[start + best];
                indices.Values[i] = start + (columns ? InColumns(best, sizes) : best);
                Positions.Advance(place, results);
            }
        }

        /// <summary>A place counted with the first dimension innermost.</summary>
        private static int InColumns(int offset, int[] sizes)
        {
            int result = 0, stride = 1;
            int[] dense = RowLoop.DenseStrides(sizes);
            for (int d = 0; d < sizes.Length; d++)
            {
                result += offset / dense[d] % sizes[d] * stride;
                stride *= sizes[d];
            }

            return result;
        }
    }

    private static void AveragePool(AttributeSet attributes, NodeTensors tensors)
    {
        bool countsPadding = attributes.Flag("count_include_pad");
        int[] after = attributes.Integers("after");
        WindowNumbers window = WindowNumbers.From(attributes);
        int[] sizes = Spatial(tensors.Input().Shape);
        Pool(attributes, tensors, (sum, value) => sum + value, (sum, seen, place) =>
            sum / (countsPadding ? Counted(window, after, place, sizes) : seen));
    }

    /// <summary>The elements of a window inside the padded input; those that a rounded-up output adds behind it do not
    /// count.</summary>
    private static int Counted(WindowNumbers window, int[] after, int[] place, int[] sizes)
    {
        int count = 1;
        for (int d = 0; d < sizes.Length; d++)
        {
            int inside = 0;
            for (int t = 0; t < window.Kernel[d]; t++)
            {
                inside += place[d] * window.Strides[d] + t * window.Dilations[d] - window.Before[d] < sizes[d] + after[d] ? 1 : 0;
            }

            count *= inside;
        }

        return count;
    }

    private static void LpPool(AttributeSet attributes, NodeTensors tensors)
    {
        double p = attributes.Integer("p", 2);
        Pool(attributes, tensors, (sum, value) => sum + Math.Pow(Math.Abs(value), p), (sum, _, _) => Math.Pow(sum, 1 / p));
    }

    private static void Pool(
        AttributeSet attributes, NodeTensors tensors, Func<double, double, double> add, Func<double, int, int[], double> finish)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        WindowNumbers window = WindowNumbers.From(attributes);
        int[] sizes = Spatial(tensors.Input().Shape), results = Spatial(tensors.Output().Shape);
        int pixels = Product(sizes), taps = Product(window.Kernel), places = Product(results);
        int[] place = new int[sizes.Length], tap = new int[sizes.Length];
        for (int i = 0; i < output.Values.Length; i++)
        {
            double sum = 0;
            int seen = 0;
            for (int t = 0; t < taps; t++)
            {
                int offset = window.Offset(place, tap, sizes);
                Positions.Advance(tap, window.Kernel);
                if (offset >= 0)
                {
                    sum = add(sum, input.Values[i / places * pixels + offset]);
                    seen++;
                }
            }

            output.Values[i] = (float)finish(sum, seen, place);
            Positions.Advance(place, results);
        }
    }

    /// <summary>Each element goes where it was the largest; positions count through the tensor that was pooled.</summary>
    private static void MaxUnpool(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        long[] indices = tensors.Input(1).ToLongs();
        int[] pooled = attributes.Integers("pooled"), target = tensors.Output().Shape.ToArray();
        int[] from = RowLoop.DenseStrides(pooled), to = RowLoop.DenseStrides(target);
        output.Values.Clear();
        for (int i = 0; i < indices.Length; i++)
        {
            int offset = 0;
            for (int d = 0; d < pooled.Length; d++)
            {
                offset += (int)(indices[i] / from[d] % pooled[d]) * to[d];
            }

            if (offset < 0 || offset >= output.Values.Length)
            {
                throw new ArgumentException(
                    $"MaxUnpool: an index is {indices[i]}, expected a place in a tensor of {new Shape(pooled)}.");
            }

            output.Values[offset] = input.Values[i];
        }
    }

    private static void Col2Im(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        WindowNumbers window = WindowNumbers.From(attributes);
        int[] results = Spatial(tensors.Output().Shape), places = attributes.Integers("places");
        int pixels = Product(results), taps = Product(window.Kernel), count = Product(places);
        int[] place = new int[results.Length], tap = new int[results.Length];
        output.Values.Clear();
        for (int p = 0; p < count; p++)
        {
            for (int t = 0; t < taps; t++)
            {
                int offset = window.Offset(place, tap, results);
                Positions.Advance(tap, window.Kernel);
                for (int c = 0; c < output.Values.Length / pixels && offset >= 0; c++)
                {
                    output.Values[c * pixels + offset] += input.Values[(c * taps + t) * count + p];
                }
            }

            Positions.Advance(place, places);
        }
    }
}
