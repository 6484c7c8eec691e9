// Checks gradients against the slope of what they belong to: single elements are moved a little up and down, and the weighted sum
// of all outputs, in double precision, is followed through the managed kernels, which sum in double precision.

using CnnNative.Graphs;
using CnnNative.Kernels;
using CnnNative.Operators;

namespace CnnNative;

/// <summary>How a gradient check runs.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>How far an element is moved. The truncation error grows with its square, and the rounding error of the outputs
    /// with its inverse; between 0.001 and 0.03 both are small for data of unit size.</summary>
    public float Step { get; init; } = 0.01f;

    /// <summary>Elements that are checked of each tensor, chosen at random where it has more.</summary>
    public int MaxElements { get; init; } = 48;

    /// <summary>Where the weights of the outputs and the choice of elements come from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether gradients by the inputs are checked as well as those by the parameters.</summary>
    public bool Inputs { get; init; } = true;

    /// <summary>Where the gradients are computed; <see cref="ComputeContext.Default"/> by default. Differences always come from the
    /// managed kernels.</summary>
    public ComputeContext? Context { get; init; }
}

/// <summary>The check of one tensor.</summary>
/// <param name="Name">The input or parameter.</param>
/// <param name="Checked">Elements that were compared.</param>
/// <param name="Skipped">Elements where the function has a kink within the step, so that there is no slope to compare with.</param>
/// <param name="Error">The largest difference between a gradient and its slope, relative to the largest slope of the tensor, or to
/// 1 where all are smaller.</param>
public readonly record struct GradientCheckEntry(string Name, int Checked, int Skipped, double Error);

/// <summary>Compares the gradients of a graph with difference quotients.</summary>
public static class GradientCheck
{
    /// <summary>Checks the gradients by all trainable parameters, and by the float32 inputs.</summary>
    /// <param name="graph">The graph. Running statistics are put back afterwards; parameters may be moved in memory.</param>
    /// <param name="inputs">Values of its inputs.</param>
    /// <param name="options">How to check; null for the defaults.</param>
    /// <returns>An entry for each tensor.</returns>
    /// <exception cref="ShapeException">The inputs do not fit the graph.</exception>
    public static IReadOnlyList<GradientCheckEntry> Run(
        Graph graph, IReadOnlyList<Tensor> inputs, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(inputs);
        using GradientChecker checker = new(graph, inputs, options ?? new GradientCheckOptions());
        return checker.Run();
    }
}

/// <summary>One run of the check.</summary>
internal sealed class GradientChecker : IDisposable
{
    /// <summary>Above the noise of rounded outputs, and small enough that what it lets pass does not fail a check.</summary>
    private const double KinkTolerance = 1e-3;

    private static readonly RunState State = new(Seed: 7, Step: 1);
    private readonly Graph _graph;
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly GradientCheckOptions _options;
    private readonly ManagedKernels _managed = new();
    private readonly ParameterArena _arena;
    private readonly TrainingExecutor _executor;
    private readonly TrainingExecutor _reference;
    private readonly Tensor[] _weights;
    private readonly float[] _statistics;

    public GradientChecker(Graph graph, IReadOnlyList<Tensor> inputs, GradientCheckOptions options)
    {
        _graph = graph;
        _inputs = inputs;
        _options = options;
        _arena = new ParameterArena(graph);
        TrainingRequest request = new(
            [.. graph.Outputs.Select(_ => true)],
            [.. graph.Inputs.Select(input => options.Inputs && input.Input!.Type == ElementType.Float32)],
            AccumulateParameters: false,
            _ => true);
        Shape[] shapes = [.. inputs.Select(input => input.Shape)];
        _executor = new TrainingExecutor(graph, shapes, (options.Context ?? ComputeContext.Default).Kernels, _arena, request);
        _reference = new TrainingExecutor(graph, shapes, _managed, _arena, request);
        _weights = [.. graph.Outputs.Select((_, i) => RandomWeights(_reference.Output(i).Shape, i))];
        _statistics = _arena.Values.ToArray();
    }

