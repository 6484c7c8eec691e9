// Normalisations by their definitions, for tensors whose channels stand before their pixels, as ONNX has them. Sums are made in
// double precision.

namespace CnnNative.Operators;

internal static class TypedNormalizations
{
    public static TypedFunction[] All =>
    [
        new("Typed.LayerNorm", ["input", "scale", "bias"], InferLayer, LayerNorm) { Required = 2, Outputs = 3, Singles =
            InputSet.All },
        new("Typed.RmsNorm", ["input", "scale"], InferSame, RmsNorm) { Singles = InputSet.All },
        new("Typed.GroupNorm", ["input", "scale", "bias"], InferSame, GroupNorm) { Singles = InputSet.All },
        new("Typed.LpNorm", ["input"], InferSame, LpNorm) { Singles = InputSet.All },
        new("Typed.MeanVarianceNorm", ["input"], InferSame, MeanVarianceNorm) { Singles = InputSet.All },
        new("Typed.LocalResponseNorm", ["input"], InferSame, LocalResponseNorm) { Singles = InputSet.All },
        new("Typed.BatchNormTraining", ["input", "scale", "bias", "mean", "variance"], InferBatch, BatchNormTraining) { Outputs =
            3, Singles = InputSet.All },
    ];

    private static void InferSame(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value;

    private static void InferLayer(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec input = inputs[0]!.Value;
        int axis = attributes.Integer("axis", 0);
        outputs[0] = input;
        outputs[1] = outputs[2] = new ValueSpec(new Shape([.. input.Shape.Select((size, i) => i < axis ? size : 1)]));
    }

    private static void InferBatch(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        outputs[0] = inputs[0]!.Value;
        outputs[1] = outputs[2] = inputs[3]!.Value;
    }

    /// <summary>The elements of the dimensions from one on.</summary>
    private static int RowLength(Shape shape, int axis)
    {
        int length = 1;
        for (int i = axis; i < shape.Rank; i++)
        {
            length *= shape[i];
        }

        return length;
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<float> values)
    {
        double sum = 0, squares = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        double mean = sum / values.Length;
        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return (mean, squares / values.Length);
    }

    private static void LayerNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        using TensorAccess means = tensors.Output(1).Access();
        using TensorAccess inverses = tensors.Output(2).Access();
        Shape shape = tensors.Input().Shape;
        int length = RowLength(shape, attributes.Integer("axis", 0));
        float[] scale = Broadcast(tensors.Input(1), shape, length), bias = Broadcast(tensors.OptionalInput(2), shape, length);
        double epsilon = attributes.Single("epsilon", 1e-5f);
        for (int row = 0; row < means.Values.Length; row++)
        {
            ReadOnlySpan<float> from = input.Values.Slice(row * length, length);
            Span<float> to = output.Values.Slice(row * length, length);
            (double mean, double variance) = Moments(from);
            double inverse = 1 / Math.Sqrt(variance + epsilon);
            (means.Values[row], inverses.Values[row]) = ((float)mean, (float)inverse);
            for (int i = 0; i < length; i++)
            {
                to[i] = (float)((from[i] - mean) * inverse * At(scale, row, i, length, 1) + At(bias, row, i, length, 0));
            }
        }
    }

    private static float At(float[] values, int row, int i, int length, float absent) =>
        values.Length == 0 ? absent : values.Length == length ? values[i] : values[row * length + i];

    /// <summary>Scale or bias for one row, or for all of them where they differ.</summary>
    private static float[] Broadcast(Tensor? tensor, Shape shape, int length)
    {
        if (tensor is null)
        {
            return [];
        }

        float[] values = tensor.ToArray();
        if (values.Length == length)
        {
            return values;
        }

        float[] all = new float[shape.ElementCount];
        RowLoop loop = RowLoop.Broadcast(shape, tensor.Shape);
        for (int to = 0; loop.MoveNext();)
        {
            for (int k = 0, i = loop.Offset(0); k < loop.Length; k++, i += loop.Stride(0))
            {
                all[to++] = values[i];
            }
        }

        return all;
    }

