// What users get wrong with training, evaluation and prediction: one line that says what was found and what was expected, and
// nothing written.

using CnnNative.Imaging;

namespace CnnNative.Tests.Cli;

public sealed class TrainingMistakesTests(ModelFixture trained) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cnn-wrong").FullName;

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "'--data' is required", ["train"] },
        { "--data is 'nowhere', expected mnist-10k", ["train", "--data", "nowhere"] },
        { "--data-dir is 'nowhere', which is not a folder", ["train", "--data", "mnist", "--data-dir", "nowhere"] },
        { "mnist-10k needs no files", ["train", "--data", "mnist", "--data-dir", "EMPTY"] },
        { "--limit is 0", ["train", "--data", "mnist-10k", "--limit", "0"] },
        { "--model is 'lenet6', which is no network's name; expected lenet", ["train", "--data", "mnist-10k", "--model", "lenet6"] },
        { "--model is 'gone.cnn', which does not exist", ["train", "--data", "mnist-10k", "--model", "gone.cnn"] },
        { "has a class for each pixel", ["train", "--data", "mnist-10k", "--model", "unet-small"] },
        { "--epochs is 0", ["train", "--data", "mnist-10k", "--epochs", "0"] },
        { "--epochs is 'many', expected a whole number", ["train", "--data", "mnist-10k", "--epochs", "many"] },
        { "--seed is '-1', expected a whole number from 0", ["train", "--data", "mnist-10k", "--seed", "-1"] },
        { "--lr is 'high', expected a number", ["train", "--data", "mnist-10k", "--lr", "high"] },
        { "--size is 9x8, but the pictures of mnist-10k are 28x28", ["train", "--data", "mnist-10k", "--size", "9x8"] },
        { "--color asks for 3 channels, but the pictures of mnist-10k have 1", ["train", "--data", "mnist-10k", "--color", "bgr"] },
        { "one class only, 'a'", ["train", "--data", "ONE", "--model", "tutorial"] },
        { "--batch is 0", ["train", "--data", "mnist-10k", "--batch", "0"] },
        { "--batch is 500, but mnist-10k has 100 samples", ["train", "--data", "mnist-10k", "--limit", "100", "--batch", "500"] },
        { "--lr is -1", ["train", "--data", "mnist-10k", "--lr", "-1"] },
        { "--optimizer is 'ada'", ["train", "--data", "mnist-10k", "--optimizer", "ada"] },
        { "--momentum belongs to sgd", ["train", "--data", "mnist-10k", "--optimizer", "adam", "--momentum", "0.9"] },
        { "--momentum is 1", ["train", "--data", "mnist-10k", "--optimizer", "sgd", "--momentum", "1"] },
        { "--schedule is 'sine'", ["train", "--data", "mnist-10k", "--schedule", "sine"] },
        { "--schedule is 'step'", ["train", "--data", "mnist-10k", "--schedule", "step"] },
        { "--schedule is 'step:0'", ["train", "--data", "mnist-10k", "--schedule", "step:0"] },
        { "--schedule plateau watches the loss", ["train", "--data", "mnist-10k", "--schedule", "plateau"] },
        { "--warm-up is -1", ["train", "--data", "mnist-10k", "--warm-up", "-1"] },
        { "--label-smoothing is 1", ["train", "--data", "mnist-10k", "--label-smoothing", "1"] },
        { "--mixup is 0", ["train", "--data", "mnist-10k", "--mixup", "0"] },
        { "--ema is 1", ["train", "--data", "mnist-10k", "--ema", "1"] },
        { "--clip is 0", ["train", "--data", "mnist-10k", "--clip", "0"] },
        { "--augment is 'spin'", ["train", "--data", "mnist-10k", "--augment", "spin"] },
        { "--augment is 'rotate:far'", ["train", "--data", "mnist-10k", "--augment", "flip,rotate:far"] },
        { "--augment is 'shift:40', which does not suit pictures", ["train", "--data", "mnist-10k", "--augment", "shift:40"] },
        { "--val-split is 1", ["train", "--data", "mnist-10k", "--val-split", "1"] },
        { "--early-stopping watches the loss", ["train", "--data", "mnist-10k", "--early-stopping", "3"] },
        { "expected one of them", ["train", "--data", "mnist-10k", "--balanced", "--class-weights"] },
        { "--memory-budget is '12X'", ["train", "--data", "mnist-10k", "--memory-budget", "12X"] },
        { "budget", ["train", "--data", "mnist-10k", "--memory-budget", "100K"] },
        { "No parameter is called 'head'", ["train", "--data", "mnist-10k", "--freeze", "head"] },
        { "--out is 'model.pt', expected a name that ends with .cnn", ["train", "--data", "mnist-10k", "--out", "model.pt"] },
        { "is a file", ["train", "--data", "mnist-10k", "--out", "TEXT/model.cnn"] },
        { "--plots is", ["train", "--data", "mnist-10k", "--plots", "TEXT"] },
        { "--history is 'log.txt'", ["train", "--data", "mnist-10k", "--history", "log.txt"] },
        { "--resume was given without --checkpoint", ["train", "--data", "mnist-10k", "--resume"] },
        { "--checkpoint-every was given without --checkpoint", ["train", "--data", "mnist-10k", "--checkpoint-every", "5"] },
        { "--lr-find trains nothing", ["train", "--data", "mnist-10k", "--lr-find", "--out", "x.cnn"] },
        { "--threads is -1", ["train", "--data", "mnist-10k", "--threads", "-1"] },
        { "the managed kernels use one", ["train", "--data", "mnist-10k", "--threads", "2", "--backend", "managed"] },
        { "the loss is NaN", ["train", "--data", "mnist-10k", "--limit", "640", "--optimizer", "sgd", "--lr", "1e30"] },
        { "line 2", ["train", "--data", "NAN"] },
        { "b/0.png'", ["train", "--data", "SIZES", "--model", "tutorial"] },
        { "'empty'", ["train", "--data", "HOLLOW", "--model", "tutorial"] },
        { "28x28x1, the model", ["train", "--data", "mnist-10k", "--model", "COLOR"] },
        { "has 10 classes, the model", ["train", "--data", "mnist-10k", "--model", "TWO"] },
        { "MODEL is 'gone.cnn', which does not exist", ["eval", "gone.cnn", "--data", "mnist-10k"] },
        { "CUT", ["eval", "CUT", "--data", "mnist-10k"] },
        { "FLIPPED", ["eval", "FLIPPED", "--data", "mnist-10k"] },
        { "TEXT", ["eval", "TEXT", "--data", "mnist-10k"] },
        { "--split is 'all', expected test", ["eval", "MODEL", "--data", "mnist-10k", "--split", "all"] },
        { "--size is 9x9, but", ["eval", "MODEL", "--data", "mnist-10k", "--size", "9x9"] },
        { "has no validation part", ["eval", "MODEL", "--data", "mnist-10k", "--split", "validation"] },
        { "has a class 'cat' that the model does not know", ["eval", "MODEL", "--data", "PETS"] },
        { "the model", ["eval", "COLORCNN", "--data", "mnist-10k"] },
        { "IMAGE", ["predict", "MODEL"] },
        { "--top is 0", ["predict", "MODEL", "TEXT", "--top", "0"] },
        { "has no pictures", ["predict", "MODEL", "EMPTY"] },
        { "--threads is '1,x'", ["bench", "MODEL", "--threads", "1,x"] },
        { "--seconds is 0", ["bench", "MODEL", "--seconds", "0"] },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_ends_with_one_line_and_status_2(string expected, string[] arguments)
    {
        string[] words = [.. arguments.Select(Place)];
        string wanted = expected is "CUT" or "FLIPPED" or "TEXT" ? Place(expected) : expected;

        CnnResult result = CnnProcess.Run(words);

        Assert.Equal(2, result.ExitCode);
        string line = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("cnn: ", line, StringComparison.Ordinal);
        Assert.Contains(wanted, line, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, "*.tmp"));
    }

    /// <summary>The file or folder that a word in capitals stands for.</summary>
    private string Place(string word) => word switch
    {
        "MODEL" => trained.Path,
        "EMPTY" => Directory.CreateDirectory(Path.Combine(_folder, "nothing")).FullName,
        "TEXT" => Write("text.cnn", "this is no model"u8.ToArray()),
        "TEXT/model.cnn" => Path.Combine(Write("text", "a file"u8.ToArray()), "model.cnn"),
        "CUT" => Write("cut.cnn", File.ReadAllBytes(trained.Path)[..^100]),
        "FLIPPED" => Write("flipped.cnn", Flip(File.ReadAllBytes(trained.Path))),
        "NAN" => Write("nan.csv", "0,1,2,3,a\n0,NaN,2,3,b\n"u8.ToArray()),
        "SIZES" => Pictures(("a", 8), ("b", 9)),
        "ONE" => Pictures(("a", 32)),
        "HOLLOW" => Pictures(("a", 8), ("empty", 0)),
        "PETS" => Pictures(("cat", 28), ("dog", 28)),
        "COLOR" => Description("color.json", (28, 28, 3), 10),
        "TWO" => Description("two.json", (28, 28, 1), 2),
        "COLORCNN" => ColorModel(),
        _ => word,
    };

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string Pictures(params (string Class, int Side)[] classes)
    {
        string folder = Path.Combine(_folder, "pictures");
        foreach ((string name, int side) in classes)
        {
            string path = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            for (int i = 0; i < (side == 0 ? 0 : 4); i++)
            {
                Image.FromPixels(new byte[side * side], side, side, 1).Save(Path.Combine(path, $"{i}.png"));
            }
        }

        return folder;
    }

    private string Description(string name, Shape input, int classes)
    {
        string path = Path.Combine(_folder, name);
        using Model model = new Sequential(input) { new Flatten(), new Linear(classes) }.Build();
        model.SaveDescription(path);
        return path;
    }

    private string ColorModel()
    {
        string path = Path.Combine(_folder, "color.cnn");
        using Model model = new Sequential((28, 28, 3)) { new Flatten(), new Linear(10) }.Build();
        model.Save(path);
        return path;
    }

    private static byte[] Flip(byte[] bytes)
    {
        bytes[^50] ^= 1;
        return bytes;
    }
}
