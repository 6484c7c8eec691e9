// A prepared convolution in C#: a copy of the weights in the order that its loop reads, so that it behaves as the native plan
// does when they change, and sums in double precision, so that it can be the oracle of that plan.

using System.Buffers;
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
        new(
            "managed float64", (long)_geometry.WeightsLength * sizeof(float), 0,
            (long)_geometry.OutputPixels * _geometry.WeightsLength);

    public void Pack(Tensor weights, Tensor? bias)
    {
        _weights ??= new float[_geometry.WeightsLength];
        using TensorAccess source = weights.Access();
        ConvolutionSums.Pack(in _geometry, transposed, source.Values, _weights);
        _hasBias = bias is not null;
        if (bias is not null)
        {
            _bias = _bias.Length == 0 ? new float[OutputChannels] : _bias;
            bias.CopyTo(_bias);
        }
    }

    public void Run(Tensor input, Tensor? residual, Tensor output)
    {
        float[] weights = _weights ?? throw new InvalidOperationException("The convolution has no weights; call Pack first.");
        using TensorAccess source = input.Access();
        using TensorAccess addend = residual is null ? default : residual.Access();
        using TensorAccess target = output.Access();
        int channels = OutputChannels;
        int outputStride = _options.OutputStride == 0 ? channels : _options.OutputStride;
        int residualStride = _options.ResidualStride == 0 ? channels : _options.ResidualStride;
        double[] rented = ArrayPool<double>.Shared.Rent(channels);
        Span<double> sums = rented.AsSpan(0, channels);
        for (int pixel = 0; pixel < OutputPixels; pixel++)
        {
            sums.Clear();
            if (transposed)
                ConvolutionSums.GatherTransposed(in _geometry, pixel, source.Values, weights, sums);
            else
                ConvolutionSums.Gather(in _geometry, pixel, source.Values, weights, sums);

            if (_hasBias)
                DoubleSums.Add(sums, _bias);
            if (residual is not null)
                DoubleSums.Add(sums, addend.Values.Slice(pixel * residualStride, channels));

            Span<float> result = target.Values.Slice(pixel * outputStride, channels);
            DoubleRow.Store(sums, accumulate: false, result);
            ManagedActivation.Run(activation, result, result);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    public void BackwardWeights(
        Tensor input, Tensor outputGradient, bool accumulate, Tensor weightsGradient, Tensor? biasGradient)
    {
        using TensorAccess read = input.Access();
        using TensorAccess gradient = outputGradient.Access();
        using TensorAccess weights = weightsGradient.Access();

        // A transposed convolution reads what its convolution writes, and the other way round.
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
}
