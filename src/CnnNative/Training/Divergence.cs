// Where the first number that is not finite came from: data, a layer, the loss, or a gradient. Only run when something is wrong,
// so it may take its time.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative.Training;

internal static class Divergence
{
    private const string Advice = "A lower learning rate, ClipNorm or normalised inputs may help.";

    /// <summary>Runs the batch again and looks at everything in the order in which it is computed.</summary>
    public static TrainingDivergedException OfLoss(
        IKernels kernels, BatchProgram program, Graph graph, TrainedOutput[] outputs, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor> targets, in RunState state, double loss, long steps)
    {
        string found = $"Training stopped after {steps} steps: the loss is {Name(loss)}.";
        for (int i = 0; i < inputs.Count; i++)
        {
            if (!IsFinite(kernels, inputs[i]))
            {
                string name = graph.Inputs[i].Name;
                return new($"{found} The input '{name}' holds a NaN or an infinity.", name, steps);
            }
        }

        foreach (Parameter parameter in graph.Parameters)
        {
            if (!IsFinite(kernels, parameter.Value))
            {
                return new($"{found} The parameter '{parameter.Name}' holds a NaN or an infinity.", parameter.Name, steps);
            }
        }

        program.Load(inputs);
        if (program.Executor.FindNotFinite(in state) is { } node)
        {
            return new($"{found} The first layer with a NaN or an infinity is {node}. {Advice}", node.Name, steps);
        }

        for (int i = 0; i < targets.Count; i++)
        {
            if (!IsFinite(kernels, targets[i]))
            {
                return new($"{found} The target of '{outputs[i].Name}' holds a NaN or an infinity.", outputs[i].Name, steps);
            }
        }

        return new($"{found} All layers are finite; the loss itself is not. {Advice}", null, steps);
    }

    /// <summary>Looks for the first gradient that is not finite: the last one in the order of the graph.</summary>
    public static TrainingDivergedException OfGradient(IKernels kernels, ParameterArena arena, Graph graph, long steps)
    {
        Parameter? first = graph.Parameters.LastOrDefault(
            parameter => parameter.Trainable && !IsFinite(kernels, arena.GradientOf(parameter)));
        string what = first is null ? "the sum of the squares of all gradients" : $"the gradient of '{first.Name}'";
        return new($"Training stopped after {steps} steps: {what} is not finite. {Advice}", first?.Name, steps);
    }

    /// <summary>Squares of float32 numbers do not overflow in float64, in which they are summed.</summary>
    private static bool IsFinite(IKernels kernels, Tensor tensor) => double.IsFinite(kernels.SumOfSquares(tensor));

    private static string Name(double value) => double.IsNaN(value) ? "NaN" : "infinite";
}
