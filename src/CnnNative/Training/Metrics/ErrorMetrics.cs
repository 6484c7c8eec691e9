// Metrics of regression: how far predictions are from their targets. Sums are in double precision, over all elements.

namespace CnnNative;

/// <summary>The mean of |prediction - target| over all elements. A NaN prediction makes it NaN.</summary>
public sealed class MeanAbsoluteError : IValueMetric
{
    private double _sum;
    private long _count;

    /// <inheritdoc/>
    public string Name => "mae";

    /// <inheritdoc/>
    public double Result => _sum / _count;

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        MetricArguments.CheckValues(Name, 1, predictions, targets);
        for (int i = 0; i < targets.Length; i++)
            _sum += Math.Abs((double)predictions[i] - targets[i]);
        _count += targets.Length;
    }

    /// <inheritdoc/>
    public void Reset() => (_sum, _count) = (0, 0);
}

/// <summary>The root of the mean of (prediction - target)^2 over all elements. A NaN prediction makes it NaN.</summary>
public sealed class RootMeanSquaredError : IValueMetric
{
    private double _sum;
    private long _count;

    /// <inheritdoc/>
    public string Name => "rmse";

    /// <inheritdoc/>
    public double Result => Math.Sqrt(_sum / _count);

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        MetricArguments.CheckValues(Name, 1, predictions, targets);
        for (int i = 0; i < targets.Length; i++)
        {
            double error = (double)predictions[i] - targets[i];
            _sum += error * error;
        }

        _count += targets.Length;
    }

    /// <inheritdoc/>
    public void Reset() => (_sum, _count) = (0, 0);
}

/// <summary>The coefficient of determination: 1 - sum (prediction - target)^2 / sum (target - mean target)^2, 1 at best and 0 for
/// predicting the mean; with several outputs, the mean of theirs.</summary>
/// <remarks>An output whose targets are all the same counts 1 if it is predicted exactly and 0 otherwise, as in scikit-learn.
/// With fewer than two rows the result is NaN, and so it is with a NaN prediction.</remarks>
/// <param name="outputs">How many outputs a row has.</param>
/// <exception cref="ArgumentOutOfRangeException">There is less than one output.</exception>
public sealed class R2Score(int outputs = 1) : IValueMetric
{
    private readonly Sums[] _sums = new Sums[MetricArguments.CheckCount(outputs, 1, nameof(outputs))];
    private long _rows;

    /// <inheritdoc/>
    public string Name => "r2";

    /// <inheritdoc/>
    public double Result
    {
        get
        {
            double total = 0;
            foreach (Sums sums in _sums)
                total += sums.Score;
            return _rows < 2 ? double.NaN : total / _sums.Length;
        }
    }

    /// <inheritdoc/>
    public void Update(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets)
    {
        MetricArguments.CheckValues(Name, _sums.Length, predictions, targets);
        for (int i = 0; i < targets.Length;)
        {
            _rows++;
            for (int output = 0; output < _sums.Length; output++, i++)
                _sums[output].Add(_rows, predictions[i], targets[i]);
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        Array.Clear(_sums);
        _rows = 0;
    }

    /// <summary>The mean of targets is not known before the last one, so it is followed (Welford 1962).</summary>
    private record struct Sums(double Residual, double Mean, double Spread)
    {
        public readonly double Score => Spread > 0 ? 1 - Residual / Spread : Residual > 0 ? 0 : Residual == 0 ? 1 : double.NaN;

        public void Add(long row, double prediction, double target)
        {
            double error = prediction - target, step = target - Mean;
            Residual += error * error;
            Mean += step / row;
            Spread += step * (target - Mean);
        }
    }
}
