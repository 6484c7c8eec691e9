// Histories: files give every number back, a program that is killed loses at most one line, and broken files are refused.

using CnnNative.Tests.Files;
using CnnNative.Tests.Imaging;

namespace CnnNative.Tests.Training;

public sealed class TrainingHistoryTests
{
    public static TheoryData<string> Extensions => new("csv", "jsonl");

    /// <summary>Numbers that are easily lost, names that need quotation marks, and metrics that come and go.</summary>
    private static TrainingHistory Varied() => new(
    [
        Epoch(1, new() { ["loss"] = 0.1 + 0.2, ["a,\"b\""] = 1e-300 }, new() { ["loss"] = double.NaN }),
        Epoch(2, new() { ["loss"] = double.PositiveInfinity, ["a,\"b\""] = -0.0 }, new() { ["loss"] = 1, ["top_5"] = 1.0 / 3 }),
        Epoch(5, new() { ["loss"] = double.NegativeInfinity }, []),
    ]);

    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_file_gives_every_number_back(string extension)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf($"history.{extension}");
        TrainingHistory history = Varied();

        history.Save(path);

        AreSame(history, TrainingHistory.Load(path));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void The_lines_of_a_CSV_file_are_those_of_a_table()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("history.csv");

        Varied().Save(path);

        Assert.Equal(
            """"
            epoch,step,learning_rate,seconds,images_per_second,train_loss,"train_a,""b""",val_loss,val_top_5
            1,100,0.001,1.5,2000.25,0.30000000000000004,1E-300,NaN,
            2,200,0.0005,1.5,2000.25,Infinity,-0,1,0.3333333333333333
            5,500,0.0002,1.5,2000.25,-Infinity,,,

            """",
            File.ReadAllText(path), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void A_line_of_JSON_is_an_epoch()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("history.jsonl");

        new TrainingHistory([Epoch(3, new() { ["loss"] = 0.5 }, new() { ["loss"] = double.NaN })]).Save(path);

        Assert.Equal(
            """{"epoch":3,"step":300,"learning_rate":0.0003333333333333333,"seconds":1.5,"images_per_second":2000.25"""
            + ""","train":{"loss":0.5},"val":{"loss":"NaN"}}""" + "\n",
            File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_log_has_every_epoch_on_the_disk_at_once_and_new_metrics_too(string extension)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf($"history.{extension}");
        TrainingHistory expected = [];
        using TrainingHistoryLog log = new(path, []);
        foreach (EpochRecord epoch in Varied())
        {
            expected.Add(epoch);
            log.Add(epoch);
            AreSame(expected, TrainingHistory.Load(path));
        }

        Assert.Equal(3, log.History.Count);
    }

    // Killed at every byte of the last line: the epochs before it are there, and the log goes on after them.
    [Theory]
    [MemberData(nameof(Extensions))]
    public void A_line_that_was_cut_off_is_left_out_and_written_again(string extension)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf($"history.{extension}");
        TrainingHistory history = Varied();
        history.Save(path);
        byte[] whole = File.ReadAllBytes(path);
        int last = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int length = last; length < whole.Length; length += 3)
        {
            File.WriteAllBytes(path, whole[..length]);

            TrainingHistory loaded = TrainingHistory.Load(path);
            Assert.Equal([1, 2], loaded.Select(epoch => epoch.Epoch));
            using (TrainingHistoryLog log = new(path, loaded))
                log.Add(history[2]);

            AreSame(history, TrainingHistory.Load(path));
        }
    }

    [Fact]
    public void Going_on_from_an_earlier_checkpoint_forgets_the_epochs_after_it()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("history.csv");
        Varied().Save(path);
        TrainingHistory history = TrainingHistory.Load(path);

        history.RemoveAfter(1);
        using TrainingHistoryLog log = new(path, history);
        log.Add(Epoch(2, new() { ["loss"] = 7 }, []));

        Assert.Equal([1, 2], TrainingHistory.Load(path).Select(epoch => epoch.Epoch));
        Assert.Equal(7, TrainingHistory.Load(path)[1].Training["loss"]);
    }

    private const string JsonLine =
        """{"epoch":7,"step":1,"learning_rate":0.5,"seconds":1,"images_per_second":1,"train":{},"val":{}}""" + "\n";

    public static TheoryData<string, string> BrokenFiles => new()
    {
        { "history.csv", "a,b\n" }, { "history.csv", "\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second,loss\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second,val_a,val_a\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second\n1,2,3,4\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second\n1,x,3,4,5\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second\n1,2,\"3,4,5\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second\n99999999999,2,3,4,5\n" },
        { "history.csv", "epoch,step,learning_rate,seconds,images_per_second\n2,2,3,4,5\n2,2,3,4,5\n" },
        { "history.jsonl", "text\n" }, { "history.jsonl", "{}\n" }, { "history.jsonl", "[]\n" },
        { "history.jsonl", JsonLine.Replace("0.5", "\"x\"", StringComparison.Ordinal) },
        { "history.jsonl", JsonLine.Replace("7", "7.5", StringComparison.Ordinal) },
        { "history.jsonl", JsonLine.Replace("{}", "1", StringComparison.Ordinal) },
        { "history.jsonl", JsonLine + JsonLine },
    };

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_is_refused_with_its_name_and_the_line(string name, string content)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write(name, System.Text.Encoding.UTF8.GetBytes(content));
        int line = content.Split('\n').Length - 1;

        Refusal.Of<InvalidDataException>($"{path}, line {line}: ", () => TrainingHistory.Load(path));
    }

    [Fact]
    public void Epochs_have_to_rise_and_extensions_to_be_known()
    {
        TrainingHistory history = Varied();
        Refusal.Of<ArgumentException>("Epoch 5 was added after epoch 5", () => history.Add(Epoch(5, [], [])));
        Refusal.Of<ArgumentException>("'.txt', expected .csv or .jsonl", () => history.Save("history.txt"));
        Refusal.Of<ArgumentException>("'.txt', expected .csv or .jsonl", () => TrainingHistory.Load("history.txt"));
    }

    internal static EpochRecord Epoch(
        int number, OrderedDictionary<string, double> training, OrderedDictionary<string, double> validation) => new()
        {
            Epoch = number,
            Step = 100L * number,
            LearningRate = 0.001 / number,
            Seconds = 1.5,
            ImagesPerSecond = 2000.25,
            Training = training,
            Validation = validation,
        };

    private static void AreSame(TrainingHistory expected, TrainingHistory actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((EpochRecord left, EpochRecord right) in expected.Zip(actual))
        {
            Assert.Equal(left.Training, right.Training);
            Assert.Equal(left.Validation, right.Validation);
            Assert.Equal(left, right with { Training = left.Training, Validation = left.Validation });
        }

        Assert.Equal(expected.TrainingNames, actual.TrainingNames);
        Assert.Equal(expected.ValidationNames, actual.ValidationNames);
    }
}
