// Filters that a file keeps with channels before pixels, read with channels after pixels, as kernels want them.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>Items of channels x pixels, each read as pixels x channels. It takes the tensor over.</summary>
internal sealed class TransposedSource(Tensor from, int channels, int pixels) : TensorSource
{
    public override long Bytes => from.ByteCount;

    public override long Unit => (long)channels * pixels * sizeof(float);

    public override void Read(long offset, Span<byte> target, Span<byte> staging)
    {
        from.ReadPiece(offset, staging, target);
        ReadOnlySpan<float> source = MemoryMarshal.Cast<byte, float>(staging);
        Span<float> result = MemoryMarshal.Cast<byte, float>(target);
        for (int item = 0; item < source.Length; item += channels * pixels)
        {
            Transpose(source.Slice(item, channels * pixels), result.Slice(item, channels * pixels));
        }
    }

    public override void Dispose() => from.Dispose();

    private void Transpose(ReadOnlySpan<float> source, Span<float> result)
    {
        for (int pixel = 0, to = 0; pixel < pixels; pixel++)
        {
            for (int from = pixel; from < source.Length; from += pixels)
            {
                result[to++] = source[from];
            }
        }
    }
}
