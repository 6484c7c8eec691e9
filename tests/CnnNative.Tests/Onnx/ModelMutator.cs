// Damages models in the ways that a hostile file would: sizes, types, names and numbers that are not what they were, and nodes
// that are gone, twice there, or something else. The same seed makes the same damage.

using CnnNative.Onnx.Schema;
using Google.Protobuf;

namespace CnnNative.Tests.Onnx;

internal sealed class ModelMutator(int seed)
{
    private static readonly long[] _numbers =
        [0, 1, -1, 2, 3, 7, 64, 255, -5, 65536, int.MaxValue, int.MinValue, 1L << 31, 1L << 32, 1L << 40, long.MaxValue,
            long.MinValue];

    private static readonly float[] _floats = [0, 1, -1, 1e-30f, 1e30f, float.NaN, float.PositiveInfinity, 0.5f];

    private static readonly string[] _kinds =
    [
        "Add", "ArgMax", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "ConstantOfShape", "Conv",
        "ConvTranspose",
        "CumSum", "DepthToSpace", "Einsum", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Gemm", "If",
        "LayerNormalization",
        "Loop", "MatMul", "MaxPool", "MaxUnpool", "NonMaxSuppression", "OneHot", "Pad", "QLinearConv", "Range", "ReduceMean",
        "Reshape",
        "Resize", "Scan", "ScatterND", "Shape", "Slice", "Softmax", "SpaceToDepth", "Split", "Squeeze", "Tile", "TopK",
        "Transpose",
        "Unsqueeze", "Upsample", "Where",
    ];

    private readonly Random _random = new(seed);

