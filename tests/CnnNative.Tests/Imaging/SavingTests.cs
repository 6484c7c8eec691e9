// Writing pictures: what is written can be read again, and what cannot be written leaves nothing behind.

using CnnNative.Imaging;

namespace CnnNative.Tests.Imaging;

public sealed class SavingTests
{
    [Theory]
    [InlineData("a.png", "PNG", 0)]
    [InlineData("a.PNG", "PNG", 0)]
    [InlineData("a.jpg", "JPEG", 24)]
    [InlineData("a.jpeg", "JPEG", 24)]
    [InlineData("a.webp", "WebP", 24)]
    public void The_extension_chooses_the_format(string name, string format, int tolerance)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf(name);
        Image image = Pictures.Slope(16, 9);

        image.Save(path);

        Assert.Equal(EncodedPictures.Encode(format, image), File.ReadAllBytes(path));
        Pictures.AssertEqual(image, Image.Load(path), tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_PNG_keeps_every_pixel_and_the_number_of_channels(int channels)
    {
        Image image = Pictures.Hashed(31, 17, channels, seed: 8);

        Pictures.AssertEqual(image, Image.Load(image.Encode()));
    }

    [Fact]
    public void A_higher_quality_is_closer_and_larger()
    {
        Image image = Pictures.Hashed(64, 64, 3, seed: 4);
        foreach (ImageEncoding encoding in (ImageEncoding[])[ImageEncoding.Jpeg, ImageEncoding.Webp])
        {
            byte[] low = image.Encode(encoding, quality: 10), high = image.Encode(encoding, quality: 95);

            Assert.True(low.Length < high.Length, $"{encoding}");
            double lowError = Pictures.MeanDifference(image, Image.Load(low));
            Assert.True(lowError > Pictures.MeanDifference(image, Image.Load(high)), $"{encoding}");
        }
    }

    [Theory]
    [InlineData("a.gif", "'.gif'")]
    [InlineData("a", "''")]
    [InlineData("a.png.txt", "'.txt'")]
    public void An_extension_that_is_not_written_is_refused(string name, string found)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf(name);

        ArgumentException error = Assert.Throws<ArgumentException>(() => Pictures.Slope(2, 2).Save(path));

        Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the extension is {found}, expected .png, .jpg, .jpeg or .webp", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(101)]
    public void A_quality_that_does_not_exist_is_refused(int quality) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Pictures.Slope(2, 2).Encode(ImageEncoding.Jpeg, quality));

    [Fact]
    public void A_picture_that_a_format_cannot_hold_is_refused_and_leaves_no_file()
    {
        using TemporaryFolder folder = new();
        Image image = Pictures.Constant(16384, 1, 5);

        ImageFormatException error = Assert.Throws<ImageFormatException>(() => image.Save(folder.PathOf("a.webp")));

        Assert.Contains("16384 x 1", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.FullName, "missing", "a.png");

        IOException error = Assert.Throws<DirectoryNotFoundException>(() => Pictures.Slope(2, 2).Save(path));

        Assert.Equal($"Cannot write '{path}': there is no folder '{Path.GetDirectoryName(path)}'.", error.Message);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_left_alone()
    {
        using TemporaryFolder folder = new();
        string path = Directory.CreateDirectory(folder.PathOf("a.png")).FullName;

        IOException error = Assert.Throws<IOException>(() => Pictures.Slope(2, 2).Save(path));

        Assert.Contains($"'{path}': it is a folder", error.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.FullName));
    }

    [Fact]
    public void A_folder_that_may_not_be_written_keeps_the_old_file_and_no_part_of_a_new_one()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows does not keep files from being made by the mode of a folder.");
            return;
        }

        Assert.SkipWhen(Environment.IsPrivilegedProcess, "The administrator may write everywhere.");
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.png");
        Pictures.Slope(2, 2).Save(path);
        byte[] before = File.ReadAllBytes(path);
        File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            IOException error = Assert.Throws<IOException>(() => Pictures.Slope(9, 9).Save(path));

            Assert.Contains($"Cannot write '{path}'", error.Message, StringComparison.Ordinal);
            Assert.Equal([path], Directory.GetFileSystemEntries(folder.FullName));
            Assert.Equal(before, File.ReadAllBytes(path));
        }
        finally
        {
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Nobody may make files in /proc, not even the administrator.
    [Fact]
    public void A_file_that_cannot_be_made_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has the folder /proc.");
        string[] before = [.. Directory.GetFiles("/proc").Order()];

        IOException error = Assert.ThrowsAny<IOException>(() => Pictures.Slope(2, 2).Save("/proc/a.png"));

        Assert.StartsWith("Cannot write '/proc/a.png': ", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles("/proc").Order());
    }

    [Fact]
    public void Saving_replaces_an_existing_file_whole()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.png", new byte[100_000]);

        Pictures.Slope(3, 3).Save(path);

        Pictures.AssertEqual(Pictures.Slope(3, 3), Image.Load(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.FullName));
    }
}
