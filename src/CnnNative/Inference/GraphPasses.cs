// What a model runs through before it is compiled, so that each step can be switched off where one is looked for that goes wrong,
// or that should be understood.

namespace CnnNative;

/// <summary>The passes over a graph before it runs without gradients. Each keeps the results but for rounding.</summary>
[Flags]
public enum GraphPasses
{
    /// <summary>The graph runs as it is.</summary>
    None = 0,

    /// <summary>What depends on parameters alone is computed once.</summary>
    FoldConstants = 1,

    /// <summary>Nodes that change nothing in inference are left out, such as dropout.</summary>
    RemoveIdentities = 1 << 1,

    /// <summary>Activations that exporters write as several operators become one: GELU, SiLU, hard swish, Mish.</summary>
    RecognizeActivations = 1 << 2,

    /// <summary>Layer normalisations that exporters write as several operators become one.</summary>
    RecognizeNormalizations = 1 << 3,

    /// <summary>Transposes that follow one another become one, or none.</summary>
    MergeTransposes = 1 << 4,

    /// <summary>Views in another shape move behind element-wise operators, which can then be fused with what is before.</summary>
    MoveReshapes = 1 << 5,

    /// <summary>Batch normalisations become part of the weights before them.</summary>
    FoldBatchNorms = 1 << 6,

    /// <summary>Products with constants and sums with them become part of the weights before them.</summary>
    FoldScales = 1 << 7,

    /// <summary>Activations become part of the operator before them.</summary>
    FuseActivations = 1 << 8,

    /// <summary>Sums of two branches become part of the convolution before them.</summary>
    FuseResiduals = 1 << 9,

    /// <summary>Convolutions write straight into concatenations.</summary>
    PlaceConcatenations = 1 << 10,

    /// <summary>Operators that can write where they read do so.</summary>
    RunInPlace = 1 << 11,

    /// <summary>Zeros around pictures become the padding of the convolution or average pooling behind them.</summary>
    FusePads = 1 << 12,

    /// <summary>All passes, which is the default.</summary>
    All = (1 << 13) - 1,
}
