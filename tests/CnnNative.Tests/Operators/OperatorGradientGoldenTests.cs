// Operators as nodes of a graph, forwards and backwards, against PyTorch's automatic differentiation on each set of kernels.
// Inputs that are weights elsewhere are inputs of the graph here, so that all have gradients.

using System.Text.Json;
using CnnNative.Graphs;
using CnnNative.Operators;
using CnnNative.Tests.Golden;

namespace CnnNative.Tests.Operators;

public sealed class OperatorGradientGoldenTests
{
    /// <summary>A result is a sum of at most 160 products of numbers below 1 (the weights of the 3x3 transposed convolution,
    /// summed over 24 pixels of 2 x 3 x 4 x 5 elements), so 160 roundings of 2^-24 each are 1e-5 of the largest result;
    /// normalisation multiplies that by the inverse of a deviation of at least 0.3.</summary>
    private const double Tolerance = 3e-5;

    private static readonly Lazy<Case[]> Cases = new(() => GoldenFile.Read<CaseFile>("operator_gradients.json").Cases);

    public static TheoryData<string, Backend, InstructionSet?> Runs
    {
        get
        {
            TheoryData<string, Backend, InstructionSet?> runs = [];
            foreach (Case c in Cases.Value)
            {
                runs.Add(c.Name, Backend.Managed, null);
                runs.Add(c.Name, Backend.Native, InstructionSet.Scalar);
                runs.Add(c.Name, Backend.Native, InstructionSet.Avx2);
                runs.Add(c.Name, Backend.Native, null);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void An_operator_and_its_gradients_are_those_of_PyTorch(string name, Backend backend, InstructionSet? isa)
    {
        int index = Array.FindIndex(Cases.Value, c => c.Name == name);
        Case golden = Cases.Value[index];
        using ComputeContext context = new(backend, threads: 2, isa);
        using Graph graph = CreateGraph(golden);
        using ParameterArena arena = new(graph);
        TrainingRequest request = new(
            [.. graph.Outputs.Select(_ => true)], [.. graph.Inputs.Select(_ => true)], AccumulateParameters: false, _ => true);
        using TrainingExecutor executor = new(
            graph, [.. golden.Shapes.Select(shape => new Shape(shape))], context.Kernels, arena, request);
        RunState state = new(Seed: 1, Step: 1);
        for (int i = 0; i < golden.Shapes.Length; i++)
        {
            executor.Input(i).CopyFrom(HashedValues.Create(executor.Input(i).ElementCount, Seed(index, i)));
        }

        executor.Forward(in state);
        for (int i = 0; i < golden.Outputs.Length; i++)
        {
            AssertClose(golden.Outputs[i], executor.Output(i), $"{name}, output {i}");
        }

        for (int i = 0; i < golden.Outputs.Length; i++)
        {
            Tensor gradient = executor.OutputGradient(i)!;
            gradient.CopyFrom(HashedValues.Create(gradient.ElementCount, Seed(index, 8 + i)));
        }

        executor.Backward(in state);
        for (int i = 0; i < golden.Gradients.Length; i++)
        {
            AssertClose(golden.Gradients[i], executor.InputGradient(i)!, $"{name}, gradient by input {i}");
        }
    }

    private static uint Seed(int index, int tensor) => (uint)(16 * index + tensor);

    private static Graph CreateGraph(Case golden)
    {
        GraphValue[] inputs = [.. golden.Shapes.Select((shape, i) => new GraphValue(
            new GraphInput($"input{i}", [.. shape.Select(size => (Dimension)size)])))];
        GraphNode node = new("node", OperatorRegistry.Create(golden.Kind, Attributes(golden.Attributes)), inputs);
        return new Graph(inputs, node.Outputs.Select((output, i) => new GraphOutput($"output{i}", output)));
    }

    private static AttributeSet Attributes(Dictionary<string, JsonElement> values)
    {
        AttributeSet set = [];
        foreach ((string name, JsonElement value) in values)
        {
            bool isWhole = !value.GetRawText().Contains('.', StringComparison.Ordinal);
            set.Add(name, value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Array when isWhole => (long[])[.. value.EnumerateArray().Select(item => item.GetInt64())],
                JsonValueKind.Array => (double[])[.. value.EnumerateArray().Select(item => item.GetDouble())],
                _ => isWhole ? value.GetInt64() : (AttributeValue)value.GetDouble(),
            });
        }

        return set;
    }

    private static void AssertClose(Values expected, Tensor actual, string what)
    {
        Assert.Equal(new Shape(expected.Shape), actual.Shape);
        double largest = Math.Max(1, expected.List.Max(Math.Abs));
        float[] values = actual.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            double tolerance = Tolerance * largest;
            Assert.True(
                Math.Abs((double)values[i] - expected.List[i]) <= tolerance,
                $"{what}: element {i} is {values[i]:R}, PyTorch has {expected.List[i]:R}, tolerance {tolerance:G3}.");
        }
    }

    private sealed record Values(int[] Shape, [property: System.Text.Json.Serialization.JsonPropertyName("values")] float[] List);

    private sealed record Case(
        string Name, string Kind, Dictionary<string, JsonElement> Attributes, int[][] Shapes, Values[] Outputs,
        Values[] Gradients);

    private sealed record CaseFile(string Torch, Case[] Cases);
}
