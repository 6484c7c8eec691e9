// Arithmetic, comparison and logic of two tensors, and selection by a third, with broadcasting.

using System.Numerics;

namespace CnnNative.Operators;

/// <summary>An operation on two numbers.</summary>
internal interface IBinaryNumber
{
    static abstract T Apply<T>(T left, T right)
        where T : unmanaged, INumber<T>;
}

/// <summary>A comparison of two numbers.</summary>
internal interface IComparison
{
    static abstract bool Apply<T>(T left, T right)
        where T : unmanaged, INumber<T>;
}

internal static class TypedArithmetic
{
    private static readonly string[] Two = ["left", "right"];

    public static TypedFunction[] All =>
    [
        Binary<Plus>("Typed.Add"), Binary<Minus>("Typed.Sub"), Binary<Times>("Typed.Mul"), Binary<Over>("Typed.Div"),
        Binary<Larger>("Typed.Max"), Binary<Smaller>("Typed.Min"), Binary<Power>("Typed.Pow"), Binary<Modulo>("Typed.Mod"),
        Binary<Remainder>("Typed.FMod"), Compare<Equal>("Typed.Equal"), Compare<Less>("Typed.Less"),
            Compare<Greater>("Typed.Greater"),
        Compare<LessEqual>("Typed.LessOrEqual"), Compare<GreaterEqual>("Typed.GreaterOrEqual"), Binary<And>("Typed.And"),
        Binary<Or>("Typed.Or"), Binary<Xor>("Typed.Xor"), Binary<ShiftLeft>("Typed.ShiftLeft"),
            Binary<ShiftRight>("Typed.ShiftRight"),
        new("Typed.Where", ["condition", "left", "right"], InferWhere, (attributes, tensors) =>
            TypedDispatch.Moves<WhereBody>(tensors.Output().ElementType, attributes, tensors)),
        new("Typed.PRelu", ["input", "slope"], InferBinary, (_, tensors) => RunBinary<float, Leaky>(tensors)) { Singles =
            InputSet.All },
    ];

    private static TypedFunction Binary<TOperation>(string kind)
        where TOperation : IBinaryNumber => new(kind, Two, InferBinary, (attributes, tensors) =>
            TypedDispatch.Numbers<BinaryBody<TOperation>>(tensors.Input().ElementType, attributes, tensors));

    private static TypedFunction Compare<TComparison>(string kind)
        where TComparison : IComparison => new(kind, Two, InferComparison, (attributes, tensors) =>
            TypedDispatch.Numbers<ComparisonBody<TComparison>>(tensors.Input().ElementType, attributes, tensors));

    private static void InferBinary(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec left = inputs[0]!.Value, right = inputs[1]!.Value;
        RequireSameType(left.Type, right.Type);
        outputs[0] = new ValueSpec(RowLoop.BroadcastShape("Arithmetic", left.Shape, right.Shape), left.Type);
    }

    private static void InferComparison(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec left = inputs[0]!.Value, right = inputs[1]!.Value;
        RequireSameType(left.Type, right.Type);
        outputs[0] = new ValueSpec(RowLoop.BroadcastShape("Comparison", left.Shape, right.Shape), ElementType.Bool);
    }

    private static void InferWhere(AttributeSet attributes, ReadOnlySpan<ValueSpec?> inputs, Span<ValueSpec> outputs)
    {
        ValueSpec condition = inputs[0]!.Value, left = inputs[1]!.Value, right = inputs[2]!.Value;
        RequireSameType(left.Type, right.Type);
        RequireSameType(condition.Type, ElementType.Bool);
        outputs[0] = new ValueSpec(RowLoop.BroadcastShape("Where", condition.Shape, left.Shape, right.Shape), left.Type);
    }

    private static void RequireSameType(ElementType left, ElementType right)
    {
        if (left != right)
        {
            throw new ShapeException($"the elements are {left} and {right}, expected the same type.");
        }
    }

    private static void RunBinary<T, TOperation>(NodeTensors tensors)
        where T : unmanaged, INumber<T>
        where TOperation : IBinaryNumber
    {
        using TensorAccess<T> left = tensors.Input(0).AccessAs<T>();
        using TensorAccess<T> right = tensors.Input(1).AccessAs<T>();
        using TensorAccess<T> output = tensors.Output().AccessAs<T>();
        RowLoop loop = RowLoop.Broadcast(tensors.Output().Shape, tensors.Input(0).Shape, tensors.Input(1).Shape);
        ReadOnlySpan<T> a = left.Values, b = right.Values;
        for (int to = 0; loop.MoveNext();)
        {
            int i = loop.Offset(0), j = loop.Offset(1);
            foreach (ref T value in output.Values.Slice(to, loop.Length))
            {
                value = TOperation.Apply(a[i], b[j]);
                i += loop.Stride(0);
                j += loop.Stride(1);
            }

            to += loop.Length;
        }
    }

