// Data sets that are not there: fetched from where the user says, with one line on the way, or refused with a sentence that says
// what would help. Nothing here reaches beyond this machine.

using System.Net;
using CnnNative.Tests.Data;

namespace CnnNative.Tests.Cli;

public sealed class DownloadTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("eval")]
    public void Offline_a_data_set_that_is_not_there_is_refused_with_the_folder_and_the_options(string command)
    {
        using DataFolder folder = new();
        string[] model = command == "eval" ? [folder.Write("model.cnn", Model())] : [];

        CnnResult result = CnnProcess.Run(
            [command, .. model, "--data", "fashion-mnist", "--offline"], ("CNN_DATA_DIR", folder.FullName), ("CNN_OFFLINE", ""));

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string[] parts = [folder.PathOf("fashion-mnist"), "--data-dir", "mnist-10k needs no files", "--offline"];
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mirror_is_asked_for_the_files_and_what_is_not_them_is_not_kept()
    {
        using DataFolder folder = new();
        await using TestFileServer server = new([1, 2, 3]);
        string mirror = new Uri(server.Url, ".").ToString();

        CnnResult result = CnnProcess.Run(
            ["train", "--data", "mnist", "--data-mirror", mirror], ("CNN_DATA_DIR", folder.FullName), ("CNN_OFFLINE", "0"));

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Equal(["/folder/mnist/train-images-idx3-ubyte.gz"], server.Paths);
        string[] lines = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("fetching mnist: train-images-idx3-ubyte.gz, 0.0 MB", lines[0]);
        Assert.Contains("the checksum is md5:5289df737df57326fcdd22597afb1fac", lines[1], StringComparison.Ordinal);
        Assert.Contains($"The mirror is {mirror}", lines[1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.PathOf("mnist")));
    }

    [Fact]
    public async Task A_mirror_may_stand_in_the_environment_and_may_not_have_the_file()
    {
        using DataFolder folder = new();
        await using TestFileServer server = new([]) { Status = HttpStatusCode.NotFound };

        CnnResult result = CnnProcess.Run(
            ["train", "--data", "cifar10"], ("CNN_DATA_DIR", folder.FullName), ("CNN_OFFLINE", ""),
            ("CNN_DATA_MIRROR", new Uri(server.Url, ".").ToString()));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("404", result.Errors, StringComparison.Ordinal);
        Assert.StartsWith("/folder/cifar10/", Assert.Single(server.Paths), StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_that_is_there_is_not_asked_for()
    {
        using DataFolder folder = new();
        foreach (string part in new[] { "train", "t10k" })
        {
            folder.Write($"mnist/{part}-images-idx3-ubyte", DataFolder.Idx([30, 12, 12], new byte[30 * 144]));
            byte[] labels = [.. Enumerable.Range(0, 30).Select(i => (byte)(i % 10))];
            folder.Write($"mnist/{part}-labels-idx1-ubyte", DataFolder.Idx([30], labels));
        }

        CnnResult result = CnnProcess.Run(
            ["train", "--data", "mnist", "--epochs", "1", "--augment", "none", "--json"], ("CNN_DATA_DIR", folder.FullName),
            ("CNN_DATA_MIRROR", "http://127.0.0.1:1/"), ("CNN_OFFLINE", ""));

        Assert.True(result.ExitCode == 0, result.Errors);
    }

    [Fact]
    public void An_address_that_is_none_is_refused()
    {
        CnnResult result = CnnProcess.Run(["train", "--data", "mnist", "--data-mirror", "ftp://files"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--data-mirror is 'ftp://files', expected an address", result.Errors, StringComparison.Ordinal);
    }

    private static byte[] Model()
    {
        using Model model = Zoo.Create("lenet", (28, 28, 1), 10, seed: 1);
        string path = Path.GetTempFileName();
        model.Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }
}