    public List<GradientCheckEntry> Run()
    {
        Load(_executor);
        _executor.Forward(in State);
        for (int i = 0; i < _weights.Length; i++)
        {
            if (_executor.OutputGradient(i) is { } gradient)
            {
                _managed.Copy(_weights[i], gradient);
            }
        }

        _executor.Backward(in State);
        RestoreStatistics();
        List<GradientCheckEntry> entries = [];
        foreach (Parameter parameter in _graph.Parameters.Where(parameter => parameter.Trainable))
        {
            entries.Add(Compare(parameter.Name, parameter.Value, _arena.GradientOf(parameter).ToArray()));
        }

        for (int i = 0; i < _inputs.Count; i++)
        {
            if (_executor.InputGradient(i) is { } gradient)
            {
                entries.Add(Compare(_graph.Inputs[i].Name, _inputs[i], gradient.ToArray()));
            }
        }

        return entries;
    }

    public void Dispose()
    {
        _executor.Dispose();
        _reference.Dispose();
        _arena.Dispose();
        foreach (Tensor weight in _weights)
        {
            weight.Dispose();
        }

        _managed.Dispose();
    }

    private static float Exchange(Tensor tensor, int index, float value)
    {
        using TensorAccess access = tensor.Access();
        (float before, access.Values[index]) = (access.Values[index], value);
        return before;
    }

    private void Load(TrainingExecutor executor)
    {
        for (int i = 0; i < _inputs.Count; i++)
        {
            _managed.Copy(_inputs[i], executor.Input(i));
        }
    }

    private void RestoreStatistics()
    {
        using TensorAccess values = _arena.Values.Access();
        _statistics.AsSpan(_arena.TrainedLength).CopyTo(values.Values[_arena.TrainedLength..]);
    }

    private Tensor RandomWeights(Shape shape, int output)
    {
        Tensor weights = Tensor.Uninitialized(shape);
        _managed.RandomUniform(new RandomSequence(_options.Seed + (ulong)output), -1f, 1f, weights);
        return weights;
    }

    private GradientCheckEntry Compare(string name, Tensor argument, float[] gradient)
    {
        Random random = new(unchecked((int)_options.Seed));
        int[] elements = Enumerable.Range(0, gradient.Length).ToArray();
        if (elements.Length > _options.MaxElements)
        {
            random.Shuffle(elements);
            elements = elements[.._options.MaxElements];
        }

        double error = 0, largest = 1, middle = Objective();
        int skipped = 0;
        foreach (int element in elements)
        {
            (double wide, double wideBend) = Slope(argument, element, _options.Step, middle);
            (double narrow, double narrowBend) = Slope(argument, element, _options.Step / 2, middle);
            if (HasKink(wide - narrow, narrowBend - wideBend / 2, narrow))
            {
                skipped++;
                continue;
            }

            // Richardson's extrapolation takes the term of the square away.
            double slope = (4 * narrow - wide) / 3;
            largest = Math.Max(largest, Math.Abs(slope));
            error = Math.Max(error, Math.Abs(slope - gradient[element]));
        }

        return new GradientCheckEntry(name, elements.Length - skipped, skipped, error / largest);
    }

    /// <summary>For a smooth function the quotients of two steps hardly differ, and the bend halves with the step. With a kink the
    /// quotients differ by a part of its jump, unless it is in the middle or at a third; there the bends give it away.</summary>
    private static bool HasKink(double quotients, double bends, double slope) =>
        Math.Max(Math.Abs(quotients), Math.Abs(bends)) > KinkTolerance * Math.Max(1, Math.Abs(slope));

    /// <summary>The central difference quotient, and the difference between those of the two sides.</summary>
    private (double Slope, double Bend) Slope(Tensor argument, int element, float step, double middle)
    {
        float value = Exchange(argument, element, 0), above = value + step, below = value - step;
        Exchange(argument, element, above);
        double high = Objective();
        Exchange(argument, element, below);
        double low = Objective();
        Exchange(argument, element, value);
        double bend = (high - middle) / ((double)above - value) - (middle - low) / ((double)value - below);
        return ((high - low) / ((double)above - below), bend);
    }

    private double Objective()
    {
        Load(_reference);
        _reference.Forward(in State);
        RestoreStatistics();
        double sum = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            using TensorAccess values = _reference.Output(i).Access();
            using TensorAccess weights = _weights[i].Access();
            for (int j = 0; j < weights.Values.Length; j++)
            {
                sum += (double)values.Values[j] * weights.Values[j];
            }
        }

        return sum;
    }
}