    private readonly struct BinaryBody<TOperation> : INumberBody
        where TOperation : IBinaryNumber
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => RunBinary<T, TOperation>(tensors);
    }

    private readonly struct ComparisonBody<TComparison> : INumberBody
        where TComparison : IComparison
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            using TensorAccess<T> left = tensors.Input(0).AccessAs<T>();
            using TensorAccess<T> right = tensors.Input(1).AccessAs<T>();
            using TensorAccess<bool> output = tensors.Output().AccessAs<bool>();
            RowLoop loop = RowLoop.Broadcast(tensors.Output().Shape, tensors.Input(0).Shape, tensors.Input(1).Shape);
            for (int to = 0; loop.MoveNext();)
            {
                int i = loop.Offset(0), j = loop.Offset(1);
                foreach (ref bool value in output.Values.Slice(to, loop.Length))
                {
                    value = TComparison.Apply(left.Values[i], right.Values[j]);
                    i += loop.Stride(0);
                    j += loop.Stride(1);
                }

                to += loop.Length;
            }
        }
    }

    private readonly struct WhereBody : IMovingBody
    {
        public static void Run<T>(AttributeSet attributes, NodeTensors tensors)
            where T : unmanaged
        {
            using TensorAccess<bool> condition = tensors.Input(0).AccessAs<bool>();
            using TensorAccess<T> left = tensors.Input(1).AccessAs<T>();
            using TensorAccess<T> right = tensors.Input(2).AccessAs<T>();
            using TensorAccess<T> output = tensors.Output().AccessAs<T>();
            RowLoop loop = RowLoop.Broadcast(
                tensors.Output().Shape, tensors.Input(0).Shape, tensors.Input(1).Shape, tensors.Input(2).Shape);
            for (int to = 0; loop.MoveNext();)
            {
                int c = loop.Offset(0), i = loop.Offset(1), j = loop.Offset(2);
                foreach (ref T value in output.Values.Slice(to, loop.Length))
                {
                    value = condition.Values[c] ? left.Values[i] : right.Values[j];
                    c += loop.Stride(0);
                    i += loop.Stride(1);
                    j += loop.Stride(2);
                }

                to += loop.Length;
            }
        }
    }

    private readonly struct Plus : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left + right;
    }

    private readonly struct Minus : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left - right;
    }

    private readonly struct Times : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left * right;
    }

    /// <summary>Integers divided by 0 give 0, where other languages leave it open.</summary>
    private readonly struct Over : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T>
        {
            bool isExact = typeof(T) == typeof(float) || typeof(T) == typeof(double);
            if (!isExact && T.IsZero(right))
            {
                return T.Zero;
            }

            // The one quotient that does not fit wraps around, where the processor would refuse it.
            return !isExact && T.IsNegative(right) && right == -T.One ? T.Zero - left : left / right;
        }
    }

    private readonly struct Larger : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => T.Max(left, right);
    }

    private readonly struct Smaller : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => T.Min(left, right);
    }

    private readonly struct Power : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => T.CreateSaturating(
                Math.Pow(double.CreateSaturating(left), double.CreateSaturating(right)));
    }

    /// <summary>The rest with the sign of the divisor.</summary>
    private readonly struct Modulo : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T>
        {
            T rest = Remainder.Apply(left, right);
            return !T.IsZero(rest) && T.IsNegative(rest) != T.IsNegative(right) ? rest + right : rest;
        }
    }

    /// <summary>The rest with the sign of the dividend.</summary>
    private readonly struct Remainder : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T>
        {
            bool isExact = typeof(T) == typeof(float) || typeof(T) == typeof(double);
            return !isExact && (T.IsZero(right) || (T.IsNegative(right) && right == -T.One)) ? T.Zero : left % right;
        }
    }

    private readonly struct And : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> =>
            T.CreateTruncating(long.CreateTruncating(left) & long.CreateTruncating(right));
    }

    private readonly struct Or : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> =>
            T.CreateTruncating(long.CreateTruncating(left) | long.CreateTruncating(right));
    }

    private readonly struct Xor : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> =>
            T.CreateTruncating(long.CreateTruncating(left) ^ long.CreateTruncating(right));
    }

    private readonly struct ShiftLeft : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T>
        {
            ulong by = ulong.CreateTruncating(right);
            return by > 63 ? T.Zero : T.CreateTruncating(ulong.CreateTruncating(left) << (int)by);
        }
    }

    private readonly struct ShiftRight : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T>
        {
            ulong by = ulong.CreateTruncating(right);
            return by > 63 ? T.Zero : T.CreateTruncating(ulong.CreateTruncating(left) >> (int)by);
        }
    }

    private readonly struct Leaky : IBinaryNumber
    {
        public static T Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left < T.Zero ? left * right : left;
    }

    private readonly struct Equal : IComparison
    {
        public static bool Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left == right;
    }

    private readonly struct Less : IComparison
    {
        public static bool Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left < right;
    }

    private readonly struct Greater : IComparison
    {
        public static bool Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left > right;
    }

    private readonly struct LessEqual : IComparison
    {
        public static bool Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left <= right;
    }

    private readonly struct GreaterEqual : IComparison
    {
        public static bool Apply<T>(T left, T right)
            where T : unmanaged, INumber<T> => left >= right;
    }
}
