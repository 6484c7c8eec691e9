// The command cnn from outside: what it writes, what it prints, how it refuses, how it stops.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CnnNative.Cli;
using CnnNative.Imaging;

namespace CnnNative.Tests.Cli;

public sealed class CliTests : IDisposable
{
    private static readonly string[] DemoFiles =
    [
        "activation.png", "confusion.png", "convolution.png", "curves.png", "digits.cnn", "digits.png", "mistakes.png",
        "original.png",
        "pooling.png", "steps.png",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("cnn").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_demo_filters_a_photograph_and_trains_a_network_that_reads()
    {
        CnnResult result = CnnProcess.Run(["demo", "--out", _folder]);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(DemoFiles, Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("1x150x150x1", result.Output, StringComparison.Ordinal);
        Image original = Image.Load(Path.Combine(_folder, "original.png"));
        Image steps = Image.Load(Path.Combine(_folder, "steps.png"));
        Assert.Equal((300, 300, 1), (original.Width, original.Height, original.Channels));
        Assert.True(steps.Width > 3 * steps.Height, $"steps.png is {steps}, expected a row of pictures");
        Assert.Contains("epoch 5/5", result.Output, StringComparison.Ordinal);

        // Five epochs give 97 to 98 % of 1,000; three standard deviations below it are 95.5.
        using Model model = Model.Load(Path.Combine(_folder, "digits.cnn"));
        (_, IDataset test) = DigitsAsset.Load();
        Assert.True(model.Evaluate(test, cancellationToken: TestContext.Current.CancellationToken)["accuracy"] > 0.955);
    }

    [Theory]
    [InlineData("--backend", "managed", "CNN_NATIVE_PATH", "")]
    [InlineData("--backend", "managed", "CNN_NATIVE_PATH", "/nowhere/libcnnnative.so")]
    [InlineData("--backend", "native", "CNN_MAX_ISA", "scalar")]
    public void Other_kernels_print_the_same_numbers(string option, string value, string variable, string setting)
    {
        string picture = WritePicture();
        string[] arguments = ["filter", picture, "--out", _folder, "--json"];

        using JsonDocument expected = Json(CnnProcess.Run(arguments));
        using JsonDocument actual = Json(CnnProcess.Run([.. arguments, option, value], (variable, setting)));

        Assert.Equal(value, actual.RootElement.GetProperty("backend").GetString());
        JsonElement[] left = [.. expected.RootElement.GetProperty("steps").EnumerateArray()];
        JsonElement[] right = [.. actual.RootElement.GetProperty("steps").EnumerateArray()];
        Assert.Equal(
            ["original", "convolution", "activation", "pooling"], left.Select(step => step.GetProperty("name").GetString()));
        Assert.Equal(5, expected.RootElement.GetProperty("files").GetArrayLength());
        foreach ((JsonElement a, JsonElement b) in left.Zip(right))
        {
            Assert.Equal(a.GetProperty("shape").ToString(), b.GetProperty("shape").ToString());
            Assert.True(a.GetProperty("microseconds").GetDouble() > 0);
            foreach (string statistic in (string[])["min", "max", "mean"])
            {
                Assert.Equal(a.GetProperty(statistic).GetDouble(), b.GetProperty(statistic).GetDouble(), 1e-5);
            }
        }
    }

    [Fact]
    public void Every_option_of_filter_takes_effect()
    {
        string picture = WritePicture(), kernel = Path.Combine(_folder, "mean.npy");
        using Tensor weights = Tensor.Full((2, 5), 0.1f);
        NpyFile.Write(kernel, weights);

        using JsonDocument json = Json(CnnProcess.Run(
        [
            "filter", picture, "--kernel", kernel, "--size", "40x30", "--rgb", "--stride", "2", "--dilation", "2", "--padding",
            "valid",
            "--activation", "sigmoid", "--pool", "avg:3", "--out", Path.Combine(_folder, "deep", "er"), "--json",
        ]));

        string[] shapes =
            [.. json.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("shape").ToString())];
        Assert.Equal(["[1,30,40,3]", "[1,14,16,3]", "[1,14,16,3]", "[1,4,5,3]"], shapes);
        double smallest = json.RootElement.GetProperty("steps")[2].GetProperty("min").GetDouble();
        Assert.InRange(smallest, 0.5, 1);
    }

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "'frobnicate' is not a command", ["frobnicate"] },
        { "'--bogus' is not a command or an option of 'cnn filter'", ["filter", "PICTURE", "--bogus"] },
        { "IMAGE", ["filter"] },
        { "nowhere.jpg", ["filter", "nowhere.jpg"] },
        { "is a folder", ["filter", "FOLDER"] },
        { "expected JPEG, PNG, WebP, BMP or GIF", ["filter", "TEXT"] },
        { "cut.png", ["filter", "CUT"] },
        { "--kernel is 'edge', expected one of laplacian", ["filter", "PICTURE", "--kernel", "edge"] },
        { "does not exist", ["filter", "PICTURE", "--kernel", "nowhere.npy"] },
        { "does not start like a .npy file", ["filter", "PICTURE", "--kernel", "TEXT.npy"] },
        { "--size is '300'", ["filter", "PICTURE", "--size", "300"] },
        { "--size is '0x5'", ["filter", "PICTURE", "--size", "0x5"] },
        { "--stride is 0", ["filter", "PICTURE", "--stride", "0"] },
        { "--stride", ["filter", "PICTURE", "--stride", "two"] },
        { "--dilation is -1", ["filter", "PICTURE", "--dilation", "-1"] },
        { "--padding is 'full'", ["filter", "PICTURE", "--padding", "full"] },
        { "--activation is 'swish'", ["filter", "PICTURE", "--activation", "swish"] },
        { "--pool is 'max'", ["filter", "PICTURE", "--pool", "max"] },
        { "--backend is 'gpu'", ["filter", "PICTURE", "--backend", "gpu"] },
        { "at most one of them", ["filter", "PICTURE", "--gray", "--rgb"] },
        { "but the padded input has only 2", ["filter", "PICTURE", "--size", "2x2", "--padding", "valid"] },
        { "which is a file; expected a folder", ["filter", "PICTURE", "--out", "TEXT"] },
        { "which is a file; expected a folder", ["demo", "--out", "TEXT"] },
        { "give MODEL or --system", ["info"] },
        { "give MODEL or --system", ["info", "lenet", "--system"] },
        { "at most one of them", ["info", "lenet", "--json", "--markdown"] },
        { "--batch is 0", ["info", "lenet", "--batch", "0"] },
        { "MODEL is 'resnet', which is no network's name", ["info", "resnet"] },
        { "numbers.csv', which is no model's file; expected lenet", ["info", "numbers.csv"] },
        { "which is a folder; expected lenet", ["info", "FOLDER"] },
        { "which does not exist", ["info", "nowhere.cnn"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_ends_with_one_line_and_status_2_and_leaves_no_file(string expected, string[] arguments)
    {
        string picture = WritePicture(), text = Path.Combine(_folder, "text"), cut = Path.Combine(_folder, "cut.png");
        File.WriteAllText(text, "this is neither a picture nor an array");
        File.WriteAllText(text + ".npy", "this is neither a picture nor an array");
        File.WriteAllBytes(cut, File.ReadAllBytes(picture)[..300]);
        string output = Path.Combine(_folder, "out");
        IEnumerable<string> words = arguments.Select(word => word switch
        {
            "PICTURE" => picture,
            "FOLDER" => _folder,
            "TEXT" => text,
            "TEXT.npy" => text + ".npy",
            "CUT" => cut,
            _ => word,
        });
        string[] placed = arguments is ["filter", _, ..] && !arguments.Contains("--out")
            ? [.. words, "--out", output]
            : [.. words];

        CnnResult result = CnnProcess.Run(placed);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output), "a folder was made although nothing was written");
    }

