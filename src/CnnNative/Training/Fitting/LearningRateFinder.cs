// Finds a learning rate by trying all of them: it grows a little with each step until the loss explodes, and the weights are put
// back afterwards.
// Source: Smith 2017, "Cyclical learning rates for training neural networks", section 3.3.

using CnnNative.Training;

namespace CnnNative;

/// <summary>How a <see cref="LearningRateFinder"/> searches.</summary>
public sealed record LearningRateFinderOptions
{
    /// <summary>The first learning rate; above 0.</summary>
    public double Lowest { get; init; } = 1e-6;

    /// <summary>The last learning rate; above the first.</summary>
    public double Highest { get; init; } = 10;

    /// <summary>Steps from the first to the last; at least 20. Each multiplies the rate by the same factor.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>How much of the average of the loss is kept in each step; at least 0 and less than 1.</summary>
    public double Smoothing { get; init; } = 0.95;

    /// <summary>The search ends when the averaged loss is so many times the lowest; above 1.</summary>
    public double Divergence { get; init; } = 4;

    internal void Check()
    {
        bool isRising = Lowest > 0 && Highest > Lowest && double.IsFinite(Highest);
        if (!isRising || Steps < 20 || !(Smoothing is >= 0 and < 1) || !(Divergence > 1))
        {
            throw new ArgumentException(
                $"LearningRateFinder: {Steps} steps from {Lowest} to {Highest}, smoothing {Smoothing}, " +
                $"divergence {Divergence}; expected at least 20 steps, rates that rise from above 0, " +
                "smoothing from 0 to less than 1, divergence above 1.");
        }
    }
}

/// <summary>Losses by learning rate.</summary>
/// <param name="Rates">The learning rates that were tried, rising.</param>
/// <param name="Losses">The loss of the batch at each of them.</param>
/// <param name="Smoothed">The average of the losses so far, which forgets older ones.</param>
/// <param name="Suggestion">The rate at which the averaged loss fell most steeply by the logarithm of the rate; null where it did
/// not fall.</param>
public sealed record LearningRateCurve(
    IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, IReadOnlyList<double> Smoothed, double? Suggestion);

/// <summary>Finds a learning rate for a model and data.</summary>
public static class LearningRateFinder
{
    /// <summary>Trains with growing learning rates, and puts weights and running statistics back.</summary>
    /// <param name="model">The model; it must not be used elsewhere meanwhile.</param>
    /// <param name="dataset">The data.</param>
    /// <param name="fit">How it would be trained; the learning rate, the schedule and what concerns epochs have no
    /// effect.</param>
    /// <param name="options">How to search; the defaults if null.</param>
    /// <param name="cancellationToken">Ends the search within a batch.</param>
    /// <returns>The losses and a suggestion.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or model, data and losses do not fit
    /// together.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static LearningRateCurve Run(
        Model model, IDataset dataset, FitOptions? fit = null, LearningRateFinderOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new LearningRateFinderOptions();
        options.Check();
        fit ??= new FitOptions();
        FitOptions used = fit with { Validation = null, ValidationFraction = 0, Checkpoints = null, Resume = false };
        used.Check();
        using FitSetup setup = new(model, dataset, used);
        using Tensor before = setup.Trainer.Arena.Values.Clone();
        try
        {
            return Sweep(setup, options, cancellationToken);
        }
        finally
        {
            using TensorAccess values = setup.Trainer.Arena.Values.Access();
            before.CopyTo(values.Values);
            model.WeightsChanged();
        }
    }

    private static LearningRateCurve Sweep(FitSetup setup, LearningRateFinderOptions options, CancellationToken cancellation)
    {
        List<double> rates = [], losses = [], smoothed = [];
        double average = 0, lowest = double.PositiveInfinity;
        int epoch = 0;
        while (rates.Count < options.Steps)
        {
            using DataEpoch batches = setup.Loader.Open(epoch++, cancellationToken: cancellation);
            while (rates.Count < options.Steps && batches.MoveNext())
            {
                double part = (double)rates.Count / (options.Steps - 1);
                double rate = options.Lowest * Math.Pow(options.Highest / options.Lowest, part);
                setup.Trainer.LearningRate = rate;
                setup.Map.Take(batches.Current);
                double loss;
                try
                {
                    loss = setup.Trainer.Step(setup.Map.Inputs, setup.Map.Targets).Loss;
                }
                catch (TrainingDivergedException)
                {
                    return new LearningRateCurve(rates, losses, smoothed, Steepest(rates, smoothed));
                }

                // The average of a few values is of those alone, and not of the zero that it begins with.
                average = options.Smoothing * average + (1 - options.Smoothing) * loss;
                rates.Add(rate);
                losses.Add(loss);
                smoothed.Add(average / (1 - Math.Pow(options.Smoothing, rates.Count)));
                lowest = Math.Min(lowest, smoothed[^1]);
                if (smoothed[^1] > options.Divergence * lowest)
                {
                    return new LearningRateCurve(rates, losses, smoothed, Steepest(rates, smoothed));
                }
            }
        }

        return new LearningRateCurve(rates, losses, smoothed, Steepest(rates, smoothed));
    }

    /// <summary>The middle of the pair of neighbours with the steepest fall, of those before the lowest loss. All pairs are as
    /// far apart by the logarithm of the rate.</summary>
    private static double? Steepest(List<double> rates, List<double> smoothed)
    {
        // The first averages are of a few batches, and their differences say more of those than of the rate.
        const int Unsteady = 10;
        int bottom = smoothed.Count == 0 ? 0 : smoothed.IndexOf(smoothed.Min());
        double steepest = 0;
        double? best = null;
        for (int i = Unsteady; i + 1 <= bottom; i++)
        {
            double slope = smoothed[i + 1] - smoothed[i - 1];
            if (slope < steepest)
            {
                (steepest, best) = (slope, rates[i]);
            }
        }

        return best;
    }
}
