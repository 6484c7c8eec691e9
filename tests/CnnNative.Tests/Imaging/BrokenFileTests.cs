// Pictures come from anywhere: cut off on the way, damaged, no pictures at all, or made to exhaust memory. Each must be refused
// with a sentence that says which file, what was found and what was expected.

using System.Text;
using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class BrokenFileTests
{
    public static TheoryData<string> Formats => [.. EncodedPictures.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_is_refused_wherever_it_was_cut_off(string format)
    {
        byte[] encoded = EncodedPictures.Encode(format, Pictures.Slope(12, 10));
        // A GIF's last two bytes end its blocks and the file; its pixels are complete without them.
        int shortest = format == "GIF" ? 2 : 1;

        for (int length = 0; length <= encoded.Length - shortest; length++)
        {
            ImageFormatException error = Assert.Throws<ImageFormatException>(() => Image.Load(encoded.AsSpan(0, length)));

            Assert.StartsWith("bytes: ", error.Message, StringComparison.Ordinal);
            Assert.Contains("expected", error.Message, StringComparison.Ordinal);
        }
    }

    // Any damage may be noticed or not, but nothing else than a picture or this exception may come out.
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_file_gives_a_picture_or_a_sentence(string format)
    {
        byte[] encoded = EncodedPictures.Encode(format, Pictures.Slope(12, 10));
        ImageDecodeOptions options = new() { MaxPixels = 1 << 20 };
        int refused = 0;
        Random random = new(5);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] damaged = [.. encoded];
            for (int i = random.Next(1, 4); i > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.InRange(Image.Load(damaged, options).Pixels.Length, 1, 3 << 20);
            }
            catch (ImageFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 400);
    }

    [Theory]
    [InlineData("PNG", 30000, 30000)]
    [InlineData("JPEG", 30000, 30000)]
    [InlineData("WebP", 16383, 16383)] // The largest that it can announce.
    [InlineData("BMP", 30000, 30000)]
    [InlineData("GIF", 30000, 30000)]
    public void A_file_that_announces_too_many_pixels_is_refused_before_they_are_decoded(string format, int width, int height)
    {
        byte[] bomb = EncodedPictures.WithSize(format, EncodedPictures.Encode(format, Pictures.Slope(8, 8)), width, height);

        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Image.Load(bomb));

        // Had it been decoded, it would be called truncated: there are only a few pixels.
        Assert.Equal(
            $"bytes: {format} of {width} x {height} = {(long)width * height} pixels, expected at most 134217728"
            + " (ImageDecodeOptions.MaxPixels).",
            error.Message);
    }

    [Fact]
    public void The_limit_of_pixels_is_the_callers()
    {
        byte[] encoded = Pictures.Slope(10, 6).Encode();

        Assert.Equal("10 x 6 RGB", Image.Load(encoded, new ImageDecodeOptions { MaxPixels = 60 }).ToString());
        Assert.Throws<ImageFormatException>(() => Image.Load(encoded, new ImageDecodeOptions { MaxPixels = 59 }));
    }

    [Fact]
    public void The_limit_of_bytes_holds_for_bytes_files_and_streams()
    {
        byte[] encoded = Pictures.Slope(10, 6).Encode();
        using TemporaryFolder folder = new();
        string path = folder.Write("picture.png", encoded);
        ImageDecodeOptions enough = new() { MaxBytes = encoded.Length }, tooFew = new() { MaxBytes = encoded.Length - 1 };

        Assert.Equal(10, Image.Load(encoded, enough).Width);
        Assert.Equal(10, Image.Load(path, enough).Width);
        Assert.Equal(10, Image.Load(new UnseekableStream(encoded), enough).Width);
        AssertRefused("bytes", () => Image.Load(encoded, tooFew));
        AssertRefused($"'{path}'", () => Image.Load(path, tooFew));
        AssertRefused("stream", () => Image.Load(new UnseekableStream(encoded), tooFew));

        void AssertRefused(string name, Action load)
        {
            ImageFormatException error = Assert.Throws<ImageFormatException>(load);
            Assert.StartsWith($"{name}: {encoded.Length} bytes", error.Message, StringComparison.Ordinal);
            Assert.Contains($"at most {encoded.Length - 1} ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stream_without_end_is_not_read_to_its_end()
    {
        ImageDecodeOptions options = new() { MaxBytes = 1_000_000 };

        Assert.Throws<ImageFormatException>(() => Image.Load(new EndlessStream(), options));
    }

    public static TheoryData<string, byte[], string> NoPictures => new()
    {
        { "empty.png", [], "empty, expected JPEG, PNG, WebP, BMP or GIF" },
        { "text.jpg", Encoding.UTF8.GetBytes("Not a picture.\n"), "starts with the bytes 4E6F742061207069, expected JPEG" },
        { "scan.png", "II*\0\b\0\0\0"u8.ToArray(), "a picture in the format TIFF, expected JPEG" },
        { "tiny.gif", [7], "starts with the bytes 07, expected JPEG" },
        { "sound.webp", "RIFF\0\0\0\0WAVEfmt "u8.ToArray(), "starts with the bytes 5249464600000000, expected JPEG" },
        { "start.jpg", [0xFF, 0xD8, 0xFF], "the JPEG header cannot be read, expected a complete file" },
        { "start.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "the PNG of 8 bytes is truncated, expected complete chunks" },
        { "start.bmp", "BMW"u8.ToArray(), "the BMP header cannot be read, expected a complete file" },
    };

    [Theory]
    [MemberData(nameof(NoPictures))]
    public void A_file_that_is_no_picture_is_refused_with_what_it_holds(string name, byte[] content, string expected)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write(name, content);

        ImageFormatException error = Assert.Throws<ImageFormatException>(() => Image.Load(path));

        Assert.StartsWith($"'{path}': {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("missing.png");

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Image.Load(path));

        Assert.Contains($"no file '{path}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.FileName);
    }

    [Fact]
    public void A_folder_is_not_a_picture()
    {
        using TemporaryFolder folder = new();

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Image.Load(folder.FullName));

        Assert.Equal($"'{folder.FullName}' is a folder, expected a picture file.", error.Message);
    }

    private sealed class UnseekableStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }

    private sealed class EndlessStream : MemoryStream
    {
        private long _given;

        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count)
        {
            _given += count;
            return _given < 10_000_000 ? count : throw new InvalidOperationException("Far more was read than is allowed.");
        }
    }
}
