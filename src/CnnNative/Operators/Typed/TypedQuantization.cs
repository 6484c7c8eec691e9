// Between float32 and integers of 8 to 32 bits, by ONNX's definitions: q = saturate(round half to even(x / scale) + zero point).

using System.Numerics;

namespace CnnNative.Operators;

internal static class TypedQuantization
{
    public static TypedFunction[] All =>
    [
        new("Typed.Quantize", ["input", "scale", "zero_point"], InferQuantize, (attributes, tensors) =>
            TypedDispatch.Numbers<QuantizeBody>(tensors.Output().ElementType, attributes, tensors)) { Required = 2, Singles =
                InputSet.Of(1) },
        new("Typed.Dequantize", ["input", "scale", "zero_point"], InferDequantize, (attributes, tensors) =>
            TypedDispatch.Numbers<DequantizeBody>(tensors.Input().ElementType, attributes, tensors)) { Required = 2 },
        new("Typed.DynamicQuantize", ["input"], InferDynamic, DynamicQuantize) { Outputs = 3, Singles = InputSet.All },
        new("Typed.Centre", ["input", "zero_point"], InferCentre, (attributes, tensors) =>
            TypedDispatch.Numbers<CentreBody>(tensors.Input().ElementType, attributes, tensors)) { Required = 1 },
        new("Typed.Requantize", ["input", "input_scale", "weight_scale", "output_scale", "zero_point"], InferRequantize,
            (attributes, tensors) => TypedDispatch.Numbers<RequantizeBody>(tensors.Output().ElementType, attributes, tensors)),
    ];

    private static ElementType TypeOf(AttributeSet attributes) =>
        Enum.TryParse(attributes.Text("type", nameof(ElementType.UInt8)), out ElementType type) ? type : ElementType.UInt8;

    private static void InferQuantize(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = inputs.Length > 2 && inputs[2] is { } zero ? zero.Type : TypeOf(attributes) };

    private static void InferDequantize(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = ElementType.Float32 };

    private static void InferDynamic(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        outputs[0] = inputs[0]!.Value with { Type = ElementType.UInt8 };
        outputs[1] = new ValueSpec(default);
        outputs[2] = new ValueSpec(default, ElementType.UInt8);
    }

    private static void InferCentre(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = ElementType.Int32 };

    private static void InferRequantize(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = inputs[4]!.Value.Type };

    /// <summary>Which scale, or zero point, an element has: one for all, one for each place on an axis, or one for each block of
    /// it. </summary>
    private static int[] Places(Shape input, Shape parameters, int axis, int block)
    {
        int[] places = new int[input.ElementCount];
        if (parameters.ElementCount == 1)
        {
            return places;
        }

        int[] sizes = input.ToArray(), place = new int[sizes.Length], strides = RowLoop.DenseStrides(parameters.ToArray());
        for (int i = 0; i < places.Length; i++)
        {
            if (parameters.Rank == 1)
            {
                places[i] = place[axis];
            }
            else
            {
                for (int d = 0; d < place.Length; d++)
                {
                    places[i] += strides[d] * (d == axis && block > 0 ? place[d] / block : Math.Min(place[d], parameters[d] - 1));
                }
            }

            Positions.Advance(place, sizes);
        }

        return places;
    }

    private static T Quantized<T>(double value, double zero)
        where T : unmanaged, INumber<T> => T.CreateSaturating(Math.Round(value, MidpointRounding.ToEven) + zero);

    private readonly struct QuantizeBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            double[] input = tensors.Input().ToDoubles();
            float[] scales = tensors.Input(1).ToArray();
            double[]? zeros = tensors.OptionalInput(2)?.ToDoubles();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            int[] places = Places(
                tensors.Input().Shape, tensors.Input(1).Shape, attributes.Integer("axis", 1),
                    attributes.Integer("block_size", 0));
            for (int i = 0; i < input.Length; i++)
            {
                output.Values[i] = Quantized<T>((float)input[i] / scales[places[i]], zeros?[places[i]] ?? 0);
            }
        }
    }

    private readonly struct DequantizeBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess output = tensors.Output().Access();
            float[] scales = tensors.Input(1).ToArray();
            double[]? zeros = tensors.OptionalInput(2)?.ToDoubles();
            int[] places = Places(
                tensors.Input().Shape, tensors.Input(1).Shape, attributes.Integer("axis", 1),
                    attributes.Integer("block_size", 0));
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = (float)(
                    (double.CreateSaturating(input.Values[i]) - (zeros?[places[i]] ?? 0)) * scales[places[i]]);
            }
        }
    }

    private static void DynamicQuantize(AttributeSet attributes, NodeTensors tensors)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess<byte> output = tensors.Output().Access<byte>();
        using TensorAccess scale = tensors.Output(1).Access();
        using TensorAccess<byte> zero = tensors.Output(2).Access<byte>();
        float low = 0, high = 0;
        foreach (float value in input.Values)
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        float step = (high - low) / byte.MaxValue;
        byte origin = step == 0 ? (byte)0 : Quantized<byte>(Math.Clamp(-low / step, 0, byte.MaxValue), 0);
        (scale.Values[0], zero.Values[0]) = (step, origin);
        for (int i = 0; i < output.Values.Length; i++)
        {
            output.Values[i] = step == 0 ? origin : Quantized<byte>(input.Values[i] / step, origin);
        }
    }

    /// <summary>Integers as int32, less their zero point: one for all, or one for each row of a matrix on the left, each column
    /// of one on the right, each filter.</summary>
    private readonly struct CentreBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> input = tensors.Input().AccessAs<T>();
            using TensorAccess<int> output = tensors.Output().Access<int>();
            Tensor? zero = tensors.OptionalInput(1);
            int[] zeros = zero?.ToInts() ?? [0];
            Shape shape = zero?.Shape ?? default;
            int axis = attributes.Integer("axis", 0);
            int[] places = Places(tensors.Input().Shape, shape, axis, 0);
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = int.CreateSaturating(input.Values[i]) - zeros[places[i]];
            }
        }
    }

    private readonly struct RequantizeBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<int> input = tensors.Input().Access<int>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            float[] inputScales = tensors.Input(1).ToArray(), weightScales = tensors.Input(2).ToArray();
            float[] outputScales = tensors.Input(3).ToArray();
            double[] zeros = tensors.Input(4).ToDoubles();
            Shape shape = tensors.Input().Shape;
            int weightAxis = attributes.Integer("weight_axis", 1), inputAxis = attributes.Integer("input_axis", 0);
            int[] byInput = Places(shape, tensors.Input(1).Shape, inputAxis, 0), byWeight =
                Places(shape, tensors.Input(2).Shape, weightAxis, 0);
            int[] byOutput = Places(shape, tensors.Input(3).Shape, inputAxis, 0);
            for (int i = 0; i < output.Values.Length; i++)
            {
                double factor = (double)inputScales[byInput[i]] * weightScales[byWeight[i]] / outputScales[byOutput[i]];
                output.Values[i] = Quantized<T>(input.Values[i] * factor, zeros[zeros.Length == 1 ? 0 : byOutput[i]]);
            }
        }
    }
}
