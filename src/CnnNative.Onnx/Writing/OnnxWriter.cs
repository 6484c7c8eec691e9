// Puts an ONNX model together: nodes, weights, names of their own.

using System.Globalization;
using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Schema;
using Google.Protobuf;

namespace CnnNative.Onnx.Writing;

/// <summary>A model that is written.</summary>
internal sealed class OnnxWriter
{
    /// <summary>The operator set that exports use: the first with LayerNormalization, and old enough for every runtime of
    /// today.</summary>
    public const int Opset = 17;

    /// <summary>The version of the file format that came with the operator set.</summary>
    private const int IrVersion = 8;

    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    public OnnxWriter(string name)
    {
        Model = new ModelProto { IrVersion = IrVersion, ProducerName = "CnnNative", Graph = new GraphProto { Name = name } };
        Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
    }

    /// <summary>The model.</summary>
    public ModelProto Model { get; }

    /// <summary>A name that nobody has yet.</summary>
    public string Unique(string name)
    {
        string result = name;
        while (!_names.TryAdd(result, 1))
        {
            result = string.Create(CultureInfo.InvariantCulture, $"{name}_{++_names[name]}");
        }

        return result;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <returns>The name of the output.</returns>
    public string Node(string kind, string name, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes) =>
        Node(kind, name, inputs, outputs: 1, attributes)[0];

    /// <summary>Adds a node.</summary>
    /// <returns>The names of the outputs.</returns>
    public string[] Node(string kind, string name, IEnumerable<string> inputs, int outputs,
        params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = new() { OpType = kind, Name = Unique(name) };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes.ToArray());
        for (int i = 0; i < outputs; i++)
        {
            node.Output.Add(i == 0 ? node.Name : Unique($"{node.Name}:{i}"));
        }

        // A node's first output has its name; both are unique among their own kind.
        Model.Graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds weights.</summary>
    /// <returns>Their name.</returns>
    public string Weights(string name, Tensor tensor)
    {
        TensorProto proto = new() { Name = Unique(name), DataType = (int)ElementTypeMap.FromElementType(tensor.ElementType) };
        proto.Dims.AddRange(tensor.Shape.Select(size => (long)size));
        using TensorAccess<byte> access = tensor.AccessBytes();
        proto.RawData = ByteString.CopyFrom(access.Values);
        Model.Graph.Initializer.Add(proto);
        return proto.Name;
    }

    /// <summary>Adds whole numbers.</summary>
    public string Longs(string name, params ReadOnlySpan<long> values)
    {
        using Tensor tensor = Tensor.From(values, values.Length);
        return Weights(name, tensor);
    }

    /// <summary>Adds one number.</summary>
    public string Scalar(string name, float value)
    {
        using Tensor tensor = Tensor.Full(default, value);
        return Weights(name, tensor);
    }

    /// <summary>The description of an input or output.</summary>
    public static ValueInfoProto Info(string name, ElementType type, IEnumerable<Dimension> dimensions)
    {
        TypeProto.Types.Tensor tensor = new()
        {
            ElemType = (int)ElementTypeMap.FromElementType(type),
            Shape =
            new TensorShapeProto()
        };
        tensor.Shape.Dim.AddRange(dimensions.Select(dimension => dimension.IsOpen
            ? new TensorShapeProto.Types.Dimension { DimParam = dimension.Symbol }
            : new TensorShapeProto.Types.Dimension { DimValue = dimension.Size }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    /// <summary>A whole number as an attribute.</summary>
    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>A number as an attribute.</summary>
    public static AttributeProto Float(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    /// <summary>A text as an attribute.</summary>
    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>Whole numbers as an attribute.</summary>
    public static AttributeProto Ints(string name, params ReadOnlySpan<int> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        foreach (int value in values)
        {
            attribute.Ints.Add(value);
        }

        return attribute;
    }
}
