// Filters with a factor for each, as a folded normalisation gives them, multiplied while they are read.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>Items that are multiplied by a number each. It takes the tensor over.</summary>
internal sealed class ScaledSource(Tensor from, double[] factors) : TensorSource
{
    public override int PieceBytes => from.Pending?.PieceBytes ?? UsualPieceBytes;

    public override long Bytes => from.ByteCount;

    public override long Unit => Bytes / factors.Length;

    public override void Read(long offset, Span<byte> target, Span<byte> staging)
    {
        from.ReadPiece(offset, target, staging);
        Span<float> values = MemoryMarshal.Cast<byte, float>(target);
        int length = (int)(Unit / sizeof(float)), item = (int)(offset / Unit);
        for (int i = 0; i < values.Length; i += length, item++)
        {
            foreach (ref float value in values.Slice(i, length))
            {
                value = (float)(value * factors[item]);
            }
        }
    }

    public override void Dispose() => from.Dispose();
}
