// A prepared convolution in C#. There is little to prepare: it keeps a copy of the weights, so that it behaves as the native
// plan does when they change.

using System.Buffers;
using System.Diagnostics;
using CnnNative.Kernels.Managed;

namespace CnnNative.Kernels;

internal sealed class ManagedConv2dPlan(
    in Conv2dGeometry geometry, Activation activation, in Conv2dOptions options, bool transposed) : IConv2dPlan
{
    private readonly Conv2dGeometry _geometry = geometry;
    private readonly Conv2dOptions _options = options;
    private float[]? _weights;
    private float[] _bias = [];
    private bool _hasBias;

    private int OutputPixels => transposed ? _geometry.InputPixels : _geometry.OutputPixels;

    private int OutputChannels => transposed ? _geometry.InputChannels : _geometry.OutputChannels;

    public Conv2dPlanDescription Describe() =>
        new("managed", (long)_geometry.WeightsLength * sizeof(float), 0, (long)_geometry.OutputPixels * _geometry.WeightsLength);

    public void Pack(Tensor weights, Tensor? bias)
    {
        _weights ??= new float[_geometry.WeightsLength];
        weights.CopyTo(_weights);
        _hasBias = bias is not null;
        if (bias is not null)
        {
            _bias = _bias.Length == 0 ? new float[OutputChannels] : _bias;
            bias.CopyTo(_bias);
        }
    }

    public void Run(Tensor input, Tensor? residual, Tensor output)
    {
        if (_weights is null)
        {
            throw new InvalidOperationException("The convolution has no weights; call Pack first.");
        }

        Run(_weights, _hasBias ? _bias : [], input, residual, output);
    }

    /// <summary>Runs with the caller's weights.</summary>
    public void Run(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Tensor input, Tensor? residual, Tensor output)
    {
        using TensorAccess source = input.Access();
        using TensorAccess target = output.Access();
        int outputStride = _options.OutputStride == 0 ? OutputChannels : _options.OutputStride;
        if (residual is null && outputStride == OutputChannels)
        {
            Sums(source.Values, weights, bias, target.Values);
            ManagedActivation.Run(activation, target.Values, target.Values);
            return;
        }

        int count = OutputPixels * OutputChannels;
        float[] dense = ArrayPool<float>.Shared.Rent(count);
        Sums(source.Values, weights, bias, dense.AsSpan(0, count));
        using TensorAccess addend = residual is null ? default : residual.Access();
        Spread(dense, addend.Values, target.Values, outputStride);
        ArrayPool<float>.Shared.Return(dense);
    }

    public void BackwardWeights(
        Tensor input, Tensor outputGradient, bool accumulate, Tensor weightsGradient, Tensor? biasGradient)
    {
        using TensorAccess read = input.Access();
        using TensorAccess gradient = outputGradient.Access();
        using TensorAccess weights = weightsGradient.Access();
        ReadOnlySpan<float> convolutionInput = transposed ? gradient.Values : read.Values;
        ReadOnlySpan<float> convolutionGradient = transposed ? read.Values : gradient.Values;
        ConvolutionGradient.Weights(in _geometry, convolutionInput, convolutionGradient, accumulate, weights.Values);
        if (biasGradient is not null)
        {
            using TensorAccess bias = biasGradient.Access();
            ConvolutionGradient.Bias(gradient.Values, accumulate, bias.Values);
        }
    }

    public void Dispose()
    {
    }

    private void Sums(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output)
    {
        Debug.Assert(output.Length == OutputPixels * OutputChannels, "a dense output has exactly its elements");
        if (transposed)
            ConvolutionGradient.Data(in _geometry, input, weights, bias, output);
        else
            ManagedConvolution.Run(in _geometry, input, weights, bias, Activation.None, output);
    }

    /// <summary>Adds the residual and applies the activation, pixel by pixel, into a tensor whose pixels may lie apart.</summary>
    private void Spread(ReadOnlySpan<float> dense, ReadOnlySpan<float> residual, Span<float> output, int outputStride)
    {
        int channels = OutputChannels;
        int residualStride = _options.ResidualStride == 0 ? channels : _options.ResidualStride;
        for (int pixel = 0; pixel < OutputPixels; pixel++)
        {
            ReadOnlySpan<float> sums = dense.Slice(pixel * channels, channels);
            Span<float> target = output.Slice(pixel * outputStride, channels);
            if (residual.IsEmpty)
                ManagedActivation.Run(activation, sums, target);
            else
                ManagedElementwise.Add(sums, residual.Slice(pixel * residualStride, channels), activation, target);
        }
    }
}
