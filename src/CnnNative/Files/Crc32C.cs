// CRC-32C (Castagnoli), by the processor's own instruction where it has one: tells a file whose bits changed by accident, at the
// speed of memory. Every error of one bit, and every burst of up to 32 bits, changes it.

using System.Buffers.Binary;
using System.Numerics;

namespace CnnNative.Files;

internal static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of some bytes, whose checksum is <paramref name="crc"/> (0 for none), and the bytes that
    /// follow.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
