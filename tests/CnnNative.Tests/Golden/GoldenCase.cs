// One case of operators.json as it stands in the file: what goes into an operator, and what PyTorch says comes out.

namespace CnnNative.Tests.Golden;

/// <summary>A tensor of a case: its shape, and its values or the seed that they are computed from.</summary>
internal sealed record GoldenTensor(int[] Shape, uint Seed, float[]? Values)
{
    public int Count => Shape.Aggregate(1, (count, size) => count * size);

    public float[] ToArray() => Values ?? HashedValues.Create(Count, Seed);
}

/// <summary>The options of a case; what an operator does not have keeps its default. Pairs are vertical, horizontal; padding
/// is top, left, bottom, right, and already resolved when the mode says how it was found.</summary>
internal sealed record GoldenOptions
{
    public int[] Window { get; init; } = [1, 1];

    public int[] Stride { get; init; } = [1, 1];

    public int[] Dilation { get; init; } = [1, 1];

    /// <summary>"explicit", "same" or "same_lower".</summary>
    public string PaddingMode { get; init; } = "explicit";

    public int[] Padding { get; init; } = [0, 0, 0, 0];

    public int Groups { get; init; } = 1;

    public bool CeilMode { get; init; }

    public bool CountIncludePad { get; init; }

    public ActivationKind Activation { get; init; }

    public float Alpha { get; init; }

    public Activation ToActivation() => new(Activation, Alpha);
}

/// <summary>A case. Inputs are input, weights and bias for "conv2d" and "linear" (no bias: two inputs), the terms for "add", the
/// parts for "concat" (along the channels), and one tensor for every other kind.</summary>
internal sealed record GoldenCase(string Name, string Kind, GoldenOptions Options, GoldenTensor[] Inputs, GoldenTensor Expected);