    private static void RmsNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        Shape shape = tensors.Input().Shape;
        int length = RowLength(shape, attributes.Integer("axis", 0));
        float[] scale = Broadcast(tensors.Input(1), shape, length);
        double epsilon = attributes.Single("epsilon", 1e-5f);
        for (int row = 0; row < input.Values.Length / Math.Max(1, length); row++)
        {
            ReadOnlySpan<float> from = input.Values.Slice(row * length, length);
            Span<float> to = output.Values.Slice(row * length, length);
            double squares = 0;
            foreach (float value in from)
            {
                squares += (double)value * value;
            }

            double inverse = 1 / Math.Sqrt(squares / length + epsilon);
            for (int i = 0; i < length; i++)
            {
                to[i] = (float)(from[i] * inverse * At(scale, row, i, length, 1));
            }
        }
    }

    private static void GroupNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess scale = tensors.Input(1).Access();
        using TensorAccess bias = tensors.Input(2).Access();
        using TensorAccess output = tensors.Output().Access();
        Shape shape = tensors.Input().Shape;
        int channels = shape[1], groups = attributes.Integer("groups", 0) is > 0 and int given ? given : channels;
        int pixels = RowLength(shape, 2), size = channels / groups * pixels;
        double epsilon = attributes.Single("epsilon", 1e-5f);
        for (int group = 0; group < shape[0] * groups; group++)
        {
            ReadOnlySpan<float> from = input.Values.Slice(group * size, size);
            Span<float> to = output.Values.Slice(group * size, size);
            (double mean, double variance) = Moments(from);
            double inverse = 1 / Math.Sqrt(variance + epsilon);
            for (int i = 0; i < size; i++)
            {
                int channel = (group * size + i) / pixels % channels;
                int parameter = scale.Values.Length == channels ? channel : channel / (channels / groups);
                to[i] = (float)((from[i] - mean) * inverse * scale.Values[parameter] + bias.Values[parameter]);
            }
        }
    }

    private static void LpNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        TypedOrder.AxisView view = TypedOrder.AxisView.Of(tensors.Input().Shape, attributes.Integer("axis", 0));
        bool isAbsolute = attributes.Integer("p", 2) == 1;
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            double norm = 0;
            for (int k = 0; k < view.Size; k++)
            {
                double value = input.Values[view.Start(line) + k * view.Inner];
                norm += isAbsolute ? Math.Abs(value) : value * value;
            }

            norm = isAbsolute ? norm : Math.Sqrt(norm);
            for (int k = 0; k < view.Size; k++)
            {
                int at = view.Start(line) + k * view.Inner;
                output.Values[at] = norm == 0 ? 0 : (float)(input.Values[at] / norm);
            }
        }
    }

    private static void MeanVarianceNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        Shape shape = tensors.Input().Shape, kept = new(TypedReductions.KeptSizes(shape, attributes));
        double[] sums = new double[kept.ElementCount], squares = new double[sums.Length];
        double count = (double)input.Values.Length / Math.Max(1, sums.Length);
        for (int pass = 0; pass < 3; pass++)
        {
            RowLoop loop = RowLoop.Broadcast(shape, shape, kept);
            while (loop.MoveNext())
            {
                int i = loop.Offset(0), j = loop.Offset(1);
                for (int k = 0; k < loop.Length; k++, i += loop.Stride(0), j += loop.Stride(1))
                {
                    double distance = input.Values[i] - sums[j] / count;
                    switch (pass)
                    {
                        case 0: sums[j] += input.Values[i]; break;
                        case 1: squares[j] += distance * distance; break;
                        default: output.Values[i] = (float)(distance / (Math.Sqrt(squares[j] / count) + 1e-9)); break;
                    }
                }
            }
        }
    }

    private static void LocalResponseNorm(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        TypedOrder.AxisView view = TypedOrder.AxisView.Of(tensors.Input().Shape, 1);
        int size = attributes.Integer("size", 1);
        double alpha = attributes.Single("alpha", 1e-4f), beta = attributes.Single("beta", 0.75f), bias =
            attributes.Single("bias", 1);
        for (int line = 0; line < view.Outer * view.Inner; line++)
        {
            for (int c = 0; c < view.Size; c++)
            {
                double sum = 0;
                int first = Math.Max(0, c - (size - 1) / 2), last = Math.Min(view.Size - 1, c + size / 2);
                for (int k = first; k <= last; k++)
                {
                    double value = input.Values[view.Start(line) + k * view.Inner];
                    sum += value * value;
                }

                int at = view.Start(line) + c * view.Inner;
                output.Values[at] = (float)(input.Values[at] / Math.Pow(bias + alpha / size * sum, beta));
            }
        }
    }

    private static void BatchNormTraining(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        using TensorAccess means = tensors.Output(1).Access();
        using TensorAccess variances = tensors.Output(2).Access();
        float[] scale = tensors.Input(1).ToArray(), bias = tensors.Input(2).ToArray();
        float[] oldMeans = tensors.Input(3).ToArray(), oldVariances = tensors.Input(4).ToArray();
        double epsilon = attributes.Single("epsilon", 1e-5f), momentum = attributes.Single("momentum", 0.9f);
        TypedOrder.AxisView view = TypedOrder.AxisView.Of(tensors.Input().Shape, 1);
        float[] channel = new float[view.Outer * view.Inner];
        for (int c = 0; c < view.Size; c++)
        {
            for (int line = 0; line < channel.Length; line++)
            {
                channel[line] = input.Values[view.Start(line) + c * view.Inner];
            }

            (double mean, double variance) = Moments(channel);
            double inverse = 1 / Math.Sqrt(variance + epsilon);
            for (int line = 0; line < channel.Length; line++)
            {
                output.Values[view.Start(line) + c * view.Inner] = (float)((channel[line] - mean) * inverse * scale[c] + bias[c]);
            }

            means.Values[c] = (float)(oldMeans[c] * momentum + mean * (1 - momentum));
            variances.Values[c] = (float)(oldVariances[c] * momentum + variance * (1 - momentum));
        }
    }
}
