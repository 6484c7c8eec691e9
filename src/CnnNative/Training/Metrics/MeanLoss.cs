// The mean of a loss over samples: batches of different sizes count by their samples, as a mean over the whole set would.

namespace CnnNative;

/// <summary>The mean loss of all samples.</summary>
/// <remarks>A NaN loss makes the result NaN.</remarks>
public sealed class MeanLoss : IMetric
{
    private double _sum;
    private long _samples;

    /// <inheritdoc/>
    public string Name => "loss";

    /// <inheritdoc/>
    public double Result => _sum / _samples;

    /// <summary>Takes a batch.</summary>
    /// <param name="meanLoss">The mean loss of its samples.</param>
    /// <param name="samples">How many samples it has.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of samples is negative.</exception>
    public void Update(double meanLoss, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        if (samples == 0)
            return;
        _sum += meanLoss * samples;
        _samples += samples;
    }

    /// <inheritdoc/>
    public void Reset() => (_sum, _samples) = (0, 0);
}
