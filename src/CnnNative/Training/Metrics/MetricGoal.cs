// Which way a metric gets better, and by how much it has to: shared by what watches a metric from epoch to epoch.

namespace CnnNative;

/// <summary>Which way a metric gets better.</summary>
public enum MetricGoal
{
    /// <summary>Lower is better, as with a loss.</summary>
    Minimize = 0,

    /// <summary>Higher is better, as with an accuracy.</summary>
    Maximize = 1,
}
