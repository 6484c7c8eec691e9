// The loops that element-wise kernels share. A kernel states its function once, for a vector, and the remainder of a row is a
// vector that is partly used; the struct constraint lets the compiler inline the function into the loop.

using System.Numerics;

namespace CnnNative.Kernels.Managed;

/// <summary>A function of one element, applied to a vector of them.</summary>
internal interface IUnaryFunction
{
    Vector<float> Apply(Vector<float> x);
}

/// <summary>A function of two elements, applied to vectors of them.</summary>
internal interface IBinaryFunction
{
    static abstract Vector<float> Apply(Vector<float> left, Vector<float> right);
}

internal static class ElementLoop
{
    /// <summary>output[i] = function(input[i]); output may be the input.</summary>
    public static void Run<TFunction>(TFunction function, ReadOnlySpan<float> input, Span<float> output)
        where TFunction : struct, IUnaryFunction
    {
        int i = 0;
        for (; i <= input.Length - Vector<float>.Count; i += Vector<float>.Count)
            function.Apply(new Vector<float>(input[i..])).CopyTo(output[i..]);

        int rest = input.Length - i;
        if (rest > 0)
            function.Apply(VectorRemainder.LoadFirst(input[i..])).StoreFirst(output[i..], rest);
    }

    /// <summary>output[i] = function(left[i], right[i]); output may be either of them.</summary>
    public static void Run<TFunction>(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> output)
        where TFunction : struct, IBinaryFunction
    {
        int i = 0;
        for (; i <= left.Length - Vector<float>.Count; i += Vector<float>.Count)
            TFunction.Apply(new Vector<float>(left[i..]), new Vector<float>(right[i..])).CopyTo(output[i..]);

        int rest = left.Length - i;
        if (rest == 0)
            return;

        Vector<float> leftRest = VectorRemainder.LoadFirst(left[i..]);
        TFunction.Apply(leftRest, VectorRemainder.LoadFirst(right[i..])).StoreFirst(output[i..], rest);
    }
}

/// <summary>left + right.</summary>
internal readonly struct Sum : IBinaryFunction
{
    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => left + right;
}

/// <summary>The larger of the two; NaN if either is NaN.</summary>
internal readonly struct Maximum : IBinaryFunction
{
    public static Vector<float> Apply(Vector<float> left, Vector<float> right) => Vector.Max(left, right);
}
