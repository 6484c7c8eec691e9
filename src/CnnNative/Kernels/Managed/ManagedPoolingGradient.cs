// Gradients of pooling: what flows into a window is scattered over the pixels it came from, for some channels of an image at a
// time, so that the sums in double precision stay small enough for a cache.

using System.Buffers;

namespace CnnNative.Kernels.Managed;

internal static class ManagedPoolingGradient
{
    private const int MostChannels = 16;
    private const int SumsInCache = 32768;

    /// <summary>Adds up each element of upstream where its maximum was: at its position, or where that is found again in the
    /// input if there are no positions. Positions outside the plane are skipped.</summary>
    public static void Max(
        in PoolShape shape, ReadOnlySpan<float> input, ReadOnlySpan<int> positions, ReadOnlySpan<float> upstream,
        Span<float> gradient)
    {
        Span<int> found = stackalloc int[MostChannels];
        Span<float> maxima = stackalloc float[MostChannels];
        var blocks = new Blocks(in shape);
        double[] rented = ArrayPool<double>.Shared.Rent(blocks.SumCount);
        for (int block = 0; block < blocks.Count; block++)
        {
            (int image, int first, int count) = blocks.At(block);
            Span<double> sums = rented.AsSpan(0, shape.Plane * count);
            ReadOnlySpan<float> picture = positions.IsEmpty ? input[(image * shape.Plane * shape.Channels)..] : default;
            sums.Clear();
            for (int window = 0; window < shape.OutputHeight * shape.OutputWidth; window++)
            {
                int at = (image * shape.OutputHeight * shape.OutputWidth + window) * shape.Channels + first;
                ReadOnlySpan<int> targets = found[..count];
                if (positions.IsEmpty)
                {
                    (int outputY, int outputX) = Math.DivRem(window, shape.OutputWidth);
                    PoolTaps vertical = shape.Vertical.At(outputY), horizontal = shape.Horizontal.At(outputX);
                    ManagedPooling.FindMaxima(
                        in shape, picture, in vertical, in horizontal, first, maxima[..count], found[..count]);
                }
                else
                {
                    targets = positions.Slice(at, count);
                }

                for (int c = 0; c < count; c++)
                {
                    if ((uint)targets[c] < (uint)shape.Plane)
                        sums[targets[c] * count + c] += upstream[at + c];
                }
            }

            blocks.Store(block, sums, gradient);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Adds upstream, divided by what its window counts, to each pixel of the window.</summary>
    public static void Average(in PoolShape shape, ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        Span<double> shares = stackalloc double[MostChannels];
        var blocks = new Blocks(in shape);
        double[] rented = ArrayPool<double>.Shared.Rent(blocks.SumCount);
        for (int block = 0; block < blocks.Count; block++)
        {
            (int image, int first, int count) = blocks.At(block);
            Span<double> sums = rented.AsSpan(0, shape.Plane * count);
            sums.Clear();
            for (int window = 0; window < shape.OutputHeight * shape.OutputWidth; window++)
            {
                (int outputY, int outputX) = Math.DivRem(window, shape.OutputWidth);
                PoolTaps vertical = shape.Vertical.At(outputY), horizontal = shape.Horizontal.At(outputX);
                int at = (image * shape.OutputHeight * shape.OutputWidth + window) * shape.Channels + first;
                for (int c = 0; c < count; c++)
                    shares[c] = upstream[at + c] / ((double)vertical.Divisor * horizontal.Divisor);
                for (int tap = 0; tap < vertical.Count * horizontal.Count; tap++)
                {
                    int target = ManagedPooling.Position(in shape, in vertical, in horizontal, tap) * count;
                    for (int c = 0; c < count; c++)
                        sums[target + c] += shares[c];
                }
            }

            blocks.Store(block, sums, gradient);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>upstream divided by the pixels of an image, for each of them.</summary>
    public static void GlobalAverage(int batch, int channels, ReadOnlySpan<float> upstream, Span<float> gradient)
    {
        int pixels = gradient.Length / batch / channels;
        for (int image = 0; image < batch; image++)
        {
            ReadOnlySpan<float> row = upstream.Slice(image * channels, channels);
            Span<float> first = gradient.Slice(image * pixels * channels, channels);
            for (int c = 0; c < channels; c++)
                first[c] = (float)((double)row[c] / pixels);
            for (int pixel = 1; pixel < pixels; pixel++)
                first.CopyTo(gradient.Slice((image * pixels + pixel) * channels, channels));
        }
    }

    /// <summary>The images and channels of a tensor, some channels of one image at a time.</summary>
    private readonly ref struct Blocks
    {
        private readonly PoolShape _shape;
        private readonly int _channels;
        private readonly int _perImage;

        public Blocks(in PoolShape shape)
        {
            _shape = shape;
            _channels = Math.Min(Math.Clamp(SumsInCache / shape.Plane, 1, MostChannels), shape.Channels);
            _perImage = (shape.Channels + _channels - 1) / _channels;
        }

        public int Count => _shape.Batch * _perImage;

        /// <summary>The sums that a block needs at most.</summary>
        public int SumCount => checked(_shape.Plane * _channels);

        /// <summary>The image, the first channel and how many channels.</summary>
        public (int Image, int First, int Count) At(int block)
        {
            (int image, int index) = Math.DivRem(block, _perImage);
            int first = index * _channels;
            return (image, first, Math.Min(_channels, _shape.Channels - first));
        }

        /// <summary>Rounds the sums into the channels of the block.</summary>
        public void Store(int block, ReadOnlySpan<double> sums, Span<float> gradient)
        {
            (int image, int first, int count) = At(block);
            for (int pixel = 0; pixel < _shape.Plane; pixel++)
            {
                Span<float> target = gradient.Slice((image * _shape.Plane + pixel) * _shape.Channels + first, count);
                for (int c = 0; c < count; c++)
                    target[c] = (float)sums[pixel * count + c];
            }
        }
    }
}