    /// <summary>Damages a model in one to three places.</summary>
    public void Mutate(ModelProto model)
    {
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            List<GraphProto> graphs = [];
            Collect(model.Graph, graphs);
            MutateOne(model, graphs[_random.Next(graphs.Count)]);
        }
    }

    /// <summary>Changes some bytes; near the ends more often, where the structure stands.</summary>
    public void Flip(byte[] bytes)
    {
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            int at = _random.Next(3) switch
            {
                0 => _random.Next(bytes.Length),
                1 => _random.Next(Math.Min(bytes.Length, 64)),
                _ => bytes.Length - 1 - _random.Next(Math.Min(bytes.Length, 300)),
            };
            bytes[at] = _random.Next(2) == 0 ? (byte)_random.Next(256) : (byte)(bytes[at] ^ 1 << _random.Next(8));
        }
    }

    private static void Collect(GraphProto graph, List<GraphProto> graphs)
    {
        graphs.Add(graph);
        foreach (AttributeProto attribute in graph.Node.SelectMany(node => node.Attribute).Where(attribute =>
            attribute.G is not null))
        {
            Collect(attribute.G, graphs);
        }
    }

    private void MutateOne(ModelProto model, GraphProto graph)
    {
        switch (_random.Next(8))
        {
            case 0 when model.OpsetImport.Count > 0:
                model.OpsetImport[0].Version = Pick([1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 18, 22, 0, -1, 1000]);
                break;
            case 1 when graph.Initializer.Count > 0:
                MutateTensor(Any(graph.Initializer));
                break;
            case 2 when graph.Input.Count + graph.Output.Count > 0:
                MutateValue(Any([.. graph.Input, .. graph.Output]));
                break;
            case 3 when graph.Node.Count > 0:
                MutateStructure(graph);
                break;
            default:
                if (graph.Node.Count > 0)
                {
                    MutateNode(graph, Any(graph.Node));
                }

                break;
        }
    }

    private void MutateTensor(TensorProto tensor)
    {
        switch (_random.Next(6))
        {
            case 0: tensor.DataType = _random.Next(-1, 26); break;
            case 1 when tensor.Dims.Count > 0: tensor.Dims[_random.Next(tensor.Dims.Count)] = Number(); break;
            case 2: tensor.Dims.Insert(_random.Next(tensor.Dims.Count + 1), Number()); break;
            case 3 when tensor.Dims.Count > 0: tensor.Dims.RemoveAt(_random.Next(tensor.Dims.Count)); break;
            case 4 when tensor.Int64Data.Count > 0: tensor.Int64Data[_random.Next(tensor.Int64Data.Count)] = Number(); break;
            case 4 when tensor.RawData.Length >= 8 && tensor.DataType == 7:
                tensor.RawData = Longs(tensor.RawData.Length / 8);
                break;
            default: tensor.Name = _random.Next(2) == 0 ? "" : tensor.Name + "'"; break;
        }
    }

    private void MutateValue(ValueInfoProto value)
    {
        TypeProto.Types.Tensor? type = value.Type?.TensorType;
        switch (_random.Next(5))
        {
            case 0: value.Name = _random.Next(2) == 0 ? "" : value.Name + "'"; break;
            case 1: value.Type = null; break;
            case 2 when type is not null: type.ElemType = _random.Next(-1, 26); break;
            case 3 when type?.Shape?.Dim.Count > 0:
                type.Shape.Dim[_random.Next(type.Shape.Dim.Count)] = new TensorShapeProto.Types.Dimension { DimValue = Number() };
                break;
            default: type?.Shape?.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = Number() }); break;
        }
    }

    private void MutateStructure(GraphProto graph)
    {
        int at = _random.Next(graph.Node.Count);
        switch (_random.Next(6))
        {
            case 0: graph.Node.RemoveAt(at); break;
            case 1: graph.Node.Add(graph.Node[at].Clone()); break;
            case 2 when graph.Initializer.Count > 0: graph.Initializer.RemoveAt(_random.Next(graph.Initializer.Count)); break;
            case 3 when graph.Output.Count > 0: graph.Output[0].Name = Name(graph); break;
            case 4: graph.Node.Insert(0, graph.Node[^1].Clone()); break;
            default: graph.Input.Clear(); break;
        }
    }

    private void MutateNode(GraphProto graph, NodeProto node)
    {
        switch (_random.Next(9))
        {
            case 0: node.OpType = _kinds[_random.Next(_kinds.Length)]; break;
            case 1 when node.Input.Count > 0: node.Input[_random.Next(node.Input.Count)] = Name(graph); break;
            case 2 when node.Input.Count > 0: node.Input.RemoveAt(_random.Next(node.Input.Count)); break;
            case 3: node.Input.Add(Name(graph)); break;
            case 4 when node.Output.Count > 0: node.Output[_random.Next(node.Output.Count)] = Name(graph); break;
            case 5 when node.Attribute.Count > 0: node.Attribute.RemoveAt(_random.Next(node.Attribute.Count)); break;
            case 6: node.Attribute.Add(NewAttribute()); break;
            case 7: node.Domain = _random.Next(2) == 0 ? "ai.onnx.ml" : "own"; break;
            default:
                if (node.Attribute.Count > 0)
                {
                    MutateAttribute(Any(node.Attribute));
                }

                break;
        }
    }

    private void MutateAttribute(AttributeProto attribute)
    {
        switch (_random.Next(6))
        {
            case 0: attribute.I = Number(); break;
            case 1: attribute.F = _floats[_random.Next(_floats.Length)]; break;
            case 2 when attribute.Ints.Count > 0: attribute.Ints[_random.Next(attribute.Ints.Count)] = Number(); break;
            case 3: attribute.Ints.Add(Number()); break;
            case 4 when attribute.T is not null: MutateTensor(attribute.T); break;
            case 5 when attribute.Ints.Count > 0: attribute.Ints.RemoveAt(0); break;
            default: attribute.S = ByteString.CopyFromUtf8("strange"); break;
        }
    }

    private AttributeProto NewAttribute()
    {
        string[] names =
        [
            "axis", "axes", "strides", "pads", "dilations", "group", "kernel_shape", "perm", "to", "keepdims", "blocksize",
            "auto_pad",
            "ceil_mode", "num_outputs", "output_shape", "epsilon", "mode", "equation", "k", "value",
        ];
        AttributeProto attribute = new() { Name = names[_random.Next(names.Length)], I = Number(), F = 1 };
        attribute.Ints.AddRange(Enumerable.Range(0, _random.Next(5)).Select(_ => Number()));
        return attribute;
    }

    /// <summary>A name that there is, or nearly.</summary>
    private string Name(GraphProto graph)
    {
        string[] names =
        [
            "", "nowhere", .. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name),
            .. graph.Node.SelectMany(node => node.Output),
        ];
        return names[_random.Next(names.Length)];
    }

    private ByteString Longs(int count)
    {
        byte[] bytes = new byte[8 * count];
        for (int i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(8 * i), Number());
        }

        return ByteString.CopyFrom(bytes);
    }

    private long Number() => Pick(_numbers);

    private long Pick(ReadOnlySpan<long> numbers) => numbers[_random.Next(numbers.Length)];

    private T Any<T>(IList<T> list) => list[_random.Next(list.Count)];
}
