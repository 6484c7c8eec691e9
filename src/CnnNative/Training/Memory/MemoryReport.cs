// What a training will take, known before it runs. Everything in it comes from the plan that the run then follows.

using System.Globalization;
using System.Text;

namespace CnnNative;

/// <summary>The memory of a training, in bytes.</summary>
public sealed record MemoryReport
{
    /// <summary>Samples in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Weights, biases and running statistics.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gradients of weights and biases.</summary>
    public required long Gradients { get; init; }

    /// <summary>What the optimiser remembers.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>The average of the weights; 0 where none is kept.</summary>
    public required long Average { get; init; }

    /// <summary>The one block in which results of layers, their gradients and intermediate results lie.</summary>
    public required long Workspace { get; init; }

    /// <summary>What the block would be with every result in a place of its own: what sharing saves.</summary>
    public required long WorkspaceUnshared { get; init; }

    /// <summary>Batches that are read ahead; 0 where the report is of a trainer without data.</summary>
    public long Batches { get; init; }

    /// <summary>Which results are computed again: "none", "cheap layers", or "7 segments".</summary>
    public required string Recomputation { get; init; }

    /// <summary>Layers that run forwards a second time.</summary>
    public required int RecomputedLayers { get; init; }

    /// <summary>The sum. Kernels take some scratch memory besides, a small part of it.</summary>
    public long Total => Parameters + Gradients + OptimizerState + Average + Workspace + Batches;

    /// <summary>A table of the parts in megabytes of 2^20 bytes.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"Memory of a training with batches of {BatchSize}, MB\n");
        Line("parameters", Parameters);
        Line("gradients", Gradients);
        Line("optimiser", OptimizerState);
        Line("averaged weights", Average);
        Line("layers' results", Workspace);
        Line("batches ahead", Batches);
        Line("total", Total);
        text.Append(CultureInfo.InvariantCulture, $"  computed again     {Recomputation}");
        if (RecomputedLayers > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({RecomputedLayers} layers)");
        }

        return text.ToString();

        void Line(string name, long bytes) =>
            text.Append(CultureInfo.InvariantCulture, $"  {name,-16} {InMegabytes(bytes),10}\n");
    }

    internal static string InMegabytes(long bytes) => (bytes / (double)(1 << 20)).ToString("F1", CultureInfo.InvariantCulture);
}
