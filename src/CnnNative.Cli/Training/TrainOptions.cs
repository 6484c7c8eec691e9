// What `cnn train` was asked for. What is null has the value that suits network and data, which a recipe knows.

namespace CnnNative.Cli;

internal sealed record TrainOptions
{
    public required DataChoice Data { get; init; }

    public required ComputeChoice Compute { get; init; }

    /// <summary>How pictures become inputs, as far as it was said.</summary>
    public PictureChoice Picture { get; init; } = new();

    /// <summary>Whether a new last layer for the classes of the data takes the place of the model's.</summary>
    public bool ReplacesHead { get; init; }

    public string? Model { get; init; }

    public int? Epochs { get; init; }

    public int? Batch { get; init; }

    public required OptimizerOptions Optimizer { get; init; }

    public string? Schedule { get; init; }

    public double WarmUp { get; init; }

    public float LabelSmoothing { get; init; }

    public BatchMixing? Mixing { get; init; }

    public double? Average { get; init; }

    public double? Clip { get; init; }

    public string? Augment { get; init; }

    public bool ClassWeights { get; init; }

    public bool Balanced { get; init; }

    public ulong Seed { get; init; }

    public int Workers { get; init; } = 1;

    public double ValidationSplit { get; init; }

    public int? EarlyStopping { get; init; }

    public int Accumulate { get; init; } = 1;

    public long? MemoryBudget { get; init; }

    public IReadOnlyList<string> Freeze { get; init; } = [];

    public CheckpointOptions? Checkpoints { get; init; }

    public bool Resume { get; init; }

    public string? Out { get; init; }

    public string? Plots { get; init; }

    public string? History { get; init; }

    public string? TensorBoard { get; init; }

    public bool FindRate { get; init; }

    public bool Json { get; init; }
}
