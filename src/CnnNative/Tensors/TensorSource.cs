// Elements that are somewhere else, in a file above all, and can be read piece by piece whenever they are wanted. Weights of a
// model that is only compiled are read straight into the order in which the kernels want them, and never lie in memory as the
// file has them.

namespace CnnNative;

/// <summary>Reads elements. Safe to use from several threads at once.</summary>
internal abstract class TensorSource : IDisposable
{
    /// <summary>What second-level caches hold.</summary>
    public const int UsualPieceBytes = 512 << 10;

    /// <summary>Bytes of a piece that is read at once where nothing else decides, such as one unit that is larger.</summary>
    public virtual int PieceBytes => UsualPieceBytes;

    /// <summary>The size of all elements, as they will be in memory.</summary>
    public abstract long Bytes { get; }

    /// <summary>Pieces begin and end at multiples of so many bytes.</summary>
    public abstract long Unit { get; }

    /// <summary>Reads a piece.</summary>
    /// <param name="offset">Where it begins, in bytes of all elements.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="staging">Memory to work in, as long as the target.</param>
    /// <exception cref="CnnFormatException">The file is not any more what it was when it was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public abstract void Read(long offset, Span<byte> target, Span<byte> staging);

    /// <summary>Reads all elements.</summary>
    public void ReadAll(Span<byte> target)
    {
        int piece = checked((int)(Math.Max(1, PieceBytes / Unit) * Unit));
        byte[] staging = new byte[Math.Min(piece, target.Length)];
        for (int offset = 0; offset < target.Length; offset += piece)
        {
            Span<byte> part = target.Slice(offset, Math.Min(piece, target.Length - offset));
            Read(offset, part, staging.AsSpan(0, part.Length));
        }
    }

    /// <summary>Ends the use of what is read.</summary>
    public abstract void Dispose();
}
