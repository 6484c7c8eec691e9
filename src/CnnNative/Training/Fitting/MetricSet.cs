// Which metrics are gathered, and of which output.

using System.Collections;

namespace CnnNative;

/// <summary>A metric of an output.</summary>
/// <param name="Output">The output's name; null for the first one.</param>
/// <param name="Metric">The metric.</param>
public sealed record OutputMetric(string? Output, IMetric Metric)
{
    /// <summary>What the value is called: the metric's name, with the output's before it where it was given.</summary>
    public string Name => Output is null ? Metric.Name : $"{Output}/{Metric.Name}";
}

/// <summary>Metrics to gather: <c>new MetricSet { new Accuracy(10), { "box", new MeanAbsoluteError() } }</c>.</summary>
/// <remarks>The metrics are used one evaluation at a time, and keep the values of the last one.</remarks>
public sealed class MetricSet : IEnumerable<OutputMetric>
{
    private readonly List<OutputMetric> _metrics = [];

    /// <summary>The number of metrics.</summary>
    public int Count => _metrics.Count;

    /// <summary>A metric by its place.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public OutputMetric this[int index] => _metrics[index];

    /// <summary>Adds a metric of the first output.</summary>
    /// <param name="metric">A metric of classes or of values.</param>
    /// <exception cref="ArgumentException">It is of another kind, or there is one of that name.</exception>
    public void Add(IMetric metric) => Add(new OutputMetric(null, metric));

    /// <summary>Adds a metric of an output.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="metric">A metric of classes or of values.</param>
    /// <exception cref="ArgumentException">It is of another kind, or there is one of that name.</exception>
    public void Add(string output, IMetric metric)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        Add(new OutputMetric(output, metric));
    }

    /// <summary>The metrics in their order.</summary>
    public IEnumerator<OutputMetric> GetEnumerator() => _metrics.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(OutputMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric.Metric);
        if (metric.Metric is not (IClassMetric or IValueMetric))
        {
            throw new ArgumentException(
                $"MetricSet: '{metric.Name}' is a {metric.Metric.GetType().Name}, expected a metric of classes or of values.");
        }

        if (metric.Name == "loss" || _metrics.Exists(known => known.Name == metric.Name))
        {
            throw new ArgumentException(
                $"MetricSet: there is a metric '{metric.Name}' already, expected a name of its own for each.");
        }

        _metrics.Add(metric);
    }
}
