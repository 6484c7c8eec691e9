// Networks as ONNX files, for whoever runs them elsewhere.

using CnnNative.Onnx.Schema;
using CnnNative.Onnx.Writing;
using Google.Protobuf;

namespace CnnNative;

/// <summary>Writes graphs and models as ONNX, operator set 17.</summary>
/// <remarks>Inputs of four dimensions, and outputs that are pictures, have channels before pixels there, as ONNX users expect;
/// those of an imported graph have the order that they had. An open batch stays open. Dropout is left out, and normalisations use
/// their statistics, as after training.</remarks>
public static class OnnxExport
{
    /// <summary>Writes a model. An existing file is replaced only when everything was written.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="OnnxUnsupportedException">Nodes have no form in ONNX; the message names them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(Model model, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = ToBytes(model, Path.GetFileNameWithoutExtension(path));
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Writes a graph. An existing file is replaced only when everything was written.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="OnnxUnsupportedException">Nodes have no form in ONNX; the message names them.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(Graph graph, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = ToBytes(graph, Path.GetFileNameWithoutExtension(path));
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Writes a model into memory, with its class names and its preprocessing as metadata.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the graph is called.</param>
    /// <exception cref="OnnxUnsupportedException">Nodes have no form in ONNX; the message names them.</exception>
    public static byte[] ToBytes(Model model, string name = "network")
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelProto proto = new GraphExporter(model.Graph, name).Export();
        ModelNotes.Write(model, proto);
        return proto.ToByteArray();
    }

    /// <summary>Writes a graph into memory.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">What the graph is called.</param>
    /// <exception cref="OnnxUnsupportedException">Nodes have no form in ONNX; the message names them.</exception>
    public static byte[] ToBytes(Graph graph, string name = "network")
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new GraphExporter(graph, name).Export().ToByteArray();
    }
}
