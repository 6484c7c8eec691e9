// The gradients of normalisation by a sample's own statistics, in double precision: sums for each channel, the means of a group
// that follow from them, and an element-wise pass.

using System.Buffers;
using System.Numerics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedNormalizationGradient
{
    /// <summary>With xn = (input - mean) inverse and g = upstream, 0 where a ReLU was not positive: beta gets the sum of g, gamma
    /// that of g xn, and the input inverse (gamma g - mean(gamma g) - xn mean(gamma g xn)) with the means of its group. A
    /// result that is not wanted is empty. The input's gradient may be upstream.</summary>
    public static void Run(
        in NormShape shape, in NormArguments arguments, Span<float> inputGradient, Span<float> gammaGradient,
        Span<float> betaGradient)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(checked(Columns.Count * shape.Channels));
        var columns = new Columns(rented, in shape, in arguments);
        for (int sample = 0; sample < shape.Samples; sample++)
        {
            columns.Enter(sample);
            columns.AddUp();
            if (!inputGradient.IsEmpty)
                columns.WriteGradient(inputGradient.Slice(sample * shape.SampleLength, shape.SampleLength));
        }

        for (int c = 0; c < gammaGradient.Length; c++)
            gammaGradient[c] = (float)columns.GammaTotal[c];
        for (int c = 0; c < betaGradient.Length; c++)
            betaGradient[c] = (float)columns.BetaTotal[c];
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>A value of each kind for each channel.</summary>
    private ref struct Columns
    {
        public const int Count = 8;
        private readonly NormShape _shape;
        private readonly NormArguments _arguments;
        private readonly Span<double> _mean;
        private readonly Span<double> _inverse;
        private readonly Span<double> _gamma;
        private readonly Span<double> _beta;
        private readonly Span<double> _plain;
        private readonly Span<double> _product;
        private int _start;

        public Columns(double[] rented, in NormShape shape, in NormArguments arguments)
        {
            int channels = shape.Channels;
            _shape = shape;
            _arguments = arguments;
            _mean = rented.AsSpan(0, channels);
            _inverse = rented.AsSpan(channels, channels);
            _gamma = rented.AsSpan(2 * channels, channels);
            _beta = rented.AsSpan(3 * channels, channels);
            _plain = rented.AsSpan(4 * channels, channels);
            _product = rented.AsSpan(5 * channels, channels);
            GammaTotal = rented.AsSpan(6 * channels, channels);
            BetaTotal = rented.AsSpan(7 * channels, channels);
            GammaTotal.Clear();
            BetaTotal.Clear();
            for (int c = 0; c < channels; c++)
            {
                _gamma[c] = arguments.Gamma.IsEmpty ? 1 : arguments.Gamma[c];
                _beta[c] = arguments.Beta.IsEmpty ? 0 : arguments.Beta[c];
            }
        }

        public readonly Span<double> GammaTotal { get; }

        public readonly Span<double> BetaTotal { get; }

        /// <summary>Takes the statistics of a sample to its channels.</summary>
        public void Enter(int sample)
        {
            _start = sample * _shape.SampleLength;
            for (int group = 0; group < _shape.Groups; group++)
            {
                _mean.Slice(group * _shape.Depth, _shape.Depth).Fill(_arguments.Mean[sample * _shape.Groups + group]);
                _inverse.Slice(group * _shape.Depth, _shape.Depth).Fill(_arguments.Inverse[sample * _shape.Groups + group]);
            }
        }

        /// <summary>The sums of a sample into the totals, and the means of its groups.</summary>
        public readonly void AddUp()
        {
            _plain.Clear();
            _product.Clear();
            for (int start = _start; start < _start + _shape.SampleLength; start += _mean.Length)
            {
                int c = 0;
                for (; c <= _mean.Length - Vector<float>.Count; c += Vector<float>.Count)
                {
                    Load(start + c, out (Vector<double> Input, Vector<double> Upstream) low, out var high);
                    AddProducts(c, low.Input, low.Upstream);
                    AddProducts(c + Vector<double>.Count, high.Input, high.Upstream);
                }

                for (; c < _mean.Length; c++)
                {
                    (double normal, double gradient) = At(start, c);
                    _plain[c] += gradient;
                    _product[c] += gradient * normal;
                }
            }

            for (int c = 0; c < _mean.Length; c++)
            {
                BetaTotal[c] += _plain[c];
                GammaTotal[c] += _product[c];
                _plain[c] *= _gamma[c];
                _product[c] *= _gamma[c];
            }

            _shape.AverageGroups(_plain);
            _shape.AverageGroups(_product);
        }

        /// <summary>The gradient of a sample's elements.</summary>
        public readonly void WriteGradient(Span<float> target)
        {
            for (int start = 0; start < target.Length; start += _mean.Length)
            {
                int c = 0;
                for (; c <= _mean.Length - Vector<float>.Count; c += Vector<float>.Count)
                {
                    Load(_start + start + c, out (Vector<double> Input, Vector<double> Upstream) low, out var high);
                    Vector<double> first = Gradient(c, low.Input, low.Upstream);
                    Vector<double> second = Gradient(c + Vector<double>.Count, high.Input, high.Upstream);
                    Vector.Narrow(first, second).CopyTo(target[(start + c)..]);
                }

                for (; c < _mean.Length; c++)
                {
                    (double normal, double gradient) = At(_start + start, c);
                    target[start + c] = (float)(_inverse[c] * (_gamma[c] * gradient - _plain[c] - normal * _product[c]));
                }
            }
        }

        private readonly void Load(
            int position, out (Vector<double> Input, Vector<double> Upstream) low,
            out (Vector<double> Input, Vector<double> Upstream) high)
        {
            Vector.Widen(new Vector<float>(_arguments.Input[position..]), out low.Input, out high.Input);
            Vector.Widen(new Vector<float>(_arguments.Upstream[position..]), out low.Upstream, out high.Upstream);
        }

        private readonly void AddProducts(int channel, Vector<double> input, Vector<double> upstream)
        {
            (Vector<double> normal, Vector<double> gradient) = At(channel, input, upstream);
            Span<double> plain = _plain[channel..], product = _product[channel..];
            (new Vector<double>(plain) + gradient).CopyTo(plain);
            (new Vector<double>(product) + gradient * normal).CopyTo(product);
        }

        private readonly Vector<double> Gradient(int channel, Vector<double> input, Vector<double> upstream)
        {
            (Vector<double> normal, Vector<double> gradient) = At(channel, input, upstream);
            Vector<double> weighted = new Vector<double>(_gamma[channel..]) * gradient - new Vector<double>(_plain[channel..]);
            return new Vector<double>(_inverse[channel..]) * (weighted - normal * new Vector<double>(_product[channel..]));
        }

        /// <summary>The normalised input, and the gradient of the result before a ReLU, of some channels.</summary>
        private readonly (Vector<double> Normal, Vector<double> Gradient) At(
            int channel, Vector<double> input, Vector<double> upstream)
        {
            Vector<double> normal = (input - new Vector<double>(_mean[channel..])) * new Vector<double>(_inverse[channel..]);
            if (!_shape.Relu)
                return (normal, upstream);

            Vector<double> result = normal * new Vector<double>(_gamma[channel..]) + new Vector<double>(_beta[channel..]);
            Vector<long> passes = Vector.GreaterThan(result, Vector<double>.Zero);
            return (normal, Vector.ConditionalSelect(passes, upstream, Vector<double>.Zero));
        }

        /// <summary>The same of one channel.</summary>
        private readonly (double Normal, double Gradient) At(int start, int channel)
        {
            double normal = (_arguments.Input[start + channel] - _mean[channel]) * _inverse[channel];
            bool passes = !_shape.Relu || normal * _gamma[channel] + _beta[channel] > 0;
            return (normal, passes ? _arguments.Upstream[start + channel] : 0);
        }
    }
}
