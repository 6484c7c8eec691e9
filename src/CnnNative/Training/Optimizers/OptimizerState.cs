// What an optimiser remembers, and its step over all parameters. They lie side by side, so neighbours that are treated alike are
// one run of memory: usually there are two, weights and biases, however many layers a network has.

using CnnNative.Graphs;
using CnnNative.Kernels;

namespace CnnNative.Training;

/// <summary>The state of an optimiser for the parameters of an arena. Not safe to use from several threads at once.</summary>
internal sealed class OptimizerState : IDisposable
{
    private readonly Optimizer _optimizer;
    private readonly ParameterArena _arena;
    private readonly IKernels _kernels;
    private Run[] _runs = [];

    /// <summary>Takes memory for the moments that the rule needs, which start as zeros.</summary>
    /// <exception cref="ArgumentException">A constant is out of its range, or a group matches no parameter.</exception>
    public OptimizerState(Optimizer optimizer, ParameterArena arena, IKernels kernels)
    {
        optimizer.Check();
        foreach (ParameterGroup group in optimizer.Groups)
        {
            if (!arena.Slots.Any(slot => group.Matches(slot.Parameter.Name)))
            {
                throw new ArgumentException(
                    $"{optimizer.GetType().Name}: the group '{group.Pattern}' matches no parameter. There are: " +
                    $"{string.Join(", ", arena.Slots.Take(12).Select(slot => slot.Parameter.Name))}.");
            }
        }

        _optimizer = optimizer;
        _arena = arena;
        _kernels = kernels;
        OptimizerRule rule = optimizer.Rule(0);
        First = rule.HasFirst ? Tensor.Zeros(arena.Gradients.Shape) : null;
        Second = rule.HasSecond ? Tensor.Zeros(arena.Gradients.Shape) : null;
        Arrange();
    }

    /// <summary>Momentum, or the mean of gradients; null where the rule has none.</summary>
    public Tensor? First { get; }

    /// <summary>The mean of squares; null where the rule has none.</summary>
    public Tensor? Second { get; }

    /// <summary>Steps that were made.</summary>
    public long Steps { get; set; }

    /// <summary>The runs of memory that a step goes over.</summary>
    public int RunCount => _runs.Length;

    /// <summary>Bytes of the moments for a number of elements.</summary>
    public static long BytesFor(Optimizer optimizer, long elements)
    {
        OptimizerRule rule = optimizer.Rule(0);
        return ((rule.HasFirst ? 1 : 0) + (rule.HasSecond ? 1 : 0)) * elements * sizeof(float);
    }

    /// <summary>Finds the runs anew, after parameters were frozen or set free.</summary>
    public void Arrange()
    {
        foreach (Run run in _runs)
        {
            run.Dispose();
        }

        List<Run> runs = [];
        int start = -1, end = 0;
        Treatment current = default;
        foreach (ParameterSlot slot in _arena.Slots)
        {
            Treatment? own = TreatmentOf(slot.Parameter);
            if (start >= 0 && own != current)
            {
                runs.Add(MakeRun(start, end, current));
                start = -1;
            }

            if (own is { } treatment)
            {
                (start, current) = (start < 0 ? slot.Offset : start, treatment);
                end = slot.Offset + slot.Length;
            }
        }

        if (start >= 0)
        {
            runs.Add(MakeRun(start, end, current));
        }

        _runs = [.. runs];
    }

    /// <summary>Makes one step.</summary>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="gradientScale">Multiplies the gradient before anything else.</param>
    /// <param name="momentum">Takes the place of momentum or beta1 in this step; null for the optimiser's own.</param>
    public void Step(double learningRate, double gradientScale, double? momentum = null)
    {
        Steps++;
        foreach (Run run in _runs)
        {
            OptimizerRule rule = run.Rule with
            {
                Step = Steps,
                LearningRate = learningRate * run.RateFactor,
                GradientScale = gradientScale,
            };
            rule = momentum is { } value ? rule.WithMomentum(value) : rule;
            _kernels.OptimizerStep(in rule, run.Values, run.Gradient, run.First, run.Second);
        }
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        foreach (Run run in _runs)
        {
            run.Dispose();
        }

        First?.Dispose();
        Second?.Dispose();
    }

    /// <summary>How a parameter is treated; null for one that is not trained.</summary>
    private Treatment? TreatmentOf(Parameter parameter)
    {
        if (!parameter.Trainable)
        {
            return null;
        }

        ParameterGroup? group = _optimizer.Groups.FirstOrDefault(group => group.Matches(parameter.Name));
        bool decays = parameter.Role == ParameterRole.Weight || _optimizer.DecaysBiases;
        return new Treatment(group?.RateFactor ?? 1, group?.WeightDecay ?? (decays ? _optimizer.WeightDecay : 0));
    }

    private Run MakeRun(int start, int end, Treatment treatment)
    {
        int length = end - start;
        return new Run(
            _optimizer.Rule(treatment.WeightDecay), treatment.RateFactor, _arena.Values.View(start, length),
            _arena.Gradients.View(start, length), First?.View(start, length), Second?.View(start, length));
    }

    private readonly record struct Treatment(double RateFactor, double WeightDecay);

    private sealed record Run(
        OptimizerRule Rule, double RateFactor, Tensor Values, Tensor Gradient, Tensor? First, Tensor? Second) : IDisposable
    {
        public void Dispose()
        {
            Values.Dispose();
            Gradient.Dispose();
            First?.Dispose();
            Second?.Dispose();
        }
    }
}
