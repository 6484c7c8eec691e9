// Every command of cnn, compiled ahead of time: what trimming has taken away is missed when a command runs, and not before.

using System.Text.Json;
using System.Text.RegularExpressions;

namespace CnnNative.PackageTests;

public sealed partial class CommandTests(CommandAheadOfTime cnn) : IClassFixture<CommandAheadOfTime>
{
    // Words of a command, and a file that it writes, or words that it prints. They stand on each other, in this order.
    private static readonly (string Words, string Result)[] _uses =
    [
        ("train --data mnist-10k --limit 600 --epochs 1 --out digits.cnn --plots plots --history history.csv --tensorboard events",
            "digits.cnn"),
        ("eval digits.cnn --data mnist-10k --limit 300 --plots eval --report report.md", "report.md"),
        ("predict digits.cnn cat.png", "%"),
        ("convert digits.cnn digits.onnx", "digits.onnx"),
        ("run digits.onnx --image cat.png --out answers", "answers"),
        ("info digits.onnx --passes", "fuse-activations"),
        ("info --system", "cnnnative"),
        ("bench digits.cnn --seconds 0.1 --profile", "ms"),
        ("filter cat.png --kernel sobel-x --out pictures", "pictures/steps.png"),
        ("demo --out demo", "demo/steps.png"),
    ];

    [Fact]
    public void Every_command_runs()
    {
        string help = cnn.Run("--help");

        string list = help[help.IndexOf("Commands:", StringComparison.Ordinal)..];
        string[] commands = [.. Commands().Matches(list).Select(match => match.Groups[1].Value)];
        foreach ((string words, string result) in _uses)
        {
            string output = cnn.Run(words);
            Assert.True(
                Path.Exists(Path.Combine(cnn.Root, result)) || output.Contains(result, StringComparison.Ordinal),
                $"cnn {words} neither wrote nor said '{result}':\n{output}");
        }

        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Contains(_uses, use => use.Words.StartsWith(command + ' ', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("train --data mnist-10k --limit 300 --epochs 1 --out small.cnn --json")]
    [InlineData("info lenet --json")]
    [InlineData("bench lenet --seconds 0.1 --json")]
    public void A_command_answers_in_JSON(string words)
    {
        (int code, string output) = cnn.TryRun(words);

        Assert.True(code == 0, output);
        using JsonDocument answer = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)]);
        Assert.NotEmpty(answer.RootElement.EnumerateObject());
    }

    [Fact]
    public void A_mistake_is_told_in_a_line()
    {
        (int code, string output) = cnn.TryRun("info nothing.onnx");

        Assert.Equal(2, code);
        Assert.Single(output.Trim().Split('\n'));
        Assert.StartsWith("cnn: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_size_and_its_start_are_told()
    {
        FileInfo[] files = [.. new DirectoryInfo(Path.Combine(cnn.Root, "out")).EnumerateFiles("*", SearchOption.AllDirectories)];
        (TimeSpan command, TimeSpan hello) = cnn.MeasureStart();

        foreach (FileInfo file in files.OrderByDescending(file => file.Length))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{file.Length,12:N0} {Path.GetRelativePath(cnn.Root, file.FullName)}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"cnn --help starts and ends in {command.TotalMilliseconds:F0} ms, hello world in {hello.TotalMilliseconds:F0} ms");
        Assert.DoesNotContain(files, file => file.Name is "cnn.dll");
        Assert.Contains(files, file => file.Name == ConsumerTests.NativeFile);
    }

    [GeneratedRegex(@"^  ([a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex Commands();
}
