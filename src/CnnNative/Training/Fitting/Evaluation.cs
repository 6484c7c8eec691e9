// What an evaluation gives.

using System.Globalization;

namespace CnnNative;

/// <summary>Loss and metrics of a data set.</summary>
/// <param name="Loss">The weighted sum of the mean losses; NaN where no loss was computed.</param>
/// <param name="Values">All values by their names: "loss", and those of the metrics.</param>
/// <param name="Samples">How many samples there were.</param>
/// <param name="Duration">How long it took.</param>
public sealed record Evaluation(
    double Loss, IReadOnlyDictionary<string, double> Values, int Samples, TimeSpan Duration)
{
    /// <summary>A value by its name.</summary>
    /// <param name="name">"loss" or a metric's name.</param>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public double this[string name] => Values.TryGetValue(name, out double value) ? value : throw new KeyNotFoundException(
        $"Evaluation: there is no value '{name}'; there are {string.Join(", ", Values.Keys)}.");

    /// <summary>Samples a second.</summary>
    public double SamplesPerSecond => Samples / Math.Max(Duration.TotalSeconds, 1e-9);

    /// <summary>All values, and how many samples they are of: "loss 0.0421, accuracy 0.9871, of 10000 samples".</summary>
    public override string ToString() =>
        string.Join(", ", Values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.####}"))) +
        $", of {Samples} samples";
}
