// Functions of one element that are too rare for a kernel, and conversions between types.

using System.Numerics;
using CnnNative.Kernels.Managed;

namespace CnnNative.Operators;

internal static class TypedUnary
{
    private static readonly string[] One = ["input"];

    public static TypedFunction[] All =>
    [
        Real("Typed.Exp", Math.Exp), Real("Typed.Log", Math.Log), Real("Typed.Sqrt", Math.Sqrt),
            Real("Typed.Reciprocal", x => 1 / x),
        Real("Typed.Ceil", Math.Ceiling), Real("Typed.Floor", Math.Floor),
            Real("Typed.Round", x => Math.Round(x, MidpointRounding.ToEven)),
        Real("Typed.Sin", Math.Sin), Real("Typed.Cos", Math.Cos), Real("Typed.Tan", Math.Tan), Real("Typed.Asin", Math.Asin),
        Real("Typed.Acos", Math.Acos), Real("Typed.Atan", Math.Atan), Real("Typed.Sinh", Math.Sinh),
            Real("Typed.Cosh", Math.Cosh),
        Real("Typed.Asinh", Math.Asinh), Real("Typed.Acosh", Math.Acosh), Real("Typed.Atanh", Math.Atanh),
        Real("Typed.Erf", SpecialFunctions.Erf), Real("Typed.Softsign", x => x / (1 + Math.Abs(x))),
        WithParameters("Typed.Celu", (x, alpha, _) => Math.Max(0, x) + Math.Min(0, alpha * (Math.Exp(x / alpha) - 1))),
        WithParameters("Typed.ThresholdedRelu", (x, alpha, _) => x > alpha ? x : 0),
        WithParameters("Typed.Swish", (x, alpha, _) => x / (1 + Math.Exp(-alpha * x))),
        WithParameters("Typed.Shrink", (x, bias, limit) => x < -limit ? x + bias : x > limit ? x - bias : 0),
        WithParameters("Typed.GeluTanh", (x, _, _) =>
            0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        Same<AbsoluteBody>("Typed.Abs"), Same<NegateBody>("Typed.Neg"), Same<SignBody>("Typed.Sign"), Same<NotBody>("Typed.Not"),
        Same<BitwiseNotBody>("Typed.BitwiseNot"),
        new("Typed.Cast", One, InferCast, Cast),
        new("Typed.IsNaN", One, InferFlags, (_, tensors) => Flags(tensors, float.IsNaN)) { Singles = InputSet.All },
        new("Typed.IsInf", One, InferFlags, IsInfinity) { Singles = InputSet.All },
    ];

    private static TypedFunction Real(string kind, Func<double, double> function) => new(kind, One, InferSame, (_, tensors) =>
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess output = tensors.Output().Access();
        for (int i = 0; i < output.Values.Length; i++)
        {
            output.Values[i] = (float)function(input.Values[i]);
        }
    })
    {
        Singles = InputSet.All,
    };

