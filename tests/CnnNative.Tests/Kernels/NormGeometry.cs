// What the tests of normalisation share: one name for batch, group and layer normalisation, so that a test serves all of them,
// and everything that a set of kernels makes of them.

using CnnNative.Kernels;

namespace CnnNative.Tests.Kernels;

/// <summary>One of three geometries, as samples x pixels x channels with groups.</summary>
internal readonly record struct NormGeometry(string Kind, int Samples, int Pixels, int Channels, int Groups, bool Relu = false)
{
    public const float Epsilon = 1e-5f;

    public const float Momentum = 0.25f;

    public Shape Input => (Samples, Pixels, Channels);

    public Shape Parameters => Channels;

    public Shape Statistics => Samples * Groups;

    private BatchNormGeometry AsBatch => new(Pixels, Channels, Epsilon, Momentum, Relu);

    private GroupNormGeometry AsGroup => new(Samples, Pixels, Channels, Groups, Epsilon, Relu);

    private LayerNormGeometry AsLayer => new(Samples, Channels, Epsilon);

    public static NormGeometry Batch(int rows, int channels, bool relu = false) =>
        new("batch", 1, rows, channels, channels, relu);

    public static NormGeometry Group(int batch, int pixels, int channels, int groups, bool relu = false) =>
        new("group", batch, pixels, channels, groups, relu);

    public static NormGeometry Layer(int rows, int length) => new("layer", rows, 1, length, 1);

    public void Forward(
        IKernels kernels, in NormParameters parameters, in RunningStatistics running, Tensor input, Tensor output,
        in NormStatistics saved)
    {
        switch (Kind)
        {
            case "batch":
                kernels.BatchNormTrain(AsBatch, in parameters, in running, input, output, in saved);
                break;
            case "group":
                kernels.GroupNorm(AsGroup, in parameters, input, output, in saved);
                break;
            default:
                kernels.LayerNorm(AsLayer, in parameters, input, output, in saved);
                break;
        }
    }

    public void Backward(
        IKernels kernels, in NormParameters parameters, in NormStatistics saved, Tensor input, Tensor upstream,
        in NormGradients gradients)
    {
        switch (Kind)
        {
            case "batch":
                kernels.BatchNormBackward(AsBatch, in parameters, in saved, input, upstream, in gradients);
                break;
            case "group":
                kernels.GroupNormBackward(AsGroup, in parameters, in saved, input, upstream, in gradients);
                break;
            default:
                kernels.LayerNormBackward(AsLayer, in parameters, in saved, input, upstream, in gradients);
                break;
        }
    }
}

/// <summary>Room for all that a normalisation gives.</summary>
internal sealed class NormResults(NormGeometry geometry) : IDisposable
{
    public Tensor Output { get; } = KernelPair.Unwritten(geometry.Input);

    public Tensor Mean { get; } = KernelPair.Unwritten(geometry.Statistics);

    public Tensor Inverse { get; } = KernelPair.Unwritten(geometry.Statistics);

    public Tensor RunningMean { get; } = KernelPair.Values(geometry.Parameters, 7);

    public Tensor RunningVariance { get; } = KernelPair.Values(geometry.Parameters, 8);

    public Tensor InputGradient { get; } = KernelPair.Unwritten(geometry.Input);

    public Tensor GammaGradient { get; } = KernelPair.Unwritten(geometry.Parameters);

    public Tensor BetaGradient { get; } = KernelPair.Unwritten(geometry.Parameters);

    public NormStatistics Statistics => new(Mean, Inverse);

    public RunningStatistics Running => new(RunningMean, RunningVariance);

    public NormGradients Gradients => new(InputGradient, GammaGradient, BetaGradient);

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])
            [Output, Mean, Inverse, RunningMean, RunningVariance, InputGradient, GammaGradient, BetaGradient])
        {
            tensor.Dispose();
        }
    }
}
