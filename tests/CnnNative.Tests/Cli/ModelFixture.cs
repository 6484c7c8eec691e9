// A model that the command trained, for the tests that need one: made once, because it takes a second.

using System.Text.Json;

namespace CnnNative.Tests.Cli;

/// <summary>A LeNet-5 that reads digits, with the report of its training.</summary>
public sealed class ModelFixture : IDisposable
{
    public ModelFixture()
    {
        Folder = Directory.CreateTempSubdirectory("cnn-model").FullName;
        Path = System.IO.Path.Combine(Folder, "digits.cnn");
        CnnResult result = CnnProcess.Run(
            ["train", "--data", "mnist-10k", "--limit", "3000", "--epochs", "3", "--seed", "5", "--out", Path, "--json"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        (Output, Progress) = (result.Output, result.Errors);
        using var report = JsonDocument.Parse(result.Output);
        Report = report.RootElement.Clone();
    }

    public string Folder { get; }

    /// <summary>The model.</summary>
    public string Path { get; }

    /// <summary>What came on stdout.</summary>
    public string Output { get; }

    /// <summary>What came on stderr.</summary>
    public string Progress { get; }

    /// <summary>What was printed with --json.</summary>
    public JsonElement Report { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