    private static TypedFunction WithParameters(string kind, Func<double, double, double, double> function) =>
        new(kind, One, InferSame, (attributes, tensors) =>
        {
            double alpha = attributes.Single("alpha", 1), beta = attributes.Single("beta", 0);
            using TensorAccess input = tensors.Input().Access();
            using TensorAccess output = tensors.Output().Access();
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = (float)function(input.Values[i], alpha, beta);
            }
        })
        {
            Singles = InputSet.All,
        };

    private static TypedFunction Same<TBody>(string kind)
        where TBody : INumberBody => new(kind, One, InferSame, (attributes, tensors) =>
            TypedDispatch.Numbers<TBody>(tensors.Input().ElementType, attributes, tensors));

    private static void InferSame(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value;

    private static void InferFlags(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = ElementType.Bool };

    private static void InferCast(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs) =>
        outputs[0] = inputs[0]!.Value with { Type = TargetOf(attributes) };

    private static ElementType TargetOf(AttributeSet attributes) => Enum.TryParse(attributes.Text("to", ""), out ElementType type)
        ? type
        : throw new FormatException($"the attribute 'to' is '{attributes.Text("to", "")}', expected a type of elements.");

    private static void Flags(NodeTensors tensors, Func<float, bool> function)
    {
        using TensorAccess input = tensors.Input().Access();
        using TensorAccess<bool> output = tensors.Output().Access<bool>();
        for (int i = 0; i < output.Values.Length; i++)
        {
            output.Values[i] = function(input.Values[i]);
        }
    }

    private static void IsInfinity(AttributeSet attributes, NodeTensors tensors)
    {
        bool negative = attributes.Integer("detect_negative", 1) != 0, positive = attributes.Integer("detect_positive", 1) != 0;
        Flags(tensors, value => (positive && float.IsPositiveInfinity(value)) || (negative && float.IsNegativeInfinity(value)));
    }

    private static void Cast(AttributeSet attributes, NodeTensors tensors)
    {
        // Half precision and the like have no tensors of their own: numbers are rounded to what they can be, and stay float32.
        string rounding = attributes.Text("rounding", "");
        if (rounding.Length > 0 && tensors.Input().ElementType == ElementType.Float32)
        {
            using TensorAccess input = tensors.Input().Access();
            using TensorAccess output = tensors.Output().Access();
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = rounding == "half" ? (float)(Half)input.Values[i] : RoundToBFloat16(input.Values[i]);
            }

            return;
        }

        TypedDispatch.Numbers<CastFromBody>(tensors.Input().ElementType, attributes, tensors);
    }

    private static float RoundToBFloat16(float value)
    {
        if (float.IsNaN(value))
        {
            return value;
        }

        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
    }

    private readonly struct CastFromBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            switch (tensors.Output().ElementType)
            {
                case ElementType.Float32: Convert<T, float>(tensors); break;
                case ElementType.Float64: Convert<T, double>(tensors); break;
                case ElementType.Int32: Convert<T, int>(tensors); break;
                case ElementType.Int64: Convert<T, long>(tensors); break;
                case ElementType.Int16: Convert<T, short>(tensors); break;
                case ElementType.Int8: Convert<T, sbyte>(tensors); break;
                case ElementType.UInt16: Convert<T, ushort>(tensors); break;
                case ElementType.UInt32: Convert<T, uint>(tensors); break;
                case ElementType.UInt64: Convert<T, ulong>(tensors); break;
                case ElementType.UInt8: Convert<T, byte>(tensors); break;
                default: ToFlags<T>(tensors); break;
            }
        }

        /// <summary>Integers keep their low bits, as in C; numbers that do not fit an integer become its nearest limit.</summary>
        private static void Convert<TFrom, TTo>(NodeTensors tensors)
            where TFrom : unmanaged, INumber<TFrom>
            where TTo : unmanaged, INumber<TTo>
        {
            using TensorAccess<TFrom> input = tensors.Input().AccessAs<TFrom>();
            using TensorAccess<TTo> output = tensors.Output().AccessAs<TTo>();
            bool isReal = typeof(TFrom) == typeof(float) || typeof(TFrom) == typeof(double);
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = isReal ? TTo.CreateSaturating(input.Values[i]) : TTo.CreateTruncating(input.Values[i]);
            }
        }

        private static void ToFlags<TFrom>(NodeTensors tensors)
            where TFrom : unmanaged, INumber<TFrom>
        {
            using TensorAccess<TFrom> input = tensors.Input().AccessAs<TFrom>();
            using TensorAccess<bool> output = tensors.Output().AccessAs<bool>();
            for (int i = 0; i < output.Values.Length; i++)
            {
                output.Values[i] = !TFrom.IsZero(input.Values[i]);
            }
        }
    }

    private readonly struct AbsoluteBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            Each<T>(tensors, value => T.IsNegative(value) ? T.Zero - value : value);
    }

    private readonly struct NegateBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => Each<T>(tensors, value => -value);
    }

    private readonly struct SignBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            Each<T>(tensors, value => value > T.Zero ? T.One : value < T.Zero ? T.Zero - T.One : T.IsNaN(value) ? value : T.Zero);
    }

    private readonly struct NotBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => Each<T>(tensors, value => T.IsZero(value) ? T.One : T.Zero);
    }

    private readonly struct BitwiseNotBody : INumberBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            Each<T>(tensors, value => T.CreateTruncating(~long.CreateTruncating(value)));
    }

    private static void Each<T>(NodeTensors tensors, Func<T, T> function)
        where T : unmanaged
    {
        using TensorAccess<T> input = tensors.Input().AccessAs<T>();
        using TensorAccess<T> output = tensors.Output().AccessAs<T>();
        for (int i = 0; i < output.Values.Length; i++)
        {
            output.Values[i] = function(input.Values[i]);
        }
    }
}
