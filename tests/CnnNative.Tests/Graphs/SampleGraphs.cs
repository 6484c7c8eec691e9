// Small graphs of every form that differentiation has to follow, for the tests of executors and passes.

using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Tests.Graphs;

internal static class SampleGraphs
{
    public static IReadOnlyList<string> Names { get; } = ["chain", "chain no norm", "residual", "shared", "two outputs", "twice the same", "nested", "deep", "branches"];

    public static Graph Create(string name)
    {
        SampleBuilder b = new();
        GraphValue input = b.Input((6, 5, 2));
        GraphValue x = b.Relu(b.Conv("conv1", input, 4, 3));
        return name switch
        {
            "chain no norm" => b.Build(b.Linear("fc", b.Flatten(b.Pool(x)), 3)),
            "chain" => b.Build(b.Linear("fc", b.Flatten(b.Pool(b.Norm("bn", x))), 3)),
            "residual" => b.Build(b.Linear("fc", b.Flatten(b.Relu(b.Add(x, b.Norm("bn", b.Conv("conv2", x, 4, 3))))), 3)),
            "shared" => Shared(b, x),
            "two outputs" => b.Build(b.Flatten(b.Tanh(x)), b.Linear("fc", b.Flatten(b.Pool(x)), 2)),
            "twice the same" => b.Build(b.Flatten(b.Add(b.Add(x, x), b.Conv("conv2", x, 4, 1)))),
            "nested" => Nested(b, x),
            "deep" => Deep(b, x),
            "branches" => Branches(b, x),
            "hundred branches" => HundredBranches(b, x),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "not a sample graph"),
        };
    }

    public static Tensor Random(Shape shape, ulong seed)
    {
        using ManagedKernels kernels = new();
        Tensor tensor = Tensor.Uninitialized(shape);
        kernels.RandomUniform(new RandomSequence(seed), -1f, 1f, tensor);
        return tensor;
    }

    private static Graph Shared(SampleBuilder b, GraphValue x)
    {
        GraphValue weights = b.Parameter("shared.weight", (4, 3, 3, 4));
        Conv2dAttributes attributes = new() { Padding = Padding.Same };
        GraphValue first = b.Node("first", new Conv2dOperator(attributes), x, weights);
        GraphValue second = b.Node("second", new Conv2dOperator(attributes), b.Tanh(first), weights);
        return b.Build(b.Flatten(second));
    }

    private static Graph Nested(SampleBuilder b, GraphValue x)
    {
        GraphValue a = b.Add(x, b.Tanh(b.Conv("conv2", x, 4, 3)));
        GraphValue c = b.Add(a, b.Relu(b.Add(x, b.Conv("conv3", a, 4, 1))));
        return b.Build(b.Linear("fc", b.Flatten(b.Add(c, a)), 2));
    }

    private static Graph Branches(SampleBuilder b, GraphValue x)
    {
        GraphValue squeezed = b.Relu(b.Conv("squeeze", x, 3, 1));
        GraphValue whole = b.Concat(b.Relu(b.Conv("one", squeezed, 5, 1)), b.Tanh(x), b.Conv("three", squeezed, 7, 3));
        return b.Build(b.Linear("fc", b.Flatten(b.Relu(b.Conv("last", whole, 4, 3))), 2));
    }

    /// <summary>Every third part is no convolution, and has to be copied.</summary>
    private static Graph HundredBranches(SampleBuilder b, GraphValue x)
    {
        GraphValue?[] parts = [.. Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? b.Tanh(x) : b.Conv($"part{i}", x, 2, 1))];
        return b.Build(b.Flatten(b.Concat(parts)));
    }

    private static Graph Deep(SampleBuilder b, GraphValue x)
    {
        for (int i = 0; i < 6; i++)
        {
            x = b.Tanh(b.Norm($"bn{i}", b.Conv($"block{i}", x, 4, 3)));
        }

        return b.Build(b.Flatten(x));
    }

    private sealed class SampleBuilder
    {
        private readonly List<GraphValue> _inputs = [];
        private readonly Dictionary<GraphValue, Shape> _shapes = [];
        private ulong _seed;
        private int _nodes;

        public GraphValue Input(Shape sample)
        {
            GraphValue value = new(GraphInput.OfSamples("input", sample));
            _inputs.Add(value);
            _shapes[value] = value.Input!.ForBatch(2);
            return value;
        }

        public GraphValue Parameter(string name, Shape shape, ParameterRole role = ParameterRole.Weight)
        {
            Tensor tensor = Random(shape, ++_seed);
            if (role == ParameterRole.Statistic)
            {
                tensor.Fill(1f);
            }

            GraphValue value = new(new Parameter(name, tensor, role));
            _shapes[value] = shape;
            return value;
        }

        public GraphValue Node(string name, Operator operation, params ReadOnlySpan<GraphValue?> inputs)
        {
            GraphNode node = new(name, operation, inputs);
            ValueSpec?[] specs = [.. node.Inputs.Select(input => input is null ? (ValueSpec?)null : _shapes[input])];
            ValueSpec[] outputs = new ValueSpec[node.Outputs.Count];
            operation.Infer(specs, outputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                _shapes[node.Outputs[i]] = outputs[i].Shape;
            }

            return node.Output;
        }

        public GraphValue Conv(string name, GraphValue x, int filters, int kernel) => Node(
            name, new Conv2dOperator(new Conv2dAttributes { Padding = Padding.Same }), x,
            Parameter(name + ".weight", (filters, kernel, kernel, _shapes[x][^1])), Parameter(name + ".bias", filters, ParameterRole.Bias));

        public GraphValue Linear(string name, GraphValue x, int features) => Node(
            name, new LinearOperator(), x, Parameter(name + ".weight", (features, _shapes[x][1])),
            Parameter(name + ".bias", features, ParameterRole.Bias));

        public GraphValue Norm(string name, GraphValue x)
        {
            int channels = _shapes[x][^1];
            return Node(
                name, new BatchNormOperator(default(BatchNormAttributes) with { Epsilon = 1e-3f, Momentum = 0.1f }), x,
                Parameter(name + ".mean", channels, ParameterRole.Statistic), Parameter(name + ".variance", channels, ParameterRole.Statistic),
                Parameter(name + ".gamma", channels, ParameterRole.Bias), Parameter(name + ".beta", channels, ParameterRole.Bias));
        }

        public GraphValue Relu(GraphValue x) => Node(Next("relu"), new ActivationOperator(Activation.Relu), x);

        public GraphValue Tanh(GraphValue x) => Node(Next("tanh"), new ActivationOperator(Activation.Tanh), x);

        public GraphValue Pool(GraphValue x) =>
            Node(Next("pool"), new MaxPool2dOperator(new Pool2dAttributes(2, 2, 1, Padding.Valid, false, false)), x);

        public GraphValue Flatten(GraphValue x) => Node(Next("flatten"), ReshapeOperator.Flatten, x);

        public GraphValue Concat(params ReadOnlySpan<GraphValue?> parts) => Node(Next("concat"), new ConcatOperator(), parts);

        public GraphValue Add(GraphValue left, GraphValue right) => Node(Next("add"), new AddOperator(), left, right);

        public Graph Build(params ReadOnlySpan<GraphValue> outputs)
        {
            List<GraphOutput> named = [];
            foreach (GraphValue output in outputs)
            {
                named.Add(new GraphOutput($"output{named.Count}", output));
            }

            return new Graph(_inputs, named);
        }

        private string Next(string kind) => $"{kind}{++_nodes}";
    }
}
