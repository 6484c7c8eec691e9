// One operator with attributes and inputs, and the graphs that tests put it into: between other nodes, beside a second reader of
// everything it reads, and at the start of a network, where nothing before it is trained.

using CnnNative.Kernels;
using CnnNative.Operators;
using CnnNative.Tests.Graphs;

namespace CnnNative.Tests.Operators;

/// <summary>What a case feeds into an operator.</summary>
internal enum InputKind
{
    /// <summary>A value that other nodes compute, between -1 and 1.</summary>
    Data,

    /// <summary>The same, above 0.3, where logarithms and powers are smooth.</summary>
    Positive,

    /// <summary>A parameter that is trained.</summary>
    Weight,

    /// <summary>Running statistics.</summary>
    Statistic,

    /// <summary>Integers of 32 bits: 0, 1 and -1 in turn.</summary>
    Indices,

    /// <summary>An optional input that is not there.</summary>
    Missing,
}

/// <summary>One input of a case.</summary>
internal sealed record OperatorInput(InputKind Kind, Shape Shape);

/// <summary>Where a case stands in its graph.</summary>
public enum OperatorPlace
{
    /// <summary>Between nodes that could run in place.</summary>
    Chain,

    /// <summary>Twice, with the same parameters and inputs, which a third node reads as well.</summary>
    Branches,

    /// <summary>First of all, so that only parameters have gradients.</summary>
    First,

    /// <summary>Between other nodes, with frozen parameters.</summary>
    Frozen,
}

/// <summary>A case.</summary>
internal sealed record OperatorCase(string Kind, string Name, AttributeSet Attributes, OperatorInput[] Inputs)
{
    public bool HasWeights => Array.Exists(Inputs, input => input.Kind == InputKind.Weight);

    public bool HasData => Array.Exists(Inputs, input => input.Kind is InputKind.Data or InputKind.Positive);

    public Operator CreateOperator() => OperatorRegistry.Create(Kind, Attributes);

    /// <summary>The graph; the caller disposes it.</summary>
    public Graph CreateGraph(OperatorPlace place) => new GraphMaker(this, place).Make();

    /// <summary>Values for the inputs of the graph; the caller disposes them.</summary>
    public Tensor[] CreateInputs()
    {
        List<Tensor> tensors = [];
        foreach (OperatorInput input in Inputs)
        {
            if (input.Kind is InputKind.Data or InputKind.Positive)
            {
                tensors.Add(SampleGraphs.Random(input.Shape, seed: 100 + (ulong)tensors.Count));
            }
            else if (input.Kind == InputKind.Indices)
            {
                int[] cycle = [0, 1, -1];
                int[] values = [.. Enumerable.Range(0, (int)input.Shape.ElementCount).Select(i => cycle[i % cycle.Length])];
                using Tensor flat = IntegerElements.Create(values);
                tensors.Add(flat.Reshape(input.Shape));
            }
        }

        return [.. tensors];
    }

    public override string ToString() => $"{Kind}, {Name}";

    private sealed class GraphMaker(OperatorCase source, OperatorPlace place)
    {
        private readonly List<GraphValue> _inputs = [];
        private readonly GraphValue?[] _read = new GraphValue?[source.Inputs.Length];
        private int _nodes;

        public Graph Make()
        {
            for (int i = 0; i < _read.Length; i++)
            {
                _read[i] = Value(source.Inputs[i], i);
            }

            GraphNode first = new("first", source.CreateOperator(), _read);
            bool branches = place == OperatorPlace.Branches;
            List<GraphValue> outputs = [.. first.Outputs.Select(output => branches ? output : Tanh(output))];
            if (branches)
            {
                AddBranches(outputs);
            }

            return new Graph(_inputs, outputs.Select((output, i) => new GraphOutput($"output{i}", output)));
        }

        private void AddBranches(List<GraphValue> outputs)
        {
            GraphValue?[] read = [.. _read];
            for (int i = 0; i < read.Length; i++)
            {
                if (IsData(source.Inputs[i].Kind))
                {
                    outputs.Add(Tanh(read[i]!));
                    read[i] = Node(new ReshapeOperator(source.Inputs[i].Shape.ToArray()), read[i]!);
                }
            }

            outputs.Add(Tanh(new GraphNode("second", source.CreateOperator(), read).Output));
        }

        private static bool IsData(InputKind kind) => kind is InputKind.Data or InputKind.Positive;

        private GraphValue? Value(OperatorInput input, int index)
        {
            if (input.Kind == InputKind.Missing)
            {
                return null;
            }

            if (IsData(input.Kind) || input.Kind == InputKind.Indices)
            {
                ElementType type = input.Kind == InputKind.Indices ? ElementType.Int32 : ElementType.Float32;
                GraphValue value = new(new GraphInput($"input{index}", [.. input.Shape.Select(size => (Dimension)size)], type));
                _inputs.Add(value);
                bool isRaw = input.Kind == InputKind.Indices || place == OperatorPlace.First;
                Activation domain = input.Kind == InputKind.Data ? Activation.Tanh : Activation.Softplus;
                return isRaw ? value : Node(new ActivationOperator(domain), value);
            }

            Tensor tensor = SampleGraphs.Random(input.Shape, seed: 200 + (ulong)index);
            ParameterRole role = ParameterRole.Weight;
            if (input.Kind == InputKind.Statistic)
            {
                tensor.Fill(0.5f);
                role = ParameterRole.Statistic;
            }

            Parameter parameter = new($"parameter{index}", tensor, role);
            parameter.Trainable = role == ParameterRole.Weight && place != OperatorPlace.Frozen;
            return new GraphValue(parameter);
        }

        private GraphValue Tanh(GraphValue value) => Node(new ActivationOperator(Activation.Tanh), value);

        private GraphValue Node(Operator operation, GraphValue value) =>
            new GraphNode($"node{++_nodes}", operation, value).Output;
    }
}
