// The part of a network that is trained: what leads to the outputs with a loss, without a softmax or sigmoid at the end that the
// loss contains already.

using CnnNative.Graphs;
using CnnNative.Graphs.Passes;

namespace CnnNative.Training;

/// <summary>An output of a training graph and its loss.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">What the loss is multiplied by.</param>
internal readonly record struct TrainedOutput(string Name, Loss Loss, double Weight);

/// <summary>The graph that a trainer runs.</summary>
internal static class TrainingGraph
{
    /// <summary>Finds the outputs with a loss and makes the graph, which shares the parameters of the given one.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="losses">The losses of its outputs.</param>
    /// <param name="passes">Whether the passes of training run on the graph.</param>
    /// <exception cref="ArgumentException">A loss has no output, or there is no loss.</exception>
    public static (Graph Graph, TrainedOutput[] Outputs) Create(Graph graph, LossSet losses, bool passes = true)
    {
        if (losses.Count == 0)
        {
            throw new ArgumentException("Trainer: there is no loss, expected one for at least one output.");
        }

        List<GraphOutput> values = [];
        List<TrainedOutput> outputs = [];
        foreach (OutputLoss loss in losses)
        {
            GraphOutput output = OutputOf(graph, loss.Output);
            GraphValue value = output.Value;
            while (value.Producer is { } node && loss.Loss.Includes(node.Operator))
            {
                value = node.Inputs[0]!;
            }

            values.Add(output with { Value = value });
            outputs.Add(new TrainedOutput(output.Name, loss.Loss, loss.Weight));
        }

        Graph whole = new Graph(graph.Inputs, values).Borrowing(graph);
        return (passes ? TrainingPasses.Apply(whole) : whole, [.. outputs]);
    }

    /// <summary>What a training asks of an executor: the gradients of the outputs that count, none of the inputs.</summary>
    public static TrainingRequest Request(Graph graph, TrainedOutput[] outputs, bool accumulates) =>
        new([.. outputs.Select(output => output.Weight != 0)], new bool[graph.Inputs.Count], accumulates, _ => true);

    private static GraphOutput OutputOf(Graph graph, string? name)
    {
        string names = string.Join(", ", graph.Outputs.Select(output => $"'{output.Name}'"));
        if (name is null)
        {
            return graph.Outputs.Count == 1 ? graph.Outputs[0] : throw new ArgumentException(
                $"Trainer: the network has the outputs {names} and the loss names none; " +
                "use a LossSet with an output for each loss.");
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            if (output.Name == name)
            {
                return output;
            }
        }

        throw new ArgumentException($"Trainer: there is a loss for the output '{name}', the network has {names}.");
    }
}
