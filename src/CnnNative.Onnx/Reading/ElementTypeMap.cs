// ONNX's element types and the tensors that hold them. Floating-point numbers of 16 and 64 bits become float32, in which
// everything is computed.

using static CnnNative.Onnx.Schema.TensorProto.Types;

namespace CnnNative.Onnx.Reading;

internal static class ElementTypeMap
{
    /// <summary>The type of the tensor that holds elements of an ONNX type.</summary>
    /// <exception cref="OnnxUnsupportedException">ONNX knows the type, and there are no such tensors here.</exception>
    /// <exception cref="CnnFormatException">ONNX does not know the type.</exception>
    public static ElementType ToElementType(int type, string where) => (DataType)type switch
    {
        DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double => ElementType.Float32,
        DataType.Int32 => ElementType.Int32,
        DataType.Int64 => ElementType.Int64,
        DataType.Bool => ElementType.Bool,
        DataType.Uint8 => ElementType.UInt8,
        DataType.Int8 => ElementType.Int8,
        DataType.Int16 => ElementType.Int16,
        DataType.Uint16 => ElementType.UInt16,
        DataType.Uint32 => ElementType.UInt32,
        DataType.Uint64 => ElementType.UInt64,
        DataType.Undefined => throw new CnnFormatException($"{where}: the element type is missing."),
        _ => throw Unexpected(type, $"{where}: the element type is {NameOf(type)}, expected float, bool or an integer of 8 to 64 bits."),
    };

    private static Exception Unexpected(int type, string message) =>
        Enum.IsDefined((DataType)type) ? new OnnxUnsupportedException(message) : new CnnFormatException(message);

    /// <summary>ONNX's type for elements of a tensor.</summary>
    public static DataType FromElementType(ElementType type) => type switch
    {
        ElementType.Int32 => DataType.Int32,
        ElementType.Int64 => DataType.Int64,
        ElementType.Bool => DataType.Bool,
        ElementType.UInt8 => DataType.Uint8,
        ElementType.Int8 => DataType.Int8,
        ElementType.Int16 => DataType.Int16,
        ElementType.UInt16 => DataType.Uint16,
        ElementType.UInt32 => DataType.Uint32,
        ElementType.UInt64 => DataType.Uint64,
        ElementType.Float64 => DataType.Double,
        _ => DataType.Float,
    };

    /// <summary>The bytes of one element in a file; 0 for one of variable length, or a type that is not known.</summary>
    public static int SizeInFile(int type) => (DataType)type switch
    {
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 1,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
        DataType.Double or DataType.Int64 or DataType.Uint64 => 8,
        _ => 0,
    };

    /// <summary>The name of an ONNX type, or its number.</summary>
    public static string NameOf(int type) => Enum.IsDefined((DataType)type) ? ((DataType)type).ToString().ToLowerInvariant()
        : $"number {type}";
}
