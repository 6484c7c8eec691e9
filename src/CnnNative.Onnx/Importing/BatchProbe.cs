// Finds out whether a graph serves every batch. Nothing in ONNX says so: a model may compute with the size of its batch as with
// any number. So it is imported for two batches, and if both graphs are the same, down to their constants, the batch does not
// matter.

using CnnNative.Graphs;
using CnnNative.Kernels;

namespace CnnNative.Onnx.Importing;

/// <summary>Imports models with an open batch where that is right.</summary>
/// <param name="model">The model.</param>
/// <param name="known">Inputs whose values are given.</param>
/// <param name="kernels">What computes constants.</param>
/// <param name="opensSingle">Whether a first dimension that the model fixes at 1 is opened too: many exporters write the batch of
/// their example.</param>
/// <param name="imageDecoder">What decodes pictures; null for nothing.</param>
internal sealed class BatchProbe(
    OnnxModel model, IReadOnlyDictionary<string, Tensor> known, IKernels kernels, bool opensSingle = false,
    OnnxImageDecoder? imageDecoder = null)
{
    /// <summary>Two batches that no other size of a network is likely to be by chance, and not 1, which is broadcast.</summary>
    private const int FirstBatch = 2, SecondBatch = 3;

    /// <summary>Constants larger than this are weights, which no arithmetic of shapes makes.</summary>
    private const int MaxCompared = 1 << 16;

    /// <summary>Whether the first dimension of an input may be the batch.</summary>
    private bool IsOpen(OnnxValue input) => input.Dimensions is [{ IsOpen: true }, ..] ||
        (opensSingle && input.Dimensions is [{ Size: 1 }, _, ..]);

    /// <summary>Imports the model for the given shapes.</summary>
    public OnnxGraph Import(IReadOnlyDictionary<string, Shape> shapes)
    {
        if (!model.Inputs.Any(input => IsOpen(input) && !known.ContainsKey(input.Name)))
        {
            return Exactly(shapes);
        }

        OnnxGraph? first = TryBatch(shapes, FirstBatch), second = null;
        try
        {
            second = first is null ? null : TryBatch(shapes, SecondBatch);
            if (second is not null && AreSame(first!.Graph, second.Graph) && ForShapes(first, shapes) is { } graph)
            {
                first = null;
                return graph;
            }
        }
        finally
        {
            first?.Dispose();
            second?.Dispose();
        }

        return Exactly(shapes);
    }

    private OnnxGraph Exactly(
        IReadOnlyDictionary<string, Shape> shapes, Predicate<OnnxValue>? hasBatch = null, int? batch = null)
    {
        Importer importer = new(model, shapes, known, kernels, hasBatch)
        {
            OpenedBatch = opensSingle && model.Inputs.All(input => input.Dimensions is not [{ IsOpen: true }, ..]) ? batch : null,
            ImageDecoder = imageDecoder,
        };
        try
        {
            return importer.Import();
        }
        catch (ValueNeededException needed)
        {
            importer.Assembler.Dispose();
            throw new OnnxUnsupportedException(
                $"{model.Name}: {needed.Message}; give the value of '{needed.Key}' with the import.", needed)
            {
                DependsOnData = true,
            };
        }
    }

    /// <summary>The graph for another batch; null where there is none.</summary>
    private OnnxGraph? TryBatch(IReadOnlyDictionary<string, Shape> shapes, int batch)
    {
        Dictionary<string, Shape> probes = new(shapes);
        foreach (OnnxValue input in model.Inputs.Where(IsOpen))
        {
            if (shapes.TryGetValue(input.Name, out Shape shape) && shape.Rank > 0)
            {
                int[] sizes = shape.ToArray();
                sizes[0] = batch;
                probes[input.Name] = new Shape(sizes);
            }
        }

        try
        {
            OnnxGraph graph = Exactly(probes, IsOpen, batch);
            if (!opensSingle || graph.Outputs.All(port => port.Shape.Rank > 0 && port.Shape[0] == batch))
            {
                return graph;
            }

            // Results that are not one for each sample would change their meaning.
            graph.Dispose();
            return null;
        }
        catch (Exception error) when (error is ShapeException or CnnFormatException or OnnxUnsupportedException)
        {
            return null;
        }
    }

    private static bool AreSame(Graph left, Graph right)
    {
        bool same = left.Nodes.Count == right.Nodes.Count && left.Parameters.Count == right.Parameters.Count;
        for (int i = 0; same && i < left.Nodes.Count; i++)
        {
            GraphNode a = left.Nodes[i], b = right.Nodes[i];
            same = a.Name == b.Name && a.Operator.Kind == b.Operator.Kind && a.Inputs.Count == b.Inputs.Count &&
                a.Operator.Attributes.SequenceEqual(b.Operator.Attributes);
            for (int k = 0; same && k < a.Inputs.Count; k++)
            {
                same = a.Inputs[k]?.Name == b.Inputs[k]?.Name;
            }
        }

        for (int i = 0; same && i < left.Parameters.Count; i++)
        {
            same = AreSame(left.Parameters[i], right.Parameters[i]);
        }

        return same;
    }

    private static bool AreSame(Parameter left, Parameter right)
    {
        if (left.Name != right.Name || left.Shape != right.Shape || left.Value.ElementType != right.Value.ElementType)
        {
            return false;
        }

        if (left.Value.ByteCount > MaxCompared)
        {
            return true;
        }

        using TensorAccess<byte> a = left.Value.AccessBytes();
        using TensorAccess<byte> b = right.Value.AccessBytes();
        return a.Values.SequenceEqual(b.Values);
    }

    /// <summary>The graph with the shapes that were asked for; null where they do not go through it.</summary>
    private static OnnxGraph? ForShapes(OnnxGraph graph, IReadOnlyDictionary<string, Shape> shapes)
    {
        OnnxPort[] inputs = [
            .. graph.Inputs.Select(port => shapes.TryGetValue(port.Name, out Shape shape) ? port with { Shape = shape } : port)];
        try
        {
            GraphShapes inferred = new(graph.Graph, [.. inputs.Select(port => port.GraphShape)]);
            OnnxPort[] outputs = [
                .. graph.Outputs.Select((port, i) => WithGraphShape(port, inferred[graph.Graph.Outputs[i].Value].Shape))];
            return graph with { Inputs = inputs, Outputs = outputs };
        }
        catch (ShapeException)
        {
            return null;
        }
    }

    private static OnnxPort WithGraphShape(OnnxPort port, Shape stored)
    {
        int[] sizes = new int[port.Order.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[port.Order[i]] = stored[i];
        }

        return port with { Shape = new Shape(sizes) };
    }
}