    [Fact]
    public void A_missing_native_library_is_named_and_refused()
    {
        CnnResult result = CnnProcess.Run(["demo", "--out", _folder], ("CNN_NATIVE_PATH", "/nowhere/libcnnnative.so"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("/nowhere/libcnnnative.so", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("filter", "PICTURE", "--out", "FOLDER")]
    [InlineData("bench", "lenet", "--seconds", "0.05")]
    [InlineData("info", "lenet", "--passes")]
    public void Managed_kernels_take_over_where_the_environment_allows_it_and_it_is_told_once(params string[] arguments)
    {
        string picture = WritePicture();
        string[] words = [.. arguments.Select(word => word == "PICTURE" ? picture : word == "FOLDER" ? _folder : word)];
        (string, string)[] environment = [("CNN_NATIVE_PATH", "/nowhere/libcnnnative.so"), ("CNN_MANAGED_FALLBACK", "1")];

        CnnResult result = CnnProcess.Run(words, environment);

        Assert.True(result.ExitCode == 0, result.Errors);
        string told = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("managed kernels, which are many times slower", told, StringComparison.Ordinal);
        Assert.Contains("/nowhere/libcnnnative.so", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Native_kernels_that_were_asked_for_by_name_are_not_replaced()
    {
        CnnResult result = CnnProcess.Run(
            ["filter", WritePicture(), "--out", Path.Combine(_folder, "out"), "--backend", "native"],
            ("CNN_NATIVE_PATH", "/nowhere/libcnnnative.so"), ("CNN_MANAGED_FALLBACK", "1"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("/nowhere/libcnnnative.so", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "filter")]
    [InlineData("filter --help", "--dilation")]
    [InlineData("demo --help", "--out")]
    [InlineData("info --help", "--system")]
    [InlineData("train --help", "--label-smoothing")]
    [InlineData("eval --help", "--plots")]
    [InlineData("predict --help", "--top")]
    [InlineData("bench --help", "--profile")]
    [InlineData("run --help", "--layout")]
    [InlineData("convert --help", "--classes")]
    public void Help_explains_and_ends_with_0(string arguments, string expected)
    {
        CnnResult result = CnnProcess.Run(arguments.Split(' '));

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_passes_over_a_network_are_told_as_a_table_and_as_JSON()
    {
        CnnResult table = CnnProcess.Run(["info", "mobilenetv2", "--passes"]);
        CnnResult json = CnnProcess.Run(["info", "mobilenetv2", "--passes", "--json"]);

        Assert.Equal((0, 0), (table.ExitCode, json.ExitCode));
        Assert.Matches(@"(?m)^fold-batch-norms +52 changed", table.Output);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement fold = Assert.Single(
            document.RootElement.EnumerateArray(), pass => pass.GetProperty("pass").GetString() == "fold-batch-norms");
        Assert.Equal(52, fold.GetProperty("changed").GetArrayLength());
        Assert.Equal(52, fold.GetProperty("nodes_before").GetInt32() - fold.GetProperty("nodes_after").GetInt32());
    }

    [Fact]
    public void System_information_tells_version_instruction_sets_and_paths()
    {
        CnnResult result = CnnProcess.Run(["info", "--system"]);

        Assert.Equal(0, result.ExitCode);
        string output = WithoutSpace(result.Output); // a long path is broken into lines, wherever that falls
        string[] parts = ["native version", "available: scalar", "threads", "libcnnnative", AppContext.BaseDirectory];
        foreach (string expected in parts)
        {
            Assert.Contains(WithoutSpace(expected), output, StringComparison.Ordinal);
        }

        static string WithoutSpace(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
    }

    [Fact]
    public void An_interrupt_ends_with_130_and_leaves_no_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        using Process process = CnnProcess.StartInterruptible(
            ["filter", WritePicture(), "--size", "12000x12000", "--out", Path.Combine(_folder, "out")]);
        while (!process.WaitForExit(200))
        {
            using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
        }

        Assert.Equal(130, process.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));
    }

    private static JsonDocument Json(CnnResult result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        return JsonDocument.Parse(result.Output);
    }

    /// <summary>A picture with edges in all directions.</summary>
    private string WritePicture()
    {
        const int width = 90, height = 70;
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width;
            pixels[i] = (byte)((x * x + y * y * (1 + i % 3)) / 7);
        }

        string path = Path.Combine(_folder, "picture.png");
        Image.FromPixels(pixels, width, height, 3).Save(path);
        return path;
    }
}
