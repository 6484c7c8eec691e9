// Checksums against their published values, in one piece and in several.

using CnnNative.Files;

namespace CnnNative.Tests.Files;

public sealed class ChecksumTests
{
    /// <summary>The check values of "123456789" in the catalogue of CRC algorithms, and the examples of RFC 3720 B.4.</summary>
    public static TheoryData<byte[], uint> Castagnoli => new()
    {
        { "123456789"u8.ToArray(), 0xE3069283 },
        { [], 0 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
    };

    [Theory]
    [MemberData(nameof(Castagnoli))]
    public void CRC32C_has_the_published_values(byte[] bytes, uint expected) => Assert.Equal(expected, Crc32C.Compute(bytes));

    [Fact]
    public void CRC32_has_the_published_values()
    {
        Assert.Equal(0xCBF43926, Crc32.Append(0, "123456789"u8));
        Assert.Equal(0u, Crc32.Append(0, []));
        Assert.Equal(0x414FA339u, Crc32.Append(0, "The quick brown fox jumps over the lazy dog"u8));
    }

    [Fact]
    public void Parts_give_the_checksum_of_the_whole()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).Select(i => (byte)(i * 37))];
        for (int split = 0; split <= bytes.Length; split++)
        {
            Assert.Equal(Crc32.Append(0, bytes), Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, split)), bytes.AsSpan(split)));
            Assert.Equal(Crc32C.Compute(bytes), Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, split)), bytes.AsSpan(split)));
        }
    }
}
