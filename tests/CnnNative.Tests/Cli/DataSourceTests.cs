// What --data names: the digits inside the program, known data sets in folders, pictures and files; and words that name nothing.

using System.Net;
using CnnNative.Cli;
using CnnNative.Imaging;
using CnnNative.Tests.Data;

namespace CnnNative.Tests.Cli;

public sealed class DataSourceTests
{
    [Fact]
    public void The_embedded_digits_are_nine_thousand_to_train_on_and_a_thousand_to_measure_on()
    {
        DataSource source = DataSource.Open("mnist-10k");

        Assert.Equal((9000, 1000), (source.Train.Count, source.Test!.Count));
        Assert.Null(source.Validation);
        Assert.Equal("28x28x1 -> 1 (10 classes)", source.Train.Schema.ToString());
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], Enumerable.Range(0, 10).Select(source.Train.LabelOf));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], source.ClassNames);
    }

    [Fact]
    public void They_are_the_first_training_images_of_mnist()
    {
        TensorDataset mnist = Mnist.Load(SharedData.Folder("mnist")).Train;
        DataSource source = DataSource.Open("mnist-10k");
        ConcatDataset digits = new(source.Train, source.Test!);

        for (int i = 0; i < digits.Count; i++)
        {
            Assert.Equal(mnist.LabelOf(i), digits.LabelOf(i));
            if (i % 97 == 0 || i > 9990)
                Assert.Equal(DataFolder.Input(mnist, i), DataFolder.Input(digits, i));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_known_data_set_is_found_in_its_own_folder_or_in_one_of_its_name(bool nested)
    {
        string shared = SharedData.Folder("mnist");

        DataSource source = DataSource.Open("mnist", nested ? Path.GetDirectoryName(shared) : shared);

        Assert.Equal((60000, 10000), (source.Train.Count, source.Test!.Count));
    }

    [Fact]
    public void Folders_and_files_are_opened_by_what_they_hold()
    {
        using DataFolder folder = new();
        byte[] picture = Image.FromPixels(new byte[4], 2, 2, 1).Encode();
        foreach (string name in new[] { "train/a/1.png", "train/b/1.png", "test/a/1.png" })
            folder.Write(name, picture);
        string pixels = folder.Write("pixels.csv", "0,1,2,3,a\n");
        string paths = folder.Write("paths.csv", "path,label\ntrain/a/1.png,x\n");

        DataSource source = DataSource.Open(folder.FullName + Path.DirectorySeparatorChar);

        Assert.Equal((Path.GetFileName(folder.FullName), 2, 1), (source.Name, source.Train.Count, source.Test!.Count));
        Assert.Equal("2x2x1 -> 1 (1 classes)", DataSource.Open(pixels).Train.Schema.ToString());
        Assert.Equal(["x"], DataSource.Open(paths).ClassNames);
    }

    [Fact]
    public void A_word_that_names_nothing_and_a_missing_data_set_are_the_users_mistakes()
    {
        using DataFolder folder = new();

        Assert.Equal(
            "--data is 'mnits', expected mnist-10k, mnist, fashion-mnist, cifar10, cifar100, a folder of pictures, or a file of"
            + " comma-separated values.",
            Assert.Throws<UserException>(() => DataSource.Open("mnits")).Message);
        foreach (string name in DataSource.Names.Skip(1))
        {
            string message = Assert.Throws<UserException>(() => DataSource.Open(name, folder.FullName)).Message;
            Assert.StartsWith($"--data {name}: ", message, StringComparison.Ordinal);
            Assert.Contains($"'{folder.FullName}'", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_data_set_that_is_not_there_is_fetched_and_what_hinders_that_is_the_users_to_know()
    {
        using DataFolder folder = new();
        using HttpClient client = new(new NoInternet());
        CancellationToken stop = TestContext.Current.CancellationToken;

        UserException error = await Assert.ThrowsAsync<UserException>(
            () => DataSource.OpenAsync("mnist", folder.FullName, null, client, null, stop));

        Assert.Equal(
            $"--data mnist: {Mnist.Files[0].Source} could not be fetched: the server answered 404 Not Found, expected 200."
            + " --data-dir names a folder that has it; mnist-10k needs no files.", error.Message);
        Assert.Equal(9000, (await DataSource.OpenAsync("mnist-10k", null, null, client, null, stop)).Train.Count);
        foreach (string part in new[] { "train", "t10k" })
        {
            folder.Write($"mnist/{part}-images-idx3-ubyte", DataFolder.Idx([1, 2, 2], new byte[4]));
            folder.Write($"mnist/{part}-labels-idx1-ubyte", DataFolder.Idx([1], [4]));
        }

        Assert.Equal(4, (await DataSource.OpenAsync("mnist", folder.FullName, null, client, null, stop)).Test!.LabelOf(0));
    }

    /// <summary>Every page is missing.</summary>
    private sealed class NoInternet : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
