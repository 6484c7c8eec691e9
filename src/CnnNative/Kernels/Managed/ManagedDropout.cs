// Dropout of elements and of whole channels. The mask is never stored: forwards and backwards compute it from the seed, some words
// at a time on the stack.

using System.Runtime.Intrinsics;

namespace CnnNative.Kernels.Managed;

internal static class ManagedDropout
{
    private const int BlockWords = 1024;

    /// <summary>Drops each element by a word of its own. Output may be the input.</summary>
    public static void Elements(in DropoutMask mask, ReadOnlySpan<float> input, Span<float> output)
    {
        Span<uint> block = stackalloc uint[BlockWords];
        for (int i = 0; i < input.Length; i += BlockWords)
        {
            Span<uint> words = block[..Math.Min(BlockWords, input.Length - i)];
            Philox.Words(mask.Sequence.After(i), words);
            Drop(mask.Probability, words, input.Slice(i, words.Length), output[i..]);
        }
    }

    /// <summary>Drops each channel of each image by a word of its own. Output may be the input.</summary>
    public static void Channels(in DropoutMask mask, int batch, int channels, ReadOnlySpan<float> input, Span<float> output)
    {
        Span<uint> block = stackalloc uint[BlockWords];
        int image = input.Length / batch;
        for (int start = 0; start < input.Length; start += image)
        {
            for (int channel = 0; channel < channels; channel += BlockWords)
            {
                Span<uint> words = block[..Math.Min(BlockWords, channels - channel)];
                Philox.Words(mask.Sequence.After((long)(start / image) * channels + channel), words);
                for (int i = start + channel; i < start + image; i += channels)
                    Drop(mask.Probability, words, input.Slice(i, words.Length), output[i..]);
            }
        }
    }

    /// <summary>0 where the word is less than the probability times 2^32, by a mask of bits, so that NaN goes too.</summary>
    private static void Drop(float probability, ReadOnlySpan<uint> words, ReadOnlySpan<float> input, Span<float> output)
    {
        uint threshold = (uint)((double)probability * 4294967296.0);
        float scale = (float)(1 / (1 - (double)probability));
        int i = 0;
        for (; i <= input.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<uint> kept = Vector256.GreaterThanOrEqual(Vector256.Create(words[i..]), Vector256.Create(threshold));
            ((scale * Vector256.Create(input[i..])) & kept.AsSingle()).CopyTo(output[i..]);
        }

        for (; i < input.Length; i++)
            output[i] = words[i] >= threshold ? scale * input[i] : 0;
    }
}
