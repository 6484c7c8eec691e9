// Graphs of a few nodes for the tests of passes: written down node by node, as an exporter would, and run before and after.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

/// <summary>Makes a graph of one input, and compares what passes make of it.</summary>
internal sealed class PassGraph
{
    private readonly Shape _sample;
    private readonly List<Parameter> _parameters = [];
    private int _nodes;
    private ulong _seed = 1;

    public PassGraph(Shape sample)
    {
        _sample = sample;
        X = new GraphValue(GraphInput.OfSamples("input", sample));
    }

    /// <summary>The input.</summary>
    public GraphValue X { get; }

    public GraphValue Number(float value) => Constant($"{value}", Tensor.Full(default, value));

    public GraphValue Constant(Shape shape) => Constant($"constant {++_seed}", SampleGraphs.Random(shape, _seed));

    public GraphValue Node(Operator operation, params ReadOnlySpan<GraphValue?> inputs) =>
        new GraphNode($"{operation.Kind} {++_nodes}", operation, inputs).Output;

    public GraphValue Add(GraphValue left, GraphValue right) => Node(new BinaryOperator(BinaryOperation.Add), left, right);

    public GraphValue Subtract(GraphValue left, GraphValue right) =>
        Node(new BinaryOperator(BinaryOperation.Subtract), left, right);

    public GraphValue Multiply(GraphValue left, GraphValue right) =>
        Node(new BinaryOperator(BinaryOperation.Multiply), left, right);

    public GraphValue Divide(GraphValue left, GraphValue right) => Node(new BinaryOperator(BinaryOperation.Divide), left, right);

    public GraphValue Activate(Activation activation, GraphValue x) => Node(new ActivationOperator(activation), x);

    public GraphValue Conv(GraphValue x, int inputs, int filters, int kernel) => Node(
        new Conv2dOperator(new Conv2dAttributes { Padding = Padding.Same }), x, Constant((filters, kernel, kernel, inputs)),
        Constant(filters));

    public GraphValue Reshape(GraphValue x, params int[] shape) => Node(new ReshapeOperator(shape), x);

    /// <summary>The kinds of the nodes after one pass, or after all; results before and after are compared. The last call: constants
    /// are gone then.</summary>
    /// <param name="output">What the graph puts out.</param>
    /// <param name="passes">The passes that run.</param>
    /// <param name="tolerance">What results may differ by, as a part of the largest.</param>
    public string[] KindsAfter(GraphValue output, GraphPasses passes = GraphPasses.All, double tolerance = 4e-6)
    {
        IKernels kernels = ComputeContext.Default.Kernels;
        using Graph graph = new([X], [new GraphOutput("output", output)]);
        using Tensor input = SampleGraphs.Random(graph.Inputs[0].Input!.ForBatch(2), seed: 77);
        float[] expected = Infer(graph, input);
        Graph rewritten = InferencePasses.Apply(graph, kernels, passes);
        string[] kinds = [.. rewritten.Nodes.Select(node => node.Operator.Kind)];
        float[] actual = Infer(rewritten, input);
        rewritten.Dispose();
        _parameters.ForEach(parameter => parameter.Dispose());

        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, largest));
        }

        return kinds;
    }

    private GraphValue Constant(string name, Tensor value)
    {
        Parameter parameter = new(name, value, ParameterRole.Constant);
        _parameters.Add(parameter);
        return new GraphValue(parameter);
    }

    private static float[] Infer(Graph graph, Tensor input)
    {
        using InferenceProgram program = new(graph, [input.Shape], ComputeContext.Default.Kernels);
        using InferenceRun run = program.CreateRun();
        ComputeContext.Default.Kernels.Copy(input, run.Input(0));
        run.Execute();
        return run.Output(0).ToArray();
    }
}
