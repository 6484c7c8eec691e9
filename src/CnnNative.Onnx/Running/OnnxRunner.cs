// Runs a model on given inputs. Where a shape depends on data, the part of the graph before it runs first, and the import goes on
// with what it found; so every model that can be written in ONNX runs, and those whose shapes are known beforehand run as one
// graph.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Kernels;
using CnnNative.Onnx.Importing;
using CnnNative.Onnx.Importing.Mappings;
using CnnNative.Operators;

namespace CnnNative.Onnx.Running;

/// <summary>Runs one model, import and all, for each call.</summary>
internal sealed class OnnxRunner(OnnxModel model, IKernels kernels, OnnxImageDecoder? imageDecoder = null)
{
    /// <summary>How often a run may stop for a shape before it is given up.</summary>
    private const int MaxStages = 10_000;

    /// <summary>The nodes of the graph that ran last.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; private set; } = [];

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Inputs by name, in ONNX's order.</param>
    /// <returns>The outputs in the model's order, in ONNX's order of dimensions; the caller disposes them.</returns>
    public Tensor[] Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        Dictionary<string, Shape> shapes = inputs.ToDictionary(pair => pair.Key, pair => pair.Value.Shape);
        Dictionary<string, Tensor> known = [];
        Dictionary<string, Tensor> fed = new(StringComparer.Ordinal);
        List<Tensor> computed = [];
        try
        {
            for (int stage = 0; stage < MaxStages; stage++)
            {
                Importer importer = new(model, shapes, known, kernels) { ImageDecoder = imageDecoder, Fed = fed };
                try
                {
                    using OnnxGraph graph = importer.Import();
                    return Execute(graph.Graph, graph.Inputs, graph.Outputs, Given);
                }
                catch (ValueNeededException needed)
                {
                    using (importer.Assembler)
                    {
                        if (!known.TryAdd(needed.Key, Compute(importer.Assembler, needed, Given, computed)))
                        {
                            throw new OnnxUnsupportedException(
                                $"{model.Name}: {needed.Message}, which cannot be computed beforehand.");
                        }
                    }
                }
            }
        }
        finally
        {
            foreach (Tensor tensor in computed.Concat(fed.Values))
            {
                tensor.Dispose();
            }
        }

        throw new OnnxUnsupportedException($"{model.Name}: more than {MaxStages} shapes depend on data.");

        Tensor? Given(string name) => fed.GetValueOrDefault(name) ?? inputs.GetValueOrDefault(name);
    }

    private Tensor Compute(
        GraphAssembler assembler, ValueNeededException needed, Func<string, Tensor?> inputs, List<Tensor> computed)
    {
        if (inputs(needed.Key) is { } given)
        {
            return given;
        }

        GraphOutput output = new("value", assembler.Plain(needed.Operand));
        Graph graph = new(needed.Inputs.Select(input => input.Value), [output]);
        OnnxPort port = new(output.Name, needed.Operand.Type, needed.Operand.Shape,
            [.. Enumerable.Range(0, needed.Operand.Rank)]);
        Tensor value = Execute(graph, [.. needed.Inputs.Select(input => input.Port)], [port], inputs)[0];
        computed.Add(value);
        return value;
    }

    private Tensor[] Execute(
        Graph graph, IReadOnlyList<OnnxPort> inputs, IReadOnlyList<OnnxPort> outputs, Func<string, Tensor?> given)
    {
        Graph optimised = InferencePasses.Apply(graph, kernels);
        try
        {
            Nodes = optimised.Nodes;
            using InferenceProgram program = new(optimised, [.. inputs.Select(port => port.GraphShape)], kernels);
            using InferenceRun run = program.CreateRun();
            for (int i = 0; i < inputs.Count; i++)
            {
                Tensor tensor = given(inputs[i].Name)
                    ?? throw new ArgumentException($"{model.Name}: input '{inputs[i].Name}' is not given.");
                PortLayout.ToGraph(kernels, inputs[i], tensor, run.Input(i));
            }

            run.Execute();
            return [.. outputs.Select((port, i) => PortLayout.FromGraph(kernels, port, run.Output(i)))];
        }
        finally
        {
            if (!ReferenceEquals(optimised, graph))
            {
                optimised.Dispose();
            }
        }
    }
}

/// <summary>Between ONNX's order of dimensions and a graph's.</summary>
internal static class PortLayout
{
    /// <summary>Copies a tensor into an input of a graph.</summary>
    public static void ToGraph(IKernels kernels, OnnxPort port, Tensor source, Tensor target)
    {
        if (source.Shape != port.Shape || source.ElementType != port.Type)
        {
            throw new ShapeException(
                $"Input '{port.Name}' is {source.Shape} {source.ElementType}, expected {port.Shape} {port.Type}.");
        }

        Move(kernels, port, [.. port.Order], source, target);
    }

    /// <summary>A copy of an output of a graph.</summary>
    public static Tensor FromGraph(IKernels kernels, OnnxPort port, Tensor source)
    {
        int[] axes = new int[port.Order.Count];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[port.Order[i]] = i;
        }

        Tensor target = Tensor.Uninitialized(port.Shape, port.Type);
        Move(kernels, port, axes, source, target);
        return target;
    }

    private static void Move(IKernels kernels, OnnxPort port, int[] axes, Tensor source, Tensor target)
    {
        if (source.ElementCount == 0)
        {
            return;
        }

        if (port.IsPlain)
        {
            kernels.Copy(source, target);
            return;
        }

        ValueSpec input = new(source.Shape, source.ElementType), output = new(target.Shape, target.ElementType);
        PrepareRequest request = new(kernels, [input], [output], [null], Training: false, default);
        using PreparedOperator transpose = Choice.Transpose(source.ElementType, source.Shape, axes).Prepare(in request);
        using NodeTensors tensors = new() { NodeNumber = 0, Inputs = [source], Outputs = [target] };
        transpose.Forward(tensors, default);
    }
}
