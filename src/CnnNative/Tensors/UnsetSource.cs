// Elements that nobody has set: what a network that is being written down has in the place of weights.

namespace CnnNative;

/// <summary>Stands for elements of a size. Read all the same, they are zeros.</summary>
internal sealed class UnsetSource(long bytes) : TensorSource
{
    public override long Bytes => bytes;

    public override long Unit => 1;

    public override void Read(long offset, Span<byte> target, Span<byte> staging) => target.Clear();

    public override void Dispose()
    {
    }
}
