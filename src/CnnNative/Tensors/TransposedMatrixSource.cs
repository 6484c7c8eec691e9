// A matrix that a file keeps with a row for each input, read with a row for each output, as fully connected layers want their
// weights. Some outputs are a strip of the file's matrix, so that they can be read without the others.

using System.Runtime.InteropServices;

namespace CnnNative;

/// <summary>A matrix of rows x columns, at least two of each, read as columns x rows. It takes the tensor over.</summary>
internal sealed class TransposedMatrixSource(Tensor from, int rows, int columns) : TensorSource
{
    /// <summary>Rows that are transposed together: a line of the cache in the result.</summary>
    private const int RowsAtOnce = 16;

    /// <summary>A piece has so many bytes of each row that reading them takes longer than asking for them.</summary>
    public override int PieceBytes => 4 * UsualPieceBytes;

    public override long Bytes => from.ByteCount;

    public override long Unit => (long)rows * sizeof(float);

    public override void Read(long offset, Span<byte> target, Span<byte> staging)
    {
        int first = (int)(offset / Unit), count = (int)(target.Length / Unit);
        Span<float> result = MemoryMarshal.Cast<byte, float>(target);

        // One half holds what is read, the other one is for reading it.
        int most = Math.Min(RowsAtOnce, rows / 2);
        Span<byte> strip = staging[..(most * count * sizeof(float))], other = staging[strip.Length..];
        for (int row = 0; row < rows; row += most)
        {
            Span<byte> some = strip[..(Math.Min(most, rows - row) * count * sizeof(float))];
            ReadStrip(row, first, count, some, other);
            Transpose(MemoryMarshal.Cast<byte, float>(some), count, result[row..]);
        }
    }

    public override void Dispose() => from.Dispose();

    private void ReadStrip(int row, int column, int count, Span<byte> target, Span<byte> staging)
    {
        int length = count == columns ? target.Length : count * sizeof(float);
        for (int done = 0; done < target.Length; done += length, row++)
        {
            from.ReadPiece(((long)row * columns + column) * sizeof(float), target.Slice(done, length), staging[..length]);
        }
    }

    private void Transpose(ReadOnlySpan<float> strip, int count, Span<float> result)
    {
        int some = strip.Length / count;
        for (int column = 0; column < count; column++)
        {
            Span<float> line = result.Slice(column * rows, some);
            for (int i = 0, at = column; i < line.Length; i++, at += count)
            {
                line[i] = strip[at];
            }
        }
    }
}
