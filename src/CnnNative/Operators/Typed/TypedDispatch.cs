// From the type of elements, which is known only when a graph is there, to code for that type. Bodies are structs, so that each
// of them is compiled for itself, which the compiler that works ahead of time needs as well.

using System.Numerics;

namespace CnnNative.Operators;

/// <summary>Work on numbers of one type.</summary>
internal interface INumberBody
{
    static abstract void Run<T>(AttributeSet attributes, NodeTensors tensors)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>;
}

/// <summary>Work that moves elements of one size, whatever they are.</summary>
internal interface IMovingBody
{
    static abstract void Run<T>(AttributeSet attributes, NodeTensors tensors)
        where T : unmanaged;
}

internal static class TypedDispatch
{
    /// <summary>Runs the body for the type; flags count as bytes.</summary>
    public static void Numbers<TBody>(ElementType type, AttributeSet attributes, NodeTensors tensors)
        where TBody : INumberBody
    {
        switch (type)
        {
            case ElementType.Float32: TBody.Run<float>(attributes, tensors); break;
            case ElementType.Float64: TBody.Run<double>(attributes, tensors); break;
            case ElementType.Int32: TBody.Run<int>(attributes, tensors); break;
            case ElementType.Int64: TBody.Run<long>(attributes, tensors); break;
            case ElementType.Int16: TBody.Run<short>(attributes, tensors); break;
            case ElementType.Int8: TBody.Run<sbyte>(attributes, tensors); break;
            case ElementType.UInt16: TBody.Run<ushort>(attributes, tensors); break;
            case ElementType.UInt32: TBody.Run<uint>(attributes, tensors); break;
            case ElementType.UInt64: TBody.Run<ulong>(attributes, tensors); break;
            default: TBody.Run<byte>(attributes, tensors); break;
        }
    }

    /// <summary>Runs the body for elements of the type's size.</summary>
    public static void Moves<TBody>(ElementType type, AttributeSet attributes, NodeTensors tensors)
        where TBody : IMovingBody
    {
        switch (type.Size())
        {
            case sizeof(byte): TBody.Run<byte>(attributes, tensors); break;
            case sizeof(ushort): TBody.Run<ushort>(attributes, tensors); break;
            case sizeof(uint): TBody.Run<uint>(attributes, tensors); break;
            default: TBody.Run<ulong>(attributes, tensors); break;
        }
    }

    /// <summary>The elements as int64, whatever integers or flags they are.</summary>
    public static long[] ToLongs(this Tensor tensor) => Convert<long>(tensor);

    /// <summary>The elements as double.</summary>
    public static double[] ToDoubles(this Tensor tensor) => Convert<double>(tensor);

    /// <summary>The elements as int32, those that do not fit cut off at its limits.</summary>
    public static int[] ToInts(this Tensor tensor) => Convert<int>(tensor);

    /// <summary>Writes all elements, those that do not fit cut off at the limits of the type.</summary>
    public static void Store(this Tensor tensor, ReadOnlySpan<double> values)
    {
        switch (tensor.ElementType)
        {
            case ElementType.Float32: To<float>(values); break;
            case ElementType.Float64: To<double>(values); break;
            case ElementType.Int32: To<int>(values); break;
            case ElementType.Int64: To<long>(values); break;
            case ElementType.Int16: To<short>(values); break;
            case ElementType.Int8: To<sbyte>(values); break;
            case ElementType.UInt16: To<ushort>(values); break;
            case ElementType.UInt32: To<uint>(values); break;
            case ElementType.UInt64: To<ulong>(values); break;
            default: To<byte>(values); break;
        }

        void To<T>(ReadOnlySpan<double> source)
            where T : unmanaged, INumber<T>
        {
            using TensorAccess<T> access = tensor.AccessAs<T>();
            for (int i = 0; i < source.Length; i++)
            {
                access.Values[i] = T.CreateSaturating(source[i]);
            }
        }
    }

    private static TTarget[] Convert<TTarget>(Tensor tensor)
        where TTarget : unmanaged, INumber<TTarget>
    {
        return tensor.ElementType switch
        {
            ElementType.Float32 => From<float>(),
            ElementType.Float64 => From<double>(),
            ElementType.Int32 => From<int>(),
            ElementType.Int64 => From<long>(),
            ElementType.Int16 => From<short>(),
            ElementType.Int8 => From<sbyte>(),
            ElementType.UInt16 => From<ushort>(),
            ElementType.UInt32 => From<uint>(),
            ElementType.UInt64 => From<ulong>(),
            _ => From<byte>(),
        };

        TTarget[] From<T>()
            where T : unmanaged, INumber<T>
        {
            using TensorAccess<T> access = tensor.AccessAs<T>();
            TTarget[] values = new TTarget[access.Values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = TTarget.CreateSaturating(access.Values[i]);
            }

            return values;
        }
    }
}
