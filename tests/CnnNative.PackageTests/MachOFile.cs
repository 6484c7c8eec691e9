// Reads as much of a Mach-O file as tells whether macOS would load it: which processor it is for, what it is called, and whether the
// hashes of its signature are those of its pages. Layouts after mach-o/loader.h and the code directory of Apple's open-source xnu.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CnnNative.PackageTests;

internal sealed class MachOFile
{
    private const uint Magic64 = 0xfeedfacf;
    private const uint NameOfLibrary = 0xd;
    private const uint CodeSignature = 0x1d;
    private const int HeaderBytes = 32;
    private readonly byte[] _bytes;
    private readonly int _signature;

    public MachOFile(byte[] bytes)
    {
        _bytes = bytes;
        Assert.Equal(Magic64, Little(0));
        Processor = Little(4);
        int position = HeaderBytes;
        for (uint left = Little(16); left > 0; left--)
        {
            uint command = Little(position);
            if (command == NameOfLibrary)
            {
                ReadOnlySpan<byte> name = bytes.AsSpan(position + (int)Little(position + 8));
                InstallName = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
            }
            else if (command == CodeSignature)
            {
                _signature = (int)Little(position + 8);
            }

            position += (int)Little(position + 4);
        }
    }

    public uint Processor { get; }

    public string InstallName { get; } = "";

    /// <summary>Compares the hash of each page with the signature's, and returns how many there are; 0 without a signature.</summary>
    public int CountSignedPages()
    {
        if (_signature == 0)
        {
            return 0;
        }

        const uint superBlob = 0xfade0cc0, codeDirectory = 0xfade0c02;
        Assert.Equal(superBlob, Big(_signature));
        int directory = _signature + (int)Big(_signature + 16); // the offset of the first blob, behind its type
        Assert.Equal(codeDirectory, Big(directory));
        int hashes = directory + (int)Big(directory + 16);
        int pages = (int)Big(directory + 28);
        int limit = (int)Big(directory + 32);
        Assert.Equal(SHA256.HashSizeInBytes, _bytes[directory + 36]);
        int pageBytes = 1 << _bytes[directory + 39];
        for (int i = 0; i < pages; i++)
        {
            ReadOnlySpan<byte> page = _bytes.AsSpan(i * pageBytes, Math.Min(pageBytes, limit - (i * pageBytes)));
            ReadOnlySpan<byte> expected = _bytes.AsSpan(hashes + (i * SHA256.HashSizeInBytes), SHA256.HashSizeInBytes);
            Assert.True(SHA256.HashData(page).AsSpan().SequenceEqual(expected), $"the signature does not fit page {i} of {pages}");
        }

        Assert.Equal((limit + pageBytes - 1) / pageBytes, pages);
        return pages;
    }

    private uint Little(int position) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(position));

    private uint Big(int position) => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(position));
}
