// A line of a summary: what one layer is and costs, for one sample.

namespace CnnNative;

/// <summary>A layer of a <see cref="ModelSummary"/>.</summary>
public sealed record SummaryRow
{
    /// <summary>The name of the node.</summary>
    public required string Name { get; init; }

    /// <summary>What it computes, such as "Conv2d"; of an activation, which one.</summary>
    public required string Kind { get; init; }

    /// <summary>The names of what it reads: inputs of the model, and other layers.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>The shape of its first output for one sample, without the batch.</summary>
    public required Shape OutputShape { get; init; }

    /// <summary>Elements of its weights and biases; those that it shares with an earlier layer are counted there.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiplications that are followed by an addition, as the definition counts them.</summary>
    public required long MultiplyAccumulates { get; init; }

    /// <summary>Bytes of its outputs; 0 where they are the input in another shape.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Height and width of the part of the input that an element of the output can see through windows, which may be
    /// larger than the input because of padding; null where it sees all of it, and where there are no pictures.</summary>
    public required Size2d? ReceptiveField { get; init; }
}
