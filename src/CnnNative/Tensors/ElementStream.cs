// Elements between a stream and a tensor: little-endian in the stream, whatever the machine; any type in, float32 out. In pieces,
// because a tensor may have more bytes than a span can count.

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CnnNative;

internal static class ElementStream
{
    // Small enough for the cache of a core, so that a checksum finds the bytes there.
    private const int ChunkElements = 1 << 15;

    /// <summary>Reads as many elements as there are values.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static void Read(Stream stream, ElementType type, Span<float> values)
    {
        bool direct = type == ElementType.Float32 && BitConverter.IsLittleEndian;
        int size = type.Size();
        byte[] buffer = direct ? [] : new byte[size * Math.Min(values.Length, ChunkElements)];
        for (; values.Length > 0; values = values[Math.Min(values.Length, ChunkElements)..])
        {
            Span<float> chunk = values[..Math.Min(values.Length, ChunkElements)];
            if (direct)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(chunk));
                continue;
            }

            Span<byte> bytes = buffer.AsSpan(0, size * chunk.Length);
            stream.ReadExactly(bytes);
            for (int i = 0; i < chunk.Length; i++)
                chunk[i] = ToSingle(type, bytes.Slice(i * size, size));
        }
    }

    /// <summary>Writes all values as float32.</summary>
    public static void Write(Stream stream, ReadOnlySpan<float> values)
    {
        byte[] buffer = BitConverter.IsLittleEndian ? [] : new byte[sizeof(float) * Math.Min(values.Length, ChunkElements)];
        for (; values.Length > 0; values = values[Math.Min(values.Length, ChunkElements)..])
        {
            ReadOnlySpan<float> chunk = values[..Math.Min(values.Length, ChunkElements)];
            if (BitConverter.IsLittleEndian)
            {
                stream.Write(MemoryMarshal.AsBytes(chunk));
                continue;
            }

            for (int i = 0; i < chunk.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(i * sizeof(float)), chunk[i]);
            stream.Write(buffer, 0, chunk.Length * sizeof(float));
        }
    }

    /// <summary>Reads elements as they are, into the bytes of a tensor.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static void ReadRaw(Stream stream, ElementType type, Span<byte> bytes)
    {
        stream.ReadExactly(bytes);
        if (!BitConverter.IsLittleEndian)
        {
            ReverseEach(bytes, type.Size());
        }

        if (type == ElementType.Bool)
        {
            foreach (ref byte value in bytes)
            {
                value = value == 0 ? (byte)0 : (byte)1;
            }
        }
    }

    /// <summary>Writes the bytes of a tensor's elements.</summary>
    public static void WriteRaw(Stream stream, ElementType type, ReadOnlySpan<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(bytes);
            return;
        }

        byte[] reversed = bytes.ToArray();
        ReverseEach(reversed, type.Size());
        stream.Write(reversed);
    }

    private static void ReverseEach(Span<byte> bytes, int size)
    {
        for (int i = 0; i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }

    private static float ToSingle(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ElementType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ElementType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        ElementType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        ElementType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        ElementType.Int8 => (sbyte)bytes[0],
        ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        ElementType.UInt8 => bytes[0],
        ElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        ElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        ElementType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => bytes[0] == 0 ? 0 : 1,
    };
}
