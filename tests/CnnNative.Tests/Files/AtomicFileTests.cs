// Files that appear whole or not at all, whatever goes wrong while they are written.

using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Files;

public sealed class AtomicFileTests
{
    [Fact]
    public void What_fails_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a", [1, 2, 3]);
        Exception[] failures = [new IOException("disk full"), new UnauthorizedAccessException(), new ArithmeticException("mine")];
        foreach (Exception failure in failures)
        {
            Exception error = Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, stream =>
            {
                stream.Write([4, 5, 6, 7]);
                throw failure;
            }));

            // What is not about files is the caller's own and passes unchanged.
            if (failure is ArithmeticException)
                Assert.Same(failure, error);
            else
                Assert.StartsWith($"Cannot write '{path}': ", error.Message, StringComparison.Ordinal);
            Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
            Assert.Single(Directory.GetFileSystemEntries(folder.FullName));
        }
    }

    // Linux has a device that is always full.
    [Fact]
    public void A_full_disk_is_an_error_that_names_the_file_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /dev/full.");
        using TemporaryFolder folder = new();
        string path = folder.Write("a", [1, 2, 3]);

        IOException error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[10]);
            string neighbour = ((FileStream)stream).Name;
            try
            {
                using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write);
                full.Write(new byte[10]);
            }
            catch (IOException error)
            {
                // As the system says it of a file on a full disk.
                throw new IOException(error.Message.Replace("/dev/full", neighbour, StringComparison.Ordinal), error);
            }
        }));

        Assert.Equal($"Cannot write '{path}': No space left on device.", error.Message);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.FullName));
    }

    [Theory]
    [InlineData("The process cannot access the file '/a/b' because others use it.", "The process cannot access the file because others use it.")]
    [InlineData("Too large : '/a/b'", "Too large.")]
    [InlineData("Access to the path '/a' is denied.", "Access to the path '/a' is denied.")]
    public void A_reason_leaves_out_the_path_that_the_sentence_around_it_names(string said, string expected) =>
        Assert.Equal(expected, AtomicFile.Reason(new IOException(said), "/a/b"));

    [Fact]
    public void A_missing_folder_and_a_folder_in_the_place_of_the_file_are_named()
    {
        using TemporaryFolder folder = new();
        string missing = Path.Combine(folder.FullName, "no", "a");

        Assert.Equal(
            $"Cannot write '{missing}': there is no folder '{Path.GetDirectoryName(missing)}'.",
            Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(missing, _ => { })).Message);
        Assert.Equal(
            $"Cannot write '{folder.FullName}': it is a folder, expected the name of a file.",
            Assert.Throws<IOException>(() => AtomicFile.Write(folder.FullName, _ => { })).Message);
    }
}
