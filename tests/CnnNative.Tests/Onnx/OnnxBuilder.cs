// Small ONNX models in memory, for tests.

using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Schema;
using Google.Protobuf;

namespace CnnNative.Tests.Onnx;

/// <summary>Writes a model node by node.</summary>
internal sealed class OnnxBuilder
{
    public OnnxBuilder(int opset = 17) => Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });

    /// <summary>The model so far.</summary>
    public ModelProto Proto { get; } = new() { IrVersion = 8, Graph = new GraphProto { Name = "test" } };

    public OnnxBuilder Input(string name, params ReadOnlySpan<int> sizes) => Input(name, ElementType.Float32, sizes);

    public OnnxBuilder Input(string name, ElementType type, params ReadOnlySpan<int> sizes)
    {
        Proto.Graph.Input.Add(Info(name, type, sizes));
        return this;
    }

    public OnnxBuilder Output(string name)
    {
        Proto.Graph.Output.Add(Info(name, ElementType.Float32, []));
        Proto.Graph.Output[^1].Type.TensorType.Shape = null;
        return this;
    }

    /// <summary>Weights from a fixed sequence between -1 and 1.</summary>
    public OnnxBuilder Weights(string name, params int[] sizes)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
        tensor.Dims.AddRange(sizes.Select(size => (long)size));
        tensor.FloatData.AddRange(Values((int)new Shape(sizes).ElementCount, name.Length));
        Proto.Graph.Initializer.Add(tensor);
        return this;
    }

    public OnnxBuilder Longs(string name, params long[] values)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)TensorProto.Types.DataType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.AddRange(values);
        Proto.Graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>A node; inputs and outputs are separated by spaces, attributes are pairs of a name and an int, ints, float or
    /// text.</summary>
    public OnnxBuilder Node(string kind, string inputs, string outputs,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        NodeProto node = new() { OpType = kind, Name = $"the_{kind}_{Proto.Graph.Node.Count}" };
        node.Input.AddRange(inputs.Split(' ').Select(name => name == "-" ? "" : name));
        node.Output.AddRange(outputs.Split(' '));
        foreach ((string name, object value) in attributes)
        {
            AttributeProto attribute = new() { Name = name };
            switch (value)
            {
                case int number:
                    (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, number);
                    break;
                case float number:
                    (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, number);
                    break;
                case int[] list:
                    attribute.Type = AttributeProto.Types.AttributeType.Ints;
                    attribute.Ints.AddRange(list.Select(number => (long)number));
                    break;
                case GraphProto graph:
                    (attribute.Type, attribute.G) = (AttributeProto.Types.AttributeType.Graph, graph);
                    break;
                default:
                    (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String,
                        ByteString.CopyFromUtf8((string)value));
                    break;
            }

            node.Attribute.Add(attribute);
        }

        Proto.Graph.Node.Add(node);
        return this;
    }

    /// <summary>The model, read as a file would be.</summary>
    public OnnxModel Read(string? folder = null)
    {
        using MemoryStream stream = new(Proto.ToByteArray());
        return OnnxModel.Read(stream, "test.onnx", folder);
    }

    /// <summary>Numbers from a fixed sequence between -1 and 1.</summary>
    public static float[] Values(int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Math.Sin(1.7 * i * i + 0.3 * i + seed))];

    private static ValueInfoProto Info(string name, ElementType type, ReadOnlySpan<int> sizes)
    {
        TypeProto.Types.Tensor tensor = new()
        {
            ElemType = (int)ElementTypeMap.FromElementType(type),
            Shape =
            new TensorShapeProto()
        };
        foreach (int size in sizes)
        {
            tensor.Shape.Dim.Add(size < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                : new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
