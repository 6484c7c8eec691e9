// Picture files of every format that is read, made without files: three by the library's own writer, two byte by byte because
// there is no writer for them.

using System.Buffers.Binary;
using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

internal static class EncodedPictures
{
    public static readonly string[] Formats = ["PNG", "JPEG", "WebP", "BMP", "GIF"];

    /// <summary>A small picture as a file of the format.</summary>
    public static byte[] Encode(string format, Image image) => format switch
    {
        "PNG" => image.Encode(ImageEncoding.Png),
        "JPEG" => image.Encode(ImageEncoding.Jpeg),
        "WebP" => image.Encode(ImageEncoding.Webp),
        "BMP" => EncodeBmp(image.ToRgb()),
        "GIF" => EncodeGif(image.ToGrayscale()),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format."),
    };

    /// <summary>The file with another size in its header, as large as a liar would write it; nothing else is changed.</summary>
    public static byte[] WithSize(string format, byte[] encoded, int width, int height)
    {
        byte[] bytes = [.. encoded];
        switch (format)
        {
            case "PNG":
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), width);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), height);
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), PngChecksum(bytes.AsSpan(12, 17)));
                break;
            case "JPEG":
                int frame = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 5), (ushort)height);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(frame + 7), (ushort)width);
                break;
            case "WebP":
                Assert.True(bytes.AsSpan(12).StartsWith("VP8 "u8));
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(26), (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(28), (ushort)height);
                break;
            case "BMP":
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(18), width);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(22), height);
                break;
            default:
                int descriptor = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x2C, 0, 0, 0, 0]);
                foreach (int position in (int[])[6, descriptor + 5])
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(position), (ushort)width);
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(position + 2), (ushort)height);
                }

                break;
        }

        return bytes;
    }

    /// <summary>A PNG of 8-bit RGBA pixels, which the library does not write.</summary>
    public static byte[] EncodeRgbaPng(int width, int height, ReadOnlySpan<byte> pixels)
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.ZLibStream zlib = new(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0); // Each row begins with its filter: none.
                zlib.Write(pixels.Slice(4 * width * y, 4 * width));
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 6); // 8 bits, colour type 6.
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. PngChunk("IHDR"u8, header), .. PngChunk("IDAT"u8, packed.ToArray()),
            .. PngChunk("IEND"u8, []),
        ];
    }

    private static byte[] PngChunk(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        byte[] length = new byte[4], checksum = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(checksum, PngChecksum([.. name, .. content]));
        return [.. length, .. name, .. content, .. checksum];
    }

    // CRC-32 as of the PNG specification, annex D, bit by bit.
    private static uint PngChecksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in bytes)
        {
            checksum ^= value;
            for (int bit = 0; bit < 8; bit++)
                checksum = (checksum >> 1) ^ ((checksum & 1) * 0xEDB88320);
        }

        return ~checksum;
    }

    // 24 bits per pixel, rows from the bottom up, blue first, each row filled to a multiple of 4 bytes.
    private static byte[] EncodeBmp(Image image)
    {
        const int HeaderLength = 54;
        int rowLength = (3 * image.Width + 3) / 4 * 4;
        byte[] bytes = new byte[HeaderLength + rowLength * image.Height];
        "BM"u8.CopyTo(bytes);
        int[] header = [bytes.Length, 0, HeaderLength, 40, image.Width, image.Height, 1 | 24 << 16];
        for (int i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2 + 4 * i), header[i]);
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> row = bytes.AsSpan(HeaderLength + rowLength * (image.Height - 1 - y));
            for (int x = 0; x < image.Width; x++)
            {
                Color color = Pictures.At(image, x, y);
                (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = (color.B, color.G, color.R);
            }
        }

        return bytes;
    }

    // Four grays. Codes have 3 bits as long as the table is cleared before it grows, which is after every second pixel.
    private static byte[] EncodeGif(Image image)
    {
        const int Clear = 4, End = 5, CodeBits = 3;
        List<int> codes = [];
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            if (i % 2 == 0)
                codes.Add(Clear);
            codes.Add(image.Pixels[i] >> 6);
        }

        codes.Add(End);
        byte[] packed = new byte[(codes.Count * CodeBits + 7) / 8];
        for (int bit = 0; bit < codes.Count * CodeBits; bit++)
            packed[bit / 8] |= (byte)((codes[bit / CodeBits] >> bit % CodeBits & 1) << bit % 8);
        byte[] size = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)image.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(size.AsSpan(2), (ushort)image.Height);
        List<byte> bytes =
        [
            .. "GIF89a"u8, .. size, 0x81, 0, 0, 0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255, // A palette of 4 colours.
            0x2C, 0, 0, 0, 0, .. size, 0, 2, // The frame, and the bits of a pixel.
        ];
        foreach (byte[] block in packed.Chunk(255))
            bytes.AddRange([(byte)block.Length, .. block]);
        return [.. bytes, 0, 0x3B];
    }
}
