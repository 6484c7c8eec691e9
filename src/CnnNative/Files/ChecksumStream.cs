// A stream that computes a checksum of what is read or written through it, so that data is checked while it is used and not read
// twice. It does not own the stream below.

namespace CnnNative.Files;

internal sealed class ChecksumStream(Stream inner, ChecksumStream.Update update) : Stream
{
    /// <summary>The checksum of bytes with that of the bytes before them.</summary>
    public delegate uint Update(uint crc, ReadOnlySpan<byte> bytes);

    /// <summary>The checksum of what was read or written so far; may be set to 0 to begin anew.</summary>
    public uint Value { get; set; }

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        Value = update(Value, buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Value = update(Value, buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
}
