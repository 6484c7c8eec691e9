// One line of a line figure.

namespace CnnNative.Imaging;

/// <summary>A named line of points. Immutable; the numbers are copied.</summary>
public sealed class Series
{
    /// <summary>Makes a line.</summary>
    /// <param name="name">The name, for the legend.</param>
    /// <param name="y">The values.</param>
    /// <param name="x">The positions, as many as values; 0, 1, 2 and so on if null.</param>
    /// <exception cref="ArgumentException">There are not as many positions as values.</exception>
    public Series(string name, IEnumerable<double> y, IEnumerable<double>? x = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(y);
        Name = name;
        Y = [.. y];
        X = x is null ? [.. Enumerable.Range(0, Y.Count).Select(i => (double)i)] : [.. x];
        if (X.Count != Y.Count)
        {
            throw new ArgumentException($"Series '{name}': {X.Count} positions and {Y.Count} values, expected as many.", nameof(x));
        }
    }

    /// <summary>The name, for the legend.</summary>
    public string Name { get; }

    /// <summary>The positions.</summary>
    public IReadOnlyList<double> X { get; }

    /// <summary>The values.</summary>
    public IReadOnlyList<double> Y { get; }
}
