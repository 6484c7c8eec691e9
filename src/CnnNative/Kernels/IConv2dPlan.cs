// A convolution that is prepared once and run many times: checked, its algorithm chosen, its weights packed. Layers of a
// network keep one for each direction.

namespace CnnNative.Kernels;

/// <summary>How a convolution is computed; all ways give the same result up to rounding. The managed kernels have one way and
/// ignore this.</summary>
internal enum Conv2dAlgorithm
{
    /// <summary>What a cost model expects to be fastest.</summary>
    Auto = 0,

    /// <summary>A matrix product; fits every convolution.</summary>
    ImplicitGemm = 1,

    /// <summary>Each channel alone; for as many groups as input and output channels.</summary>
    Depthwise = 2,

    /// <summary>Winograd's F(4x4, 3x3): fastest and least exact; for 3x3 windows with stride 1, dilation 1 and one group.</summary>
    Winograd4x4 = 3,

    /// <summary>Winograd's F(2x2, 3x3).</summary>
    Winograd2x2 = 4,

    /// <summary>Products of pixels with filters, added to where they belong; for transposed convolutions.</summary>
    Scatter = 5,

    /// <summary>Vectors of neighbouring pixels; for one group, up to 32 output channels and a horizontal stride of 1.</summary>
    Planes = 6,

    /// <summary>Vectors of several groups; for groups of as many input as output channels that divide a vector, and filters of
    /// three columns.</summary>
    Grouped = 7,
}

/// <summary>What a convolution may do besides its sums. The default asks for nothing.</summary>
/// <param name="OutputStride">Elements from one pixel of the output to the next; 0 for as many as it has channels. With more,
/// the output is some of the channels of a wider tensor, and concatenation costs nothing.</param>
/// <param name="ResidualStride">The same for the residual.</param>
/// <param name="Algorithm">Forces an algorithm.</param>
internal readonly record struct Conv2dOptions(
    int OutputStride = 0, int ResidualStride = 0, Conv2dAlgorithm Algorithm = Conv2dAlgorithm.Auto);

/// <summary>What a plan turned out to be.</summary>
/// <param name="Algorithm">The algorithm and its tile, such as "implicit-gemm 6x16 avx2".</param>
/// <param name="PackedBytes">Memory for the packed weights.</param>
/// <param name="WorkspaceBytes">Memory that a run works in.</param>
/// <param name="MultiplyAccumulates">Multiplications of one run, as the direct sum counts them.</param>
internal readonly record struct Conv2dPlanDescription(
    string Algorithm, long PackedBytes, long WorkspaceBytes, long MultiplyAccumulates);

/// <summary>A convolution or a transposed convolution that is ready to run. Running it from several threads at once is safe;
/// packing is not safe beside anything else. Nothing but the first call of each method allocates.</summary>
internal interface IConv2dPlan : IDisposable
{
    /// <summary>What the plan is.</summary>
    Conv2dPlanDescription Describe();

    /// <summary>Takes over weights (output channels x height x width x input channels of a group, for a transposed convolution
    /// those of the convolution that leads back) and bias (one value for each channel that the plan puts out; null: zeros).
    /// They may change or go afterwards; the plan does not see it before the next call.</summary>
    void Pack(Tensor weights, Tensor? bias);

    /// <summary>output = activation(convolution of input + bias + residual). The residual may be the output itself when both
    /// have the same stride, which adds to what is there.</summary>
    void Run(Tensor input, Tensor? residual, Tensor output);

    /// <summary>The gradients by the weights and by the bias (null: not wanted), written, or with
    /// <paramref name="accumulate"/> added to what is there. Packed weights are not needed.</summary>
    /// <param name="input">What the plan's run read.</param>
    /// <param name="outputGradient">The gradient of what it wrote, before the activation; dense.</param>
    /// <param name="accumulate">Whether to add.</param>
    /// <param name="weightsGradient">In the order of the weights.</param>
    /// <param name="biasGradient">One value for each channel of <paramref name="outputGradient"/>.</param>
    void BackwardWeights(
        Tensor input, Tensor outputGradient, bool accumulate, Tensor weightsGradient, Tensor? biasGradient);
}
