// CRC-32 as zip files have it (ISO-HDLC), which .NET does not check when it reads them. Eight tables take eight bytes at a time
// (Kounavis and Berry 2005).

using System.Buffers.Binary;

namespace CnnNative.Files;

internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[][] _tables = MakeTables();

    /// <summary>The checksum of some bytes, whose checksum is <paramref name="crc"/> (0 for none), and the bytes that
    /// follow.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[][] t = _tables;
        crc = ~crc;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7][low & 0xff] ^ t[6][(low >> 8) & 0xff] ^ t[5][(low >> 16) & 0xff] ^ t[4][low >> 24]
                ^ t[3][high & 0xff] ^ t[2][(high >> 8) & 0xff] ^ t[1][(high >> 16) & 0xff] ^ t[0][high >> 24];
        }

        foreach (byte value in bytes)
            crc = (crc >> 8) ^ t[0][(crc ^ value) & 0xff];
        return ~crc;
    }

    /// <summary>Table k has the remainder of each byte with k bytes of zeros after it.</summary>
    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (int k = 0; k < tables.Length; k++)
        {
            tables[k] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint crc = k == 0 ? i : tables[k - 1][i];
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
                tables[k][i] = crc;
            }
        }

        return tables;
    }
}
