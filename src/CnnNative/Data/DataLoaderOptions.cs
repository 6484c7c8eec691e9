// What a loader can be asked for. Plain values, so that they can stand in a recipe and be compared.

namespace CnnNative;

/// <summary>How a <see cref="DataLoader"/> makes batches.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Samples in a batch; at most as many as there are.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Whether each epoch has a random order of its own; otherwise the data set's. Not used with a
    /// <see cref="Sampler"/>, which decides the order itself.</summary>
    public bool Shuffle { get; init; }

    /// <summary>The seed of the order, the augmentation and the mixing.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether samples that do not fill a last batch are left out. Otherwise that batch is smaller.</summary>
    public bool DropLast { get; init; }

    /// <summary>Threads that read and augment in the background while an epoch is open; 0 to do it when a batch is asked
    /// for.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Batches that may be ready ahead of the one in use; there is memory for one more. At least 1.</summary>
    public int Prefetch { get; init; } = 3;

    /// <summary>What is done to the first input of each sample; nothing if null.</summary>
    public Augmentation? Augmentation { get; init; }

    /// <summary>What is done to each batch, such as <see cref="MixUp"/>; nothing if null.</summary>
    public BatchMixing? Mixing { get; init; }

    /// <summary>Which samples an epoch has, and in which order; null for each sample once.</summary>
    public ISampler? Sampler { get; init; }
}
