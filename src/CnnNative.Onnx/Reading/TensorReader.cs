// Tensors as ONNX stores them, as tensors of this library. What a file says of a tensor is compared with what is there before any
// memory is taken, so that a damaged or hostile file cannot ask for more than its own size.

using System.Buffers.Binary;
using CnnNative.Onnx.Schema;
using Google.Protobuf.Collections;
using static CnnNative.Onnx.Schema.TensorProto.Types;

namespace CnnNative.Onnx.Reading;

internal static class TensorReader
{
    /// <summary>Reads a tensor.</summary>
    /// <param name="proto">The stored tensor.</param>
    /// <param name="where">What to call it in messages.</param>
    /// <param name="external">Where external data is found.</param>
    /// <param name="stored">Where the elements are in the model's own file; null where they are in the tensor.</param>
    /// <exception cref="CnnFormatException">It is not whole, or of a type that is not known.</exception>
    public static Tensor Read(TensorProto proto, string where, ExternalData external, FileRange? stored = null)
    {
        if (proto.Segment is not null)
        {
            throw new CnnFormatException($"{where}: the tensor is one segment of a larger one, expected a whole tensor.");
        }

        ElementType type = ElementTypeMap.ToElementType(proto.DataType, where);
        Shape shape = ShapeOf(proto.Dims, where);
        int size = ElementTypeMap.SizeInFile(proto.DataType);
        if (proto.DataLocation == DataLocation.External)
        {
            return FromFile(external.Find(proto, shape.ElementCount * size, where), proto.DataType, type, shape, where);
        }

        if (stored is not null || proto.HasRawData)
        {
            long length = stored?.Length ?? proto.RawData.Length;
            return length != shape.ElementCount * size
                ? throw new CnnFormatException(
                    $"{where}: a tensor of {shape} {ElementTypeMap.NameOf(proto.DataType)} has {length} bytes, " +
                    $"expected {shape.ElementCount * size}.")
                : stored is { } range ? FromFile(range, proto.DataType, type, shape, where)
                : FromBytes(proto.RawData.Span, proto.DataType, type, shape);
        }

        return (DataType)proto.DataType switch
        {
            DataType.Float => FromList(proto.FloatData, value => value, shape, where),
            DataType.Double => FromList(proto.DoubleData, value => (float)value, shape, where),
            DataType.Float16 => FromList(proto.Int32Data, value => (float)BitConverter.UInt16BitsToHalf((ushort)value), shape,
                where),
            DataType.Bfloat16 => FromList(proto.Int32Data, value => BitConverter.Int32BitsToSingle(value << 16), shape, where),
            DataType.Int32 => FromList(proto.Int32Data, value => value, shape, where),
            DataType.Int16 => FromList(proto.Int32Data, value => (short)value, shape, where),
            DataType.Uint16 => FromList(proto.Int32Data, value => (ushort)value, shape, where),
            DataType.Int8 => FromList(proto.Int32Data, value => (sbyte)value, shape, where),
            DataType.Uint8 => FromList(proto.Int32Data, value => (byte)value, shape, where),
            DataType.Bool => FromList(proto.Int32Data, value => value != 0, shape, where),
            DataType.Int64 => FromList(proto.Int64Data, value => value, shape, where),
            DataType.Uint32 => FromList(proto.Uint64Data, value => (uint)value, shape, where),
            _ => FromList(proto.Uint64Data, value => value, shape, where),
        };
    }

    /// <summary>The shape that a file gives, which may be nonsense.</summary>
    public static Shape ShapeOf(RepeatedField<long> dims, string where)
    {
        if (dims.Count > Shape.MaxRank)
        {
            throw new CnnFormatException($"{where}: the tensor has {dims.Count} dimensions, expected at most {Shape.MaxRank}.");
        }

        int[] sizes = new int[dims.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = dims[i] is >= 0 and <= int.MaxValue
                ? (int)dims[i]
                : throw new CnnFormatException($"{where}: dimension {i} is {dims[i]}, expected 0 to 2^31 - 1.");
        }

        try
        {
            return new Shape(sizes);
        }
        catch (ShapeException error)
        {
            throw new CnnFormatException($"{where}: {error.Message}", error);
        }
    }

    /// <summary>Weights stay in the file; anything else is read now.</summary>
    private static Tensor FromFile(FileRange range, int dataType, ElementType type, Shape shape, string where)
    {
        if (type == ElementType.Float32 && BitConverter.IsLittleEndian && range.Length > 0)
        {
            return Tensor.Deferred(new WeightSource(range, (DataType)dataType, where), shape, type);
        }

        byte[] bytes = new byte[range.Length];
        for (int read, done = 0; done < bytes.Length; done += read)
        {
            read = RandomAccess.Read(range.File, bytes.AsSpan(done), range.Offset + done);
            if (read == 0)
            {
                throw new CnnFormatException($"{where}: the file is shorter than it was when it was opened.");
            }
        }

        return FromBytes(bytes, dataType, type, shape);
    }

    private static Tensor FromBytes(ReadOnlySpan<byte> bytes, int dataType, ElementType type, Shape shape)
    {
        Tensor tensor = Tensor.Uninitialized(shape, type);
        try
        {
            if ((DataType)dataType is DataType.Float16 or DataType.Bfloat16 or DataType.Double)
            {
                using TensorAccess elements = tensor.Access();
                Widen(bytes, (DataType)dataType, elements.Values);
                return tensor;
            }

            using TensorAccess<byte> access = tensor.AccessBytes();
            bytes.CopyTo(access.Values);
            if (type == ElementType.Bool)
            {
                foreach (ref byte value in access.Values)
                {
                    value = value != 0 ? (byte)1 : (byte)0;
                }
            }

            if (!BitConverter.IsLittleEndian)
            {
                ReverseEach(access.Values, type.Size());
            }

            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Floating-point numbers of another size as float32.</summary>
    public static void Widen(ReadOnlySpan<byte> bytes, DataType type, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                DataType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                DataType.Bfloat16 => BitConverter.Int32BitsToSingle(
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
            };
        }
    }

    private static void ReverseEach(Span<byte> bytes, int size)
    {
        for (int i = 0; i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }

    private static Tensor FromList<TStored, T>(RepeatedField<TStored> list, Func<TStored, T> convert, Shape shape, string where)
        where T : unmanaged
    {
        if (list.Count != shape.ElementCount)
        {
            throw new CnnFormatException(
                $"{where}: a tensor of {shape} has {list.Count} elements, expected {shape.ElementCount}.");
        }

        T[] values = new T[list.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = convert(list[i]);
        }

        return Tensor.From<T>(values, shape);
    }
}
