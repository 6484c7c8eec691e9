// An ONNX file in memory: what it says of itself, its weights, and the way to a graph. A graph is made for given shapes of the
// inputs, because shapes in ONNX can be results of a computation; that is cheap, and all graphs of a model share its weights.

using CnnNative.Onnx;
using CnnNative.Onnx.Importing;
using CnnNative.Onnx.Reading;
using CnnNative.Onnx.Running;
using CnnNative.Onnx.Schema;
using CnnNative.Onnx.Writing;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace CnnNative;

/// <summary>An input or output of an ONNX model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements, as tensors here have it.</param>
/// <param name="Dimensions">Its dimensions in ONNX's order; null where the model does not say how many there are.</param>
public sealed record OnnxValue(string Name, ElementType Type, IReadOnlyList<Dimension>? Dimensions)
{
    /// <summary>The name and the dimensions.</summary>
    public override string ToString() => $"{Name} {(Dimensions is null ? "of any shape" : string.Join(" x ", Dimensions))}";
}

/// <summary>An ONNX model: read once, imported for as many shapes as needed.</summary>
/// <remarks>Immutable, and safe to import from several threads at once. Dispose it after the graphs that were made of
/// it.</remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly Dictionary<string, Tensor> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, string Layout), Tensor> _arranged = [];
    private readonly Lock _lock = new();

    private readonly SafeFileHandle? _file;

    private OnnxModel(string name, ModelProto proto, ExternalData external, SafeFileHandle? file)
    {
        _file = file;
        Name = name;
        Proto = proto;
        External = external;
        Opsets = proto.OpsetImport
            .GroupBy(entry => entry.Domain is "ai.onnx" ? "" : entry.Domain, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Max(entry => entry.Version), StringComparer.Ordinal);
        if (Opsets.Count == 0)
        {
            Opsets = new Dictionary<string, long>(StringComparer.Ordinal) { [""] = 1 };
        }
    }

    /// <summary>What the model is called in messages: the file's name.</summary>
    public string Name { get; }

    /// <summary>The program that wrote it.</summary>
    public string Producer => $"{Proto.ProducerName} {Proto.ProducerVersion}".Trim();

    /// <summary>The version of each operator set by domain; the domain of ONNX's own operators is empty.</summary>
    public IReadOnlyDictionary<string, long> Opsets { get; }

    /// <summary>How a picture becomes the input, where the file says so, as those do that <see cref="Model.Save"/> wrote; null
    /// otherwise.</summary>
    /// <exception cref="CnnFormatException">What it says is not as it should be.</exception>
    public Preprocessing? Preprocessing => ModelNotes.Read(this).Preprocessing;

    /// <summary>The names of the classes, where the file says them; null otherwise.</summary>
    /// <exception cref="CnnFormatException">What it says is not as it should be.</exception>
    public IReadOnlyList<string>? ClassNames => ModelNotes.Read(this).ClassNames;

    /// <summary>The inputs that are not weights.</summary>
    public IReadOnlyList<OnnxValue> Inputs { get; private set; } = [];

    /// <summary>The outputs.</summary>
    public IReadOnlyList<OnnxValue> Outputs { get; private set; } = [];

    internal ModelProto Proto { get; }

    internal ExternalData External { get; }

    internal IReadOnlyDictionary<string, Tensor> Initializers => _initializers;

    /// <summary>Reads a model, and its external data from its own folder. Large weights are read when they are wanted: until
    /// this model and the graphs that were made of it are disposed, the files stay open, and nobody may change them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CnnFormatException">It is no ONNX model, or not a whole one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string name = Path.GetFileName(path);
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            // What is not built as the format says is left to the parser, which can tell what is wrong with it.
            if (ModelFile.TryRead(file, out IReadOnlyList<FileRange?> weights) is { } message)
            {
                message.Position = 0;
                return Read(message, name, folder, file, weights);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        using FileStream stream = new(file, FileAccess.Read);
        return Read(stream, name, folder);
    }

    /// <summary>Reads a model from a stream.</summary>
    /// <param name="stream">The stream, at the first byte.</param>
    /// <param name="name">What to call the model in messages.</param>
    /// <param name="folder">Where its external data may be; null for none.</param>
    /// <exception cref="CnnFormatException">It is no ONNX model, or not a whole one.</exception>
    public static OnnxModel Read(Stream stream, string name = "model", string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, name, folder, file: null, weights: []);
    }

    /// <summary>Makes the graph for given shapes of the inputs.</summary>
    /// <param name="shapes">Shapes in ONNX's order by the input's name; inputs whose dimensions are all fixed may be left
    /// out.</param>
    /// <param name="known">Inputs whose value does not change, in ONNX's order; needed for those that decide about
    /// shapes.</param>
    /// <returns>The graph with the layouts of its inputs and outputs; the caller disposes its graph. Where the first dimension of
    /// the inputs is open, and nothing in the model depends on its size, the graph's batch is open too, so that one graph serves
    /// every batch, and can be trained with any.</returns>
    /// <exception cref="OnnxUnsupportedException">Operators are not supported, and the message names all of them; or a shape
    /// depends on data, and the message names the input whose value would tell it.</exception>
    /// <exception cref="CnnFormatException">The model contradicts itself.</exception>
    /// <exception cref="ShapeException">The shapes do not fit the model.</exception>
    public OnnxGraph Import(IReadOnlyDictionary<string, Shape>? shapes = null, IReadOnlyDictionary<string, Tensor>? known =
        null) =>
        new BatchProbe(this, known ?? new Dictionary<string, Tensor>(), ComputeContext.Setup.Kernels)
            .Import(shapes ?? new Dictionary<string, Shape>());

    /// <summary>Makes a model, to be run, trained further, saved; see <see cref="Model.Load(string)"/>.</summary>
    /// <param name="shapes">Shapes in ONNX's order by the input's name; inputs of which nothing but the batch is open may be left
    /// out.</param>
    /// <returns>The model, which the caller disposes; it keeps its weights when this one is disposed.</returns>
    /// <exception cref="ArgumentException">There is no input of a name that was given.</exception>
    /// <exception cref="OnnxUnsupportedException">See <see cref="Import"/>.</exception>
    /// <exception cref="CnnFormatException">The model contradicts itself.</exception>
    /// <exception cref="ShapeException">The shapes do not fit the model, or one is missing.</exception>
    public Model ToModel(IReadOnlyDictionary<string, Shape>? shapes = null) => OnnxModelFormat.Import(this, shapes);

    /// <summary>Imports the model for given inputs and runs it once. Slower than a compiled model, but it runs those too whose
    /// shapes or branches depend on data.</summary>
    /// <param name="inputs">All inputs by name, in ONNX's order of dimensions.</param>
    /// <param name="context">Where to compute; <see cref="ComputeContext.Default"/> by default.</param>
    /// <returns>The outputs by name, in the model's order and in ONNX's order of dimensions; the caller disposes the
    /// collection.</returns>
    /// <exception cref="ArgumentException">An input is missing, or there is none of a name that was given.</exception>
    /// <exception cref="OnnxUnsupportedException">Operators are not supported, and the message names all of them.</exception>
    /// <exception cref="CnnFormatException">The model contradicts itself.</exception>
    /// <exception cref="ShapeException">An input does not fit the model.</exception>
    public TensorCollection Run(IReadOnlyDictionary<string, Tensor> inputs, ComputeContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        foreach (string name in inputs.Keys.Where(name => !Inputs.Any(input => input.Name == name)))
        {
            throw new ArgumentException(
                $"{Name}: the model has no input '{name}'; it has {string.Join(", ", Inputs.Select(i => $"'{i.Name}'"))}.",
                nameof(inputs));
        }

        Tensor[] outputs = new OnnxRunner(this, (context ?? ComputeContext.Default).Kernels).Run(inputs);
        TensorCollection collection = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            collection.Add(Outputs[i].Name, outputs[i]);
        }

        return collection;
    }

    /// <summary>The graph for a model, whose batch is open even where the file says 1, if it does not matter.</summary>
    internal OnnxGraph ImportForModel(IReadOnlyDictionary<string, Shape> shapes) =>
        new BatchProbe(this, new Dictionary<string, Tensor>(), ComputeContext.Setup.Kernels, opensSingle: true).Import(shapes);

    /// <summary>Frees the weights, once no graph uses them any more.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _initializers.Values.Concat(_arranged.Values))
        {
            tensor.Dispose();
        }

        // What still reads from the files keeps them open.
        _file?.Dispose();
        External.Dispose();
    }

    /// <summary>A weight in another order of its dimensions, which is made once.</summary>
    internal Tensor Arranged(string name, string layout, Func<Tensor> make)
    {
        lock (_lock)
        {
            if (!_arranged.TryGetValue((name, layout), out Tensor? tensor))
            {
                _arranged[(name, layout)] = tensor = make();
            }

            return tensor;
        }
    }

    private static OnnxModel Read(
        Stream stream, string name, string? folder, SafeFileHandle? file, IReadOnlyList<FileRange?> weights)
    {
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new CnnFormatException($"{name}: this is not an ONNX model, or it is damaged: {error.Message}", error);
        }

        if (proto.Graph is null || (proto.Graph.Node.Count == 0 && proto.Graph.Output.Count == 0))
        {
            throw new CnnFormatException($"{name}: the file holds no graph; it is empty, cut short, or not an ONNX model.");
        }

        if (proto.Graph.Output.Count == 0)
        {
            throw new CnnFormatException($"{name}: the graph has no output, expected at least one.");
        }

        OnnxModel model = new(name, proto, new ExternalData(folder), file);
        try
        {
            model.ReadGraph(proto.Graph, weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void ReadGraph(GraphProto graph, IReadOnlyList<FileRange?> weights)
    {
        for (int i = 0; i < graph.Initializer.Count; i++)
        {
            TensorProto proto = graph.Initializer[i];
            string where = $"{Name}: initializer '{proto.Name}'";
            Tensor tensor = TensorReader.Read(proto, where, External, i < weights.Count ? weights[i] : null);
            if (!_initializers.TryAdd(proto.Name, tensor))
            {
                tensor.Dispose();
                throw new CnnFormatException($"{where}: there are two of this name, expected one.");
            }

            // The tensor holds the elements now; the file's copy of them may go.
            proto.ClearRawData();
            proto.FloatData.Clear();
        }

        foreach (SparseTensorProto proto in graph.SparseInitializer)
        {
            string where = $"{Name}: sparse initializer '{proto.Values?.Name}'";
            Tensor tensor = SparseTensorReader.Read(proto, where, External);
            if (!_initializers.TryAdd(proto.Values!.Name, tensor))
            {
                tensor.Dispose();
                throw new CnnFormatException($"{where}: there are two of this name, expected one.");
            }
        }

        Inputs = [.. graph.Input.Where(input => !_initializers.ContainsKey(input.Name)).Select(ReadValue)];
        Outputs = [.. graph.Output.Select(ReadValue)];
        RequireUnique("input", Inputs);
        RequireUnique("output", Outputs);
    }

    private void RequireUnique(string what, IReadOnlyList<OnnxValue> values)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (OnnxValue value in values)
        {
            if (string.IsNullOrEmpty(value.Name) || !seen.Add(value.Name))
            {
                throw new CnnFormatException($"{Name}: {what} '{value.Name}' has no name of its own.");
            }
        }
    }

    private OnnxValue ReadValue(ValueInfoProto info)
    {
        string where = $"{Name}: '{info.Name}'";
        if (info.Type is null || info.Type.ValueCase == TypeProto.ValueOneofCase.None)
        {
            return new OnnxValue(info.Name, ElementType.Float32, null);
        }

        if (info.Type.ValueCase != TypeProto.ValueOneofCase.TensorType)
        {
            throw new OnnxUnsupportedException($"{where} is a {info.Type.ValueCase}; only tensors are supported.");
        }

        TypeProto.Types.Tensor type = info.Type.TensorType;
        ElementType element = ElementTypeMap.ToElementType(type.ElemType, where);
        return new OnnxValue(info.Name, element, type.Shape is null ? null
            : [.. type.Shape.Dim.Select((dim, i) => ReadDimension(dim, i, where))]);
    }

    private static Dimension ReadDimension(TensorShapeProto.Types.Dimension dimension, int index, string where)
    {
        if (dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue)
        {
            // Some exporters write 0 or -1 for a dimension that is open.
            return dimension.DimValue switch
            {
                > 0 and <= int.MaxValue => Dimension.Fixed((int)dimension.DimValue),
                <= 0 => Dimension.Open($"dimension {index}"),
                _ => throw new CnnFormatException(
                    $"{where}: dimension {index} is {dimension.DimValue}, expected less than 2^31."),
            };
        }

        return Dimension.Open(string.IsNullOrEmpty(dimension.DimParam) ? $"dimension {index}" : dimension.DimParam);
    }
}
